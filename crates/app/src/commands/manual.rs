//! `tastemaker manual`: the commands' help as pages for `man`.

use anyhow::{Context, Result};
use std::path::PathBuf;

/// Flags of `manual`.
#[derive(Debug, clap::Args)]
pub struct ManualFlags {
    /// Directory for the pages: tastemaker.1, and one for each command
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Writes a page for each command in `command` and tells how many.
pub fn run(flags: &ManualFlags, command: clap::Command) -> Result<()> {
    let out = flags.out.display();
    std::fs::create_dir_all(&flags.out).with_context(|| format!("cannot make the directory {out}"))?;
    clap_mangen::generate_to(command, &flags.out).with_context(|| format!("cannot write pages to {out}"))?;
    println!("the pages are in {out}; read one with: man {out}/tastemaker.1");
    Ok(())
}
