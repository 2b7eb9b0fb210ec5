//! `tastemaker completions`: what a shell needs to complete commands and flags.

use anyhow::Result;
use clap_complete::Shell;
use std::io::Write;

/// Flags of `completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsFlags {
    /// Shell whose completions are printed
    shell: Shell,
}

/// Prints the completions of every command in `command`.
pub fn run(flags: &CompletionsFlags, mut command: clap::Command) -> Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(flags.shell, &mut command, "tastemaker", &mut text);
    Ok(std::io::stdout().write_all(&text)?)
}
