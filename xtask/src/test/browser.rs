//! Installation of the browser that the console's tests drive.

use super::steps::step;
use anyhow::{Result, bail};
use std::process::Command;

/// The browser, its driver, and letters for Korean pages.
const PACKAGES: &[&str] = &["chromium", "chromium-driver", "fonts-noto-cjk"];

/// Seconds that a package mirror has for an answer.
const MIRROR_TIMEOUT_S: u32 = 30;

/// Sees to it that there are Chromium and its driver: the machine's own, or Debian's packages where root runs this.
pub fn chromium() -> Result<()> {
    if present("chromium") && present("chromedriver") {
        return Ok(());
    }
    let packages = PACKAGES.join(" ");
    if !present("apt-get") || !is_root() {
        bail!("no chromium and chromedriver on the PATH; on Debian: apt-get install {packages}");
    }
    let timeout = format!("Acquire::http::Timeout={MIRROR_TIMEOUT_S}");
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-q", "-o", &timeout]);
        command
    };
    step(apt().arg("update"), "apt-get update")?;
    let mut install = apt();
    install.args(["install", "-y", "--no-install-recommends"]).args(PACKAGES);
    step(&mut install, &format!("apt-get install {packages}"))
}

fn present(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program} >/dev/null")]).status();
    found.is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
