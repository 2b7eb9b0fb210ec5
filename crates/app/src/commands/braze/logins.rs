//! The stored logins of a preview: those of a file, or the tokens of a server on this machine.

use super::files::json;
use crate::data_dir::Credentials;
use crate::recommendations_config::KeyConfig;
use anyhow::{Context, Result};
use figment::Figment;
use figment::providers::{Format, Toml};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tastemaker_braze::preview::Credential;

/// The login that the guide stores in Braze.
const LOGIN: &str = "tastemaker";
/// The scope of requests that name no recommender.
const DEFAULT_SCOPE: &str = "default";
/// Settings that are read when no others are named.
const CONFIG: &str = "tastemaker.toml";
/// The data directory that is looked into when no other is named.
const DATA_DIR: &str = "tastemaker-data";

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Login {
    Basic { username: String, password: String },
    Headers { headers: BTreeMap<String, String> },
}

/// The logins of a JSON file.
pub fn in_file(path: &Path) -> Result<BTreeMap<String, Credential>> {
    let logins: BTreeMap<String, Login> = serde_json::from_value(json(path)?)
        .with_context(|| format!("{}: a login has \"username\" and \"password\", or \"headers\"", path.display()))?;
    let credential = |login| match login {
        Login::Basic { username, password } => Credential::Basic { username, password },
        Login::Headers { headers } => Credential::Headers(headers),
    };
    Ok(logins.into_iter().map(|(name, login)| (name, credential(login))).collect())
}

/// The tokens of a server whose settings or data directory are at hand; none where there are neither.
pub fn at_hand(config: Option<&Path>, data_dir: Option<&Path>) -> Result<BTreeMap<String, Credential>> {
    let config = config.map_or_else(|| PathBuf::from(CONFIG), Path::to_path_buf);
    let basic = |password: &str| Credential::Basic { username: LOGIN.to_owned(), password: password.to_owned() };
    let mut logins = BTreeMap::new();
    for key in keys(&config)? {
        let token = std::fs::read_to_string(&key.token_file).with_context(|| {
            format!("{}: cannot read {} of the key '{}'", config.display(), key.token_file.display(), key.name)
        })?;
        if key.scopes.iter().all(|scopes| scopes.iter().any(|scope| scope == DEFAULT_SCOPE)) {
            logins.entry(LOGIN.to_owned()).or_insert_with(|| basic(token.trim()));
        }
        logins.insert(key.name, basic(token.trim()));
    }
    if logins.is_empty()
        && let Some(own) = Credentials::existing(data_dir.unwrap_or(Path::new(DATA_DIR)))?
    {
        logins.insert(LOGIN.to_owned(), basic(&own.recommendations_token));
    }
    Ok(logins)
}

/// `[[recommendations.keys]]` of a file that may not be there.
fn keys(config: &Path) -> Result<Vec<KeyConfig>> {
    if !config.exists() {
        return Ok(Vec::new());
    }
    let figment = Figment::from(Toml::file_exact(config));
    if figment.find_value("recommendations.keys").is_err() {
        return Ok(Vec::new());
    }
    figment.extract_inner("recommendations.keys").with_context(|| format!("{}: bad keys", config.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(logins: &BTreeMap<String, Credential>, name: &str) -> Option<String> {
        match logins.get(name) {
            Some(Credential::Basic { password, .. }) => Some(password.clone()),
            _ => None,
        }
    }

    #[test]
    fn the_tokens_of_the_settings_come_before_that_of_the_data_directory() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let (config, data) = (dir.path().join("tastemaker.toml"), dir.path().join("data"));
        assert_eq!(at_hand(Some(&config), Some(&data))?.len(), 0);
        assert!(!data.exists());
        let own = Credentials::load_or_create(&data, None)?.recommendations_token;
        assert_eq!(password(&at_hand(Some(&config), Some(&data))?, "tastemaker"), Some(own.clone()));
        std::fs::write(&config, "[recommendations]\naccess = \"always\"\n")?;
        assert_eq!(password(&at_hand(Some(&config), Some(&data))?, "tastemaker"), Some(own));

        let token = |name: &str| dir.path().join(name).display().to_string();
        std::fs::write(token("one"), "first\n")?;
        std::fs::write(token("two"), "second\n")?;
        let keys = format!(
            "[[recommendations.keys]]\nname = \"events\"\ntoken_file = {:?}\nscopes = [\"currents\"]\n\
             [[recommendations.keys]]\nname = \"braze\"\ntoken_file = {:?}\nscopes = [\"default\", \"home\"]\n",
            token("one"),
            token("two")
        );
        std::fs::write(&config, keys)?;
        let logins = at_hand(Some(&config), Some(&data))?;
        let of = |name: &str| password(&logins, name);
        assert_eq!((of("events").as_deref(), of("braze").as_deref()), (Some("first"), Some("second")));
        assert_eq!(of("tastemaker").as_deref(), Some("second"));
        std::fs::remove_file(token("two"))?;
        let error = at_hand(Some(&config), Some(&data)).expect_err("a token is missing");
        assert!(error.to_string().contains("two of the key 'braze'"), "{error:#}");
        Ok(())
    }
}
