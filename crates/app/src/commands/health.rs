//! `tastemaker health`: whether a server answers, as an exit code and a sentence.

use crate::client_tls::ClientTlsFlags;
use crate::config::{Config, ConfigFlags, noted_address, reachable_url};
use crate::data_dir::DataDir;
use anyhow::{Context, Result, bail};
use std::time::Duration;
use ureq::Agent;

/// Flags of `health`.
#[derive(clap::Args)]
pub struct HealthFlags {
    #[command(flatten)]
    config: ConfigFlags,
    #[command(flatten)]
    tls: ClientTlsFlags,
    /// URL of the server [default: that of the server on the data directory]
    #[arg(long)]
    url: Option<String>,
    /// Ask whether it is ready to answer with its campaigns, too
    #[arg(long)]
    ready: bool,
    /// Seconds that the server has for its answer
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

/// Asks the server; fails unless it says that all is well.
pub fn run(flags: &HealthFlags) -> Result<()> {
    let url = match &flags.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => of_the_data_directory(&flags.config)?,
    };
    let (path, state) = if flags.ready { ("ready", "ready") } else { ("health", "healthy") };
    let tls = if flags.url.is_none() { flags.tls.on_this_machine()? } else { flags.tls.verified(None)? };
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(flags.timeout)))
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .tls_config(tls)
        .build()
        .into();
    let answer = agent.get(format!("{url}/{path}")).call();
    let answer = answer.with_context(|| format!("the server at {url} does not answer"))?;
    match answer.status().as_u16() {
        200 => println!("the server at {url} is {state}"),
        status => bail!("the server at {url} is not {state}: it answers /{path} with {status}"),
    }
    Ok(())
}

/// The URL of the server that uses the configured data directory.
fn of_the_data_directory(flags: &ConfigFlags) -> Result<String> {
    let config = Config::load(flags)?;
    let directory = config.data_dir.display();
    let Some(address) = DataDir::running_address(&config.data_dir)? else {
        bail!("no server runs on the data directory {directory}; name another with --data-dir, or a server with --url");
    };
    let address = if address.is_empty() { noted_address(&config.listen, &config.tls) } else { address };
    Ok(reachable_url(&address))
}
