//! A configuration from TOML, for tests of settings.

use crate::config::{Config, ConfigFlags};
use crate::data_dir::Credentials;
use anyhow::Result;
use tempfile::TempDir;

/// The configuration that `toml` says, and credentials. `DIR` stands for a folder, kept as long as the first value, with the files
/// `token`, `empty` and `keys.json`.
pub fn config(toml: &str) -> Result<(TempDir, Config, Credentials)> {
    let dir = tempfile::tempdir()?;
    std::fs::write(dir.path().join("token"), "s3cret\n")?;
    std::fs::write(dir.path().join("empty"), "\n")?;
    std::fs::write(dir.path().join("keys.json"), "{\"keys\":[]}")?;
    let file = dir.path().join("t.toml");
    std::fs::write(&file, toml.replace("DIR", &dir.path().display().to_string()))?;
    let config = Config::load(&ConfigFlags { config: Some(file), ..ConfigFlags::default() })?;
    let credentials = Credentials {
        access_key_id: "k".into(),
        secret_access_key: "s".into(),
        recommendations_token: "own".into(),
        console_token: "console".into(),
    };
    Ok((dir, config, credentials))
}
