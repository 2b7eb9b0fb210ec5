//! `[console]`: the settings of the web console.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};

/// The variable with the console's token, which stands in no file of settings.
pub const TOKEN_VARIABLE: &str = "TASTEMAKER_CONSOLE__TOKEN";

/// `[console]`: the web console.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleConfig {
    /// Whether there is a console at all.
    pub enabled: bool,
    /// The path before `/console`, such as `/rec`, where a proxy passes such a path on; a trusted proxy may say it in
    /// `X-Forwarded-Prefix` as well.
    pub base_path: String,
    /// Whether every change is refused.
    pub read_only: bool,
    /// Who has to log in.
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
    /// The token of [`TOKEN_VARIABLE`]; without it that of the data directory.
    #[serde(skip)]
    pub token: Option<Token>,
}

/// Who has to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginConfig {
    /// Everybody.
    Always,
    /// Everybody but callers on this machine of a listener that only this machine reaches.
    LoopbackFree,
}

/// The language of those who did not choose one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LanguageConfig {
    /// The browser's.
    Auto,
    /// English.
    En,
    /// Korean.
    Ko,
}

/// A token, which no log shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
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
