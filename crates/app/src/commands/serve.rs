//! `tastemaker serve`: the server.

use crate::config::{Config, ConfigFlags};
use crate::server::Server;
use anyhow::Result;
use axum::Router;
use std::sync::Arc;

/// Flags of `serve`.
#[derive(Debug, clap::Args)]
pub struct ServeFlags {
    #[command(flatten)]
    config: ConfigFlags,
    /// Start although the records and the blobs of the data directory do not belong together, as after a lost database:
    /// blobs that no record names are set aside in blobs/lost
    #[arg(long)]
    accept_mismatch: bool,
}

/// Serves until SIGINT or SIGTERM.
pub async fn run(flags: &ServeFlags) -> Result<()> {
    let config = Config { accept_mismatch: flags.accept_mismatch, ..Config::load(&flags.config)? };
    let progress = Arc::new(|resource: &str, progress: &tastemaker_learn::Progress| {
        let (stage, note) = (progress.stage, progress.note.as_str());
        tracing::debug!(resource, stage, done = progress.done, total = progress.total, note);
    });
    let server = Server::start(&config, progress, |_| Router::new()).await?;
    println!("tastemaker is ready at http://{}", server.address);
    server.run_until_signal().await
}
