//! `tastemaker braze`: what a team that sends with Braze does from a terminal.

mod fetch;
mod files;
mod logins;
mod preview;
mod rest;
mod sent;
mod sync;

use anyhow::Result;

/// The commands for Braze.
#[derive(clap::Subcommand)]
pub enum BrazeCommand {
    /// Render a message as Braze would, with its calls, its size and advice
    Preview(preview::PreviewFlags),
    /// Send recommendations to profiles and items to a catalog
    #[command(subcommand)]
    Sync(sync::SyncCommand),
}

/// Runs one of them.
pub fn run(command: &BrazeCommand) -> Result<()> {
    match command {
        BrazeCommand::Preview(flags) => preview::run(flags),
        BrazeCommand::Sync(command) => sync::run(command),
    }
}
