//! Debian's packages, installed where root runs the tests.

use super::steps::step;
use anyhow::{Result, bail};
use std::process::Command;

/// Seconds that a package mirror has for an answer.
const MIRROR_TIMEOUT_S: u32 = 30;

/// Installs packages; refuses where that is not for this user or this system to do. `missing` says what is not there.
pub fn install(missing: &str, packages: &[&str]) -> Result<()> {
    may_install(missing, packages)?;
    step(apt().arg("update"), "apt-get update")?;
    let mut install = apt();
    install.args(["install", "-y", "--no-install-recommends"]).args(packages);
    step(&mut install, &format!("apt-get install {}", packages.join(" ")))
}

/// Whether packages can be installed here.
pub fn may_install(missing: &str, packages: &[&str]) -> Result<()> {
    if present("apt-get") && is_root() {
        return Ok(());
    }
    bail!("no {missing}; on Debian: apt-get install {}", packages.join(" "));
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    let timeout = format!("Acquire::http::Timeout={MIRROR_TIMEOUT_S}");
    command.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-q", "-o", &timeout]);
    command
}

/// Whether a program is on the `PATH`.
pub fn present(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program} >/dev/null")]).status();
    found.is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
