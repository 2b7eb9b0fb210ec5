//! `[console]` as the console takes it, and the links that log in.

use crate::config::{Config, reachable};
use crate::console_config::{ConsoleConfig, LanguageConfig, LoginConfig};
use crate::data_dir::Credentials;
use anyhow::{Context, Result, bail};
use std::time::{SystemTime, UNIX_EPOCH};
use tastemaker_console::client::is_path;
use tastemaker_console::config::{About, ConsoleConfig as Settings, Login, User};
use tastemaker_console::cx::segment;
use tastemaker_console::headers::is_image_host;
use tastemaker_console::language::Language;
use tastemaker_console::secrets::Secrets;
use tastemaker_console::session::Role;
use tokio::sync::watch;

/// What the console needs to know besides its settings.
pub struct Running<'a> {
    /// The keys of the data directory.
    pub credentials: &'a Credentials,
    /// The secret of the data directory.
    pub secrets: Secrets,
    /// The time at which the server started.
    pub started_ms: i64,
    /// The command that sets up AWS clients in a shell.
    pub env_command: String,
    /// Turns true when the server stops.
    pub stopping: watch::Receiver<bool>,
}

/// The settings of the console of a server.
pub fn settings(config: &Config, running: Running<'_>) -> Result<Settings> {
    let Running { credentials, secrets, started_ms, env_command, stopping } = running;
    let console = &config.console;
    let token = console.token.as_ref().map_or(&credentials.console_token, |token| &token.0).clone();
    Ok(Settings {
        base_path: base_path(console)?,
        read_only: console.read_only,
        login: match console.login {
            LoginConfig::Always => Login::Always,
            LoginConfig::LoopbackFree => Login::LoopbackFree,
        },
        listens_on_loopback: config.listens_on_loopback()?,
        session_seconds: i64::from(console.session_hours.get()) * 3600,
        hosts: hosts(config)?,
        upload_bytes_max: console.upload_bytes_max.get(),
        language: match console.language {
            LanguageConfig::Auto => None,
            LanguageConfig::En => Some(Language::En),
            LanguageConfig::Ko => Some(Language::Ko),
        },
        image_hosts: image_hosts(console)?,
        user: User { key_id: credentials.access_key_id.clone(), token },
        secrets,
        region: config.region.clone(),
        account_id: config.account_id.clone(),
        about: About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            data_dir: std::path::absolute(&config.data_dir).unwrap_or(config.data_dir.clone()).display().to_string(),
            started_ms,
            env_command,
            settings: config.settings.clone(),
        },
        stopping,
    })
}

/// A link that logs in once, for a server that listens on `address`.
pub fn login_link(config: &Config, address: &str, secrets: &Secrets, role: Role) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    let code = secrets.make_code(role, i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    Ok(format!("{}/login?code={code}", console_address(config, address)?))
}

/// A link that logs in once, with all rights, and leads to a page below the console's path.
pub fn login_link_to(config: &Config, address: &str, secrets: &Secrets, page: &str) -> Result<String> {
    Ok(format!("{}&next={}", login_link(config, address, secrets, Role::Edit)?, segment(page)))
}

/// The address of the console's first page, without a slash at its end, on a server that listens on `address`.
pub fn console_address(config: &Config, address: &str) -> Result<String> {
    Ok(format!("http://{}{}/console", reachable(address), base_path(&config.console)?))
}

/// Checks the settings that can be wrong.
pub fn check(config: &Config) -> Result<()> {
    base_path(&config.console)?;
    hosts(config)?;
    image_hosts(&config.console)?;
    if config.console.token.as_ref().is_some_and(|token| token.0.len() < TOKEN_CHARACTERS_MIN) {
        bail!("{}: a token has at least {TOKEN_CHARACTERS_MIN} characters", crate::console_config::TOKEN_VARIABLE);
    }
    Ok(())
}

/// Characters of a token that somebody chose.
const TOKEN_CHARACTERS_MIN: usize = 16;

fn base_path(console: &ConsoleConfig) -> Result<String> {
    let path = console.base_path.trim_end_matches('/');
    if !is_path(path) {
        bail!(
            "console.base_path: '{}' is no path such as /rec: a slash before each of its segments of letters, digits, '-', '_', \
             '.' and '~'",
            console.base_path
        );
    }
    Ok(path.to_owned())
}

fn hosts(config: &Config) -> Result<Vec<String>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    for host in &config.console.hosts {
        if host.is_empty() || !host.chars().all(plain) {
            bail!("console.hosts: '{host}' is no name of a host such as rec.example.com");
        }
    }
    let listener = config.listen.rsplit_once(':').map_or("", |(host, _)| host);
    let all = config.console.hosts.iter().chain(&config.http.hosts).map(String::as_str).chain([listener]);
    Ok(all.filter(|host| !host.is_empty()).map(str::to_ascii_lowercase).collect())
}

fn image_hosts(console: &ConsoleConfig) -> Result<Vec<String>> {
    if let Some(wrong) = console.image_hosts.iter().find(|host| !is_image_host(host)) {
        bail!("console.image_hosts: '{wrong}' is no origin such as https://cdn.shop.example");
    }
    Ok(console.image_hosts.clone())
}
