//! Installation of the browser that the console's tests drive.

use super::debian::{install, present};
use anyhow::Result;

/// The browser, its driver, and letters for Korean pages.
const PACKAGES: &[&str] = &["chromium", "chromium-driver", "fonts-noto-cjk"];

/// Sees to it that there are Chromium and its driver: the machine's own, or Debian's packages where root runs this.
pub fn chromium() -> Result<()> {
    if present("chromium") && present("chromedriver") {
        return Ok(());
    }
    install("chromium and chromedriver on the PATH", PACKAGES)
}
