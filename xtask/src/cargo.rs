//! Cargo, called by a command of this package.

use std::process::Command;

/// The cargo that runs this.
///
/// Without the variables that `cargo run` sets for this package: build scripts that watch them, such as ring's, would run
/// again whenever a build begins here after one that began in a shell, and everything above them would be compiled anew.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command
}
