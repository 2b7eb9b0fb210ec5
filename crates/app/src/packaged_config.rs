//! The settings file of the packages, compared with the settings.

use crate::config::Config;
use crate::test_config::config;
use anyhow::Result;

/// The file that packages install.
const PACKAGED: &str = include_str!("../../../deploy/tastemaker.toml");

/// The file with the `#` before settings taken away.
fn uncommented() -> String {
    let setting = |line: &str| {
        let rest = line.strip_prefix('#').filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '['));
        rest.unwrap_or(line).to_owned() + "\n"
    };
    PACKAGED.lines().map(setting).collect()
}

#[test]
fn its_settings_are_the_defaults_but_for_the_data_directory() -> Result<()> {
    let defaults = serde_json::to_value(Config { data_dir: "/var/lib/tastemaker".into(), ..Config::default() })?;
    for text in [PACKAGED.to_owned(), uncommented()] {
        assert_eq!(serde_json::to_value(config(&text)?.1)?, defaults, "{text}");
    }
    assert!(uncommented().matches("\n[").count() >= 5, "sections are uncommented");
    Ok(())
}
