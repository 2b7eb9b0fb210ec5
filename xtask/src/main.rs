//! Repository tooling: `cargo xtask <command>`.

mod codegen;

use anyhow::{Result, bail};
use std::path::Path;

const USAGE: &str = "cargo xtask <command>

commands:
  codegen [--check]   write crates/wire/src/generated from models/personalize.json, or check that nothing would change";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match arguments.as_slice() {
        ["codegen"] => codegen::run(&root, false),
        ["codegen", "--check"] => codegen::run(&root, true),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        other => bail!("unknown command `{}`\n{USAGE}", other.join(" ")),
    }
}
