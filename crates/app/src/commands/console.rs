//! `tastemaker console`: a link that logs in to the web console of a running server.

use crate::config::{Config, ConfigFlags, noted_address};
use crate::console_settings::login_link;
use crate::data_dir::DataDir;
use anyhow::{Result, bail};
use tastemaker_console::session::Role;

/// Flags of `console`.
#[derive(Debug, clap::Args)]
pub struct ConsoleFlags {
    #[command(flatten)]
    config: ConfigFlags,
    /// Log in only to look, not to change anything
    #[arg(long)]
    view: bool,
}

/// Prints the link. Whoever can read the data directory may log in; the server need not be asked.
pub fn run(flags: &ConsoleFlags) -> Result<()> {
    let config = Config::load(&flags.config)?;
    let directory = config.data_dir.display();
    if !config.console.enabled {
        bail!("the console is switched off: console.enabled is false");
    }
    let Some(address) = DataDir::running_address(&config.data_dir)? else {
        bail!(
            "no server runs on the data directory {directory}; start one with `tastemaker serve --data-dir {directory}`, or name \
             the directory of one that runs with --data-dir"
        );
    };
    let Some(secrets) = DataDir::existing_console_secrets(&config.data_dir)? else {
        bail!("the server on the data directory {directory} has no console");
    };
    let address = if address.is_empty() { noted_address(&config.listen, &config.tls) } else { address };
    let role = if flags.view { Role::View } else { Role::Edit };
    println!("{}", login_link(&config, &address, &secrets, role)?);
    Ok(())
}
