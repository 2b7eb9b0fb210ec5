//! Commands that a set-up runs.

use anyhow::{Context, Result, bail};
use std::process::Command;

/// Runs `command` and says by `name` that it failed.
pub fn step(command: &mut Command, name: &str) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {name}"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}
