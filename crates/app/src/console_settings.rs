//! `[console]` as the console takes it, and the links that log in.

use crate::config::{Config, reachable_url};
use crate::console_config::{LanguageConfig, LoginConfig};
use crate::console_ports::with_client;
use crate::data_dir::Credentials;
use anyhow::{Context, Result};
use std::time::{SystemTime, UNIX_EPOCH};
use tastemaker_console::Pages;
use tastemaker_console::config::{About, ConsoleConfig as Settings, Login, Setting, User};
use tastemaker_console::cx::segment;
use tastemaker_console::language::Language;
use tastemaker_console::ports::Ports;
use tastemaker_console::secrets::Secrets;
use tastemaker_console::session::Role;
use tastemaker_http::ConsoleMount;
use tokio::sync::watch;

/// Facts of the server that the console needs besides its settings.
pub struct Running {
    /// The keys of the data directory.
    pub credentials: Credentials,
    /// The secret of the data directory.
    pub secrets: Secrets,
    /// The time at which the server started.
    pub started_ms: i64,
    /// The command that sets up AWS clients in a shell.
    pub env_command: String,
    /// Every setting as it is in effect now.
    pub shown: watch::Receiver<Vec<Setting>>,
    /// Turns true when the server stops.
    pub stopping: watch::Receiver<bool>,
}

/// The console of a running server.
pub struct LiveConsole {
    /// Facts of the server.
    pub running: Running,
    /// The pages with what they remember.
    pub pages: Pages,
}

impl LiveConsole {
    /// Its first pages, and the console itself.
    pub fn start(config: &Config, running: Running, ports: Ports) -> Result<(Self, ConsoleMount)> {
        let settings = settings(config, &running)?;
        let base_path = settings.base_path.clone();
        let (pages, router) = Pages::start(settings, ports);
        Ok((Self { running, pages }, ConsoleMount { base_path, pages: with_client(router) }))
    }

    /// Its pages by another configuration.
    pub fn with(&self, config: &Config) -> Result<ConsoleMount> {
        let settings = settings(config, &self.running)?;
        Ok(ConsoleMount { base_path: settings.base_path.clone(), pages: with_client(self.pages.with(settings)) })
    }
}

/// The settings of the console of a server.
fn settings(config: &Config, running: &Running) -> Result<Settings> {
    let Running { credentials, secrets, started_ms, env_command, shown, stopping } = running;
    let console = &config.console;
    let token = console.token.as_ref().map_or(credentials.console_token.as_str(), |token| token.reveal()).to_owned();
    Ok(Settings {
        base_path: console.base_path()?.to_owned(),
        read_only: console.read_only,
        login: match console.login {
            LoginConfig::Always => Login::Always,
            LoginConfig::LoopbackFree => Login::LoopbackFree,
        },
        listens_on_loopback: config.listens_on_loopback()?,
        session_seconds: i64::from(console.session_hours.get()) * 3600,
        hosts: hosts(config),
        upload_bytes_max: console.upload_bytes_max.get(),
        language: match console.language {
            LanguageConfig::Auto => None,
            LanguageConfig::En => Some(Language::En),
            LanguageConfig::Ko => Some(Language::Ko),
        },
        image_hosts: console.image_hosts.clone(),
        user: User { key_id: credentials.access_key_id.clone(), token },
        secrets: secrets.clone(),
        region: config.region.clone(),
        account_id: config.account_id.clone(),
        about: About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            data_dir: std::path::absolute(&config.data_dir).unwrap_or(config.data_dir.clone()).display().to_string(),
            started_ms: *started_ms,
            env_command: env_command.clone(),
            settings: shown.clone(),
        },
        stopping: stopping.clone(),
    })
}

/// A link that logs in once, for a server at an address as [`crate::config::noted_address`] gives it.
pub fn login_link(config: &Config, address: &str, secrets: &Secrets, role: Role) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    let code = secrets.make_code(role, i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    Ok(format!("{}/login?code={code}", console_address(config, address)?))
}

/// A link that logs in once, with all rights, and leads to a page below the console's path.
pub fn login_link_to(config: &Config, address: &str, secrets: &Secrets, page: &str) -> Result<String> {
    Ok(format!("{}&next={}", login_link(config, address, secrets, Role::Edit)?, segment(page)))
}

/// The address of the console's first page, without a slash at its end, on a server at such an address.
pub fn console_address(config: &Config, address: &str) -> Result<String> {
    Ok(format!("{}{}/console", reachable_url(address), config.console.base_path()?))
}

/// Names of hosts by which the console is called: its own, the listener's, and those of unsigned requests.
fn hosts(config: &Config) -> Vec<String> {
    let listener = config.listen.rsplit_once(':').map_or("", |(host, _)| host);
    let all = config.console.hosts.iter().chain(&config.http.hosts).map(String::as_str).chain([listener]);
    all.filter(|host| !host.is_empty()).map(str::to_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_config::config;
    use tastemaker_console::config::SettingSource;
    use tastemaker_console::secrets::SECRET_BYTES;

    fn loaded(toml: &str) -> Result<Settings> {
        let (_dir, config, credentials) = config(toml)?;
        let secrets = Secrets::of(vec![1; SECRET_BYTES]).context("enough bytes")?;
        let stopping = watch::channel(false).1;
        let shown = watch::channel(config.settings.clone()).1;
        let running = Running { credentials, secrets, started_ms: 5, env_command: "env".into(), shown, stopping };
        settings(&config, &running)
    }

    #[test]
    fn every_key_reaches_the_console() -> Result<()> {
        let plain = loaded("")?;
        assert_eq!((plain.login, plain.session_seconds, plain.language), (Login::Always, 12 * 3600, None));
        assert_eq!((plain.upload_bytes_max, plain.user.token.as_str()), (20 << 30, "console"));
        assert_eq!((plain.hosts, plain.listens_on_loopback), (vec!["127.0.0.1".to_owned()], true));
        let all = loaded(
            "listen = 'localhost:1'\n[http]\nhosts = ['Rec.example.com']\n[console]\nbase_path = '/a/b/'\nread_only = true\n\
             login = 'loopback-free'\nsession_hours = 1\nhosts = ['shop.example']\nupload_bytes_max = 7\nlanguage = 'ko'\n\
             image_hosts = ['https://cdn.shop.example']",
        )?;
        assert_eq!((all.base_path.as_str(), all.read_only, all.login), ("/a/b", true, Login::LoopbackFree));
        assert_eq!((all.session_seconds, all.upload_bytes_max, all.language), (3600, 7, Some(Language::Ko)));
        assert_eq!(all.hosts, ["shop.example", "rec.example.com", "localhost"]);
        assert_eq!(all.image_hosts, ["https://cdn.shop.example"]);
        let settings = all.about.settings.borrow();
        let shown = settings.iter().find(|setting| setting.key == "console.login").context("shown")?;
        assert_eq!((shown.value.as_str(), shown.source), ("\"loopback-free\"", SettingSource::File));
        Ok(())
    }

    #[test]
    fn faults_name_the_key_and_the_rule() {
        for (toml, word) in [
            ("base_path = 'rec'", "console.base_path: 'rec' is no path such as /rec"),
            ("base_path = '/a b'", "'/a b' is no path"),
            ("hosts = ['https://x']", "console.hosts: 'https://x' is no name"),
            ("image_hosts = ['cdn.shop.example']", "console.image_hosts: 'cdn.shop.example' is no origin"),
            ("login = 'never'", "console.login"),
            ("language = 'de'", "console.language"),
            ("session_hours = 0", "console.session_hours must be a whole number from 1"),
            ("upload_bytes_max = 0", "at least 1"),
            ("token = 'x'", "console.token is a secret and stands in no file of settings"),
        ] {
            let error = format!("{:#}", loaded(&format!("[console]\n{toml}")).expect_err(toml));
            assert!(error.contains(word), "{toml}: {error}");
        }
    }

    #[test]
    fn a_link_leads_to_the_console_of_a_listener_on_every_address() -> Result<()> {
        let (_dir, config, _) = config("listen = '0.0.0.0:1'\ninsecure_http = true\n[console]\nbase_path = '/rec'")?;
        let secrets = Secrets::of(vec![1; SECRET_BYTES]).context("enough bytes")?;
        let link = login_link(&config, "0.0.0.0:4100", &secrets, Role::View)?;
        assert!(link.starts_with("http://127.0.0.1:4100/rec/console/login?code="), "{link}");
        Ok(())
    }
}
