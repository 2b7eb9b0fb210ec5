//! `[console]`: the settings of the web console.

use crate::secret::Secret;
use anyhow::{Result, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::num::{NonZeroU32, NonZeroU64};
use tastemaker_console::client::is_path;
use tastemaker_console::headers::is_image_host;

/// Characters of a token that somebody chose.
const TOKEN_CHARACTERS_MIN: usize = 16;

/// `[console]`: the web console.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleConfig {
    /// Whether there is a console at all.
    pub enabled: bool,
    /// The path before `/console`, such as `/rec`, where a proxy passes such a path on; a trusted proxy may say it in
    /// `X-Forwarded-Prefix` as well.
    pub base_path: String,
    /// Whether every change is refused.
    pub read_only: bool,
    /// The rule for who has to log in.
    pub login: LoginConfig,
    /// Hours for which a login holds.
    pub session_hours: NonZeroU32,
    /// Names besides `localhost` and those of `http.hosts` by which the console is called; addresses always are.
    pub hosts: Vec<String>,
    /// Bytes of an upload.
    pub upload_bytes_max: NonZeroU64,
    /// The language of those who did not choose one.
    pub language: LanguageConfig,
    /// Origins besides its own from which pages show pictures, such as `https://cdn.shop.example`.
    pub image_hosts: Vec<String>,
    /// The token that logs in, of at least 16 characters; without it that of the data directory. It stands in no file of settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
}

/// The rule for who has to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LoginConfig {
    /// Everybody.
    Always,
    /// Everybody but callers on this machine of a listener that only this machine reaches.
    LoopbackFree,
}

/// The language of those who did not choose one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LanguageConfig {
    /// The browser's.
    Auto,
    /// English.
    En,
    /// Korean.
    Ko,
}

impl Default for ConsoleConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            base_path: String::new(),
            read_only: false,
            login: LoginConfig::Always,
            session_hours: NonZeroU32::new(12).unwrap_or(NonZeroU32::MIN),
            hosts: Vec::new(),
            upload_bytes_max: NonZeroU64::new(20 << 30).unwrap_or(NonZeroU64::MIN),
            language: LanguageConfig::Auto,
            image_hosts: Vec::new(),
            token: None,
        }
    }
}

impl ConsoleConfig {
    /// The base path without a slash at its end.
    pub fn base_path(&self) -> Result<&str> {
        let path = self.base_path.trim_end_matches('/');
        if !is_path(path) {
            bail!(
                "console.base_path: '{}' is no path such as /rec: a slash before each of its segments of letters, digits, '-', '_', \
                 '.' and '~'",
                self.base_path
            );
        }
        Ok(path)
    }

    /// Refuses settings that cannot be meant.
    pub fn check(&self) -> Result<()> {
        self.base_path()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if let Some(host) = self.hosts.iter().find(|host| host.is_empty() || !host.chars().all(plain)) {
            bail!("console.hosts: '{host}' is no name of a host such as rec.example.com");
        }
        if let Some(wrong) = self.image_hosts.iter().find(|host| !is_image_host(host)) {
            bail!("console.image_hosts: '{wrong}' is no origin such as https://cdn.shop.example");
        }
        if self.token.as_ref().is_some_and(|token| token.reveal().len() < TOKEN_CHARACTERS_MIN) {
            bail!("console.token: a token has at least {TOKEN_CHARACTERS_MIN} characters");
        }
        Ok(())
    }
}
