//! `[log]`: the format and the level of the log, and the lines of requests.

use anyhow::{Context, Result, bail};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;
use tastemaker_http::request_log::RequestLog;
use tracing::Level;
use tracing_subscriber::EnvFilter;

/// The beginning of the variables that are keys of `[log]`.
const VARIABLES: &str = "TASTEMAKER_LOG__";
/// Whatever a server says at the level `warn` of how far trainings are and what they wait for.
const PROGRESS: &str = "tastemaker_jobs::progress_log=info,tastemaker_jobs::schedule=info,\
                        tastemaker_jobs::training_memory=info,tastemaker_http::tls=info,tastemaker::reload=info,\
                        tastemaker::backup::schedule=info";
/// The levels.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// `[log]`: the log, which is written to standard error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// `text` for people, or `json`: an object a line with the members of the guide.
    pub format: LogFormat,
    /// The least level that is written: `error`, `warn`, `info`, `debug`, `trace` or `off`; or such words by room with commas between
    /// them, as in `warn,tastemaker_http=info`. The variable `TASTEMAKER_LOG` goes before it.
    pub level: String,
    /// The level of the line of each request, so that it is written where `level` is the same or finer; `off` writes none.
    pub request_level: RequestLevel,
    /// Milliseconds from which on a request is slow and has a line with its parts at the level `warn`; 0 for none.
    pub slow_request_ms: u64,
    /// Whether the lines of requests name the user that they are about.
    pub user_ids: bool,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            level: "warn".to_owned(),
            request_level: RequestLevel::Info,
            slow_request_ms: 1_000,
            user_ids: false,
        }
    }
}

/// The format of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// An object a line.
    Json,
}

/// The level of the line of each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RequestLevel {
    /// No line.
    Off,
    /// `error`.
    Error,
    /// `warn`.
    Warn,
    /// `info`.
    Info,
    /// `debug`.
    Debug,
    /// `trace`.
    Trace,
}

impl RequestLevel {
    fn level(self) -> Option<Level> {
        match self {
            Self::Off => None,
            Self::Error => Some(Level::ERROR),
            Self::Warn => Some(Level::WARN),
            Self::Info => Some(Level::INFO),
            Self::Debug => Some(Level::DEBUG),
            Self::Trace => Some(Level::TRACE),
        }
    }
}

/// Flags of `[log]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize)]
pub struct LogFlags {
    /// Format of the log [default: text]
    #[arg(long = "log-format", value_name = "FORMAT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<LogFormat>,
}

impl LogFlags {
    /// Whether no flag was given.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl LogConfig {
    /// `[log]` alone, for what is said before the whole configuration was read. What cannot be read is the default here: whoever
    /// reads all of it says what is wrong.
    pub fn early(file: Option<&Path>, flags: &LogFlags) -> Self {
        let toml = file.map(|file| Figment::from(Toml::file_exact(file)).focus("log")).unwrap_or_default();
        let merged = toml.merge(Env::prefixed(VARIABLES)).merge(Serialized::defaults(flags));
        merged.extract().unwrap_or_default()
    }

    /// Refuses levels that are none.
    pub fn check(&self) -> Result<()> {
        self.filter(true).map(drop)
    }

    /// The filter of a command's log; a server says more.
    pub fn filter(&self, of_server: bool) -> Result<EnvFilter> {
        for directive in self.level.split(',').map(str::trim) {
            let level = directive.rsplit_once('=').map_or(directive, |(_, level)| level);
            if !LEVELS.contains(&level) {
                bail!("log.level: '{level}' in '{}' is no level; there are {}", self.level, LEVELS.join(", "));
            }
        }
        let mut directives = vec![self.level.as_str()];
        // The S3 protocol crate reports every refused request as an error of the server, and debug lines of it hold whole requests.
        if !self.level.contains("s3s") {
            directives.push("s3s=off");
        }
        if of_server && self.level == "warn" {
            directives.push(PROGRESS);
        }
        let text = directives.join(",");
        EnvFilter::builder().parse(&text).with_context(|| format!("log.level: '{}' cannot be read", self.level))
    }

    /// The lines of requests.
    pub fn requests(&self) -> RequestLog {
        let slow = (self.slow_request_ms > 0).then(|| Duration::from_millis(self.slow_request_ms));
        RequestLog { level: self.request_level.level(), slow, user_ids: self.user_ids }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_config::config;

    #[test]
    fn every_key_is_read_and_faults_name_it() -> Result<()> {
        let (_dir, plain, _) = config("")?;
        assert_eq!(plain.log.requests(), RequestLog::default());
        assert!(plain.log.filter(true)?.to_string().contains("progress_log=info"));
        assert!(!plain.log.filter(false)?.to_string().contains("progress_log"));
        let toml = "[log]\nformat = 'json'\nlevel = 'info,tastemaker_jobs=debug'\nrequest_level = 'off'\n\
                    slow_request_ms = 0\nuser_ids = true";
        let (dir, all, _) = config(toml)?;
        assert_eq!(all.log.format, LogFormat::Json);
        assert_eq!(all.log.requests(), RequestLog { level: None, slow: None, user_ids: true });
        let filter = all.log.filter(true)?.to_string();
        assert!(filter.contains("tastemaker_jobs=debug") && filter.contains("s3s=off") && !filter.contains("progress"));
        let file = dir.path().join("t.toml");
        assert_eq!(LogConfig::early(Some(&file), &LogFlags::default()), all.log);
        let text = LogFlags { format: Some(LogFormat::Text) };
        assert_eq!(LogConfig::early(Some(&file), &text).format, LogFormat::Text);
        assert_eq!(LogConfig::early(Some(&dir.path().join("absent")), &LogFlags::default()), LogConfig::default());
        for (toml, word) in [
            ("level = 'wran'", "log.level: 'wran' in 'wran' is no level; there are off, error"),
            ("level = 'warn,tastemaker_http=loud'", "'loud'"),
            ("format = 'xml'", "log.format"),
            ("request_level = 'loud'", "log.request_level"),
            ("slow_request_ms = -1", "log.slow_request_ms"),
            ("levle = 'warn'", "unknown key log.levle; did you mean level?"),
        ] {
            let error = format!("{:#}", config(&format!("[log]\n{toml}")).map(|_| ()).expect_err(toml));
            assert!(error.contains(word), "{toml}: {error}");
        }
        Ok(())
    }
}
