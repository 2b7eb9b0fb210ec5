//! `tastemaker serve`: the server.

use crate::config::{Config, ConfigFlags, noted_address};
use crate::config_rules;
use crate::config_sources::Environment;
use crate::console_settings::login_link;
use crate::reload::Hangups;
use crate::server::Server;
use crate::service_manager;
use crate::stop::StopSignal;
use anyhow::Result;
use axum::Router;
use std::io::{IsTerminal, Write};
use tastemaker_console::session::Role;

/// Flags of `serve`.
#[derive(Debug, clap::Args)]
pub struct ServeFlags {
    #[command(flatten)]
    pub(crate) config: ConfigFlags,
    /// Start although the records and the blobs of the data directory do not belong together, as after a lost database:
    /// blobs that no record names are set aside in blobs/lost
    #[arg(long)]
    accept_mismatch: bool,
}

/// Serves until SIGINT or SIGTERM.
pub async fn run(flags: &ServeFlags) -> Result<()> {
    let config = Config { accept_mismatch: flags.accept_mismatch, ..Config::load(&flags.config)? };
    config_rules::check(&config, &flags.config, &Environment::of_process())?;
    // From here on a hangup ends nothing.
    let hangups = Hangups::listen()?;
    let env = env_command(&flags.config, &config);
    let server = Server::start(&config, env.clone(), |_| Router::new()).await?;
    let signal = StopSignal::listen()?;
    let console = console_lines(&config, &server)?;
    let ready = format!("tastemaker is ready at {}\nin another shell: {env}\n{console}", server.url());
    // One write, whose failure ends nothing: whoever has read the first line, or does not read at all, may close the pipe.
    if let Err(error) = std::io::stdout().write_all(ready.as_bytes()) {
        tracing::warn!(%error, "nobody reads the output");
    }
    tokio::spawn(hangups.reload(server.reloader.clone(), flags.config.clone(), service_manager::reloading));
    server.run_until(signal).await
}

/// A link that logs in to the console, for whoever sits at the terminal; pipes and logs get none.
fn console_lines(config: &Config, server: &Server) -> Result<String> {
    match &server.console {
        Some(secrets) if std::io::stdout().is_terminal() => {
            let link = login_link(config, &noted_address(&server.address, &config.tls), secrets, Role::Edit)?;
            Ok(format!("console (once, within ten minutes): {link}\n"))
        }
        _ => Ok(String::new()),
    }
}

/// The command by which AWS clients of another shell in the same directory talk to this server.
pub fn env_command(flags: &ConfigFlags, config: &Config) -> String {
    let mut command = "eval \"$(tastemaker env".to_owned();
    if let Some(file) = &flags.config {
        command += &format!(" --config {}", quoted(&file.display().to_string()));
    }
    if config.data_dir != Config::default().data_dir {
        command += &format!(" --data-dir {}", quoted(&config.data_dir.display().to_string()));
    }
    command + ")\""
}

/// The text as one word of a shell's command line.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_for_another_shell_names_what_is_not_usual() {
        let said = |flags: ConfigFlags| {
            let config =
                Config { data_dir: flags.data_dir.clone().unwrap_or(Config::default().data_dir), ..Config::default() };
            env_command(&flags, &config)
        };
        assert_eq!(said(ConfigFlags::default()), "eval \"$(tastemaker env)\"");
        let all =
            ConfigFlags { config: Some("t.toml".into()), data_dir: Some("my data".into()), ..ConfigFlags::default() };
        assert_eq!(said(all), "eval \"$(tastemaker env --config t.toml --data-dir 'my data')\"");
    }
}
