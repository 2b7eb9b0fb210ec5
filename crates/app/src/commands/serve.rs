//! `tastemaker serve`: the server.

use crate::config::{Config, ConfigFlags};
use crate::server::Server;
use anyhow::Result;
use axum::Router;
use std::sync::Arc;

/// Serves until SIGINT or SIGTERM.
pub async fn run(flags: &ConfigFlags) -> Result<()> {
    let config = Config::load(flags)?;
    let progress = Arc::new(|resource: &str, progress: &tastemaker_learn::Progress| {
        let (stage, note) = (progress.stage, progress.note.as_str());
        tracing::debug!(resource, stage, done = progress.done, total = progress.total, note);
    });
    let server = Server::start(&config, progress, |_| Router::new()).await?;
    println!("tastemaker is ready at http://{}", server.address);
    server.run_until_signal().await
}
