//! Installation of the balancer that stands before the cluster of `deploy/cluster`.

use super::debian::{install, present};
use anyhow::Result;

/// Debian's haproxy listens nowhere until somebody writes its configuration.
const PACKAGES: &[&str] = &["haproxy", "curl"];

/// Sees to it that there are haproxy and curl: the machine's own, or Debian's packages where root runs this.
pub fn haproxy() -> Result<()> {
    if present("haproxy") && present("curl") {
        return Ok(());
    }
    install("haproxy and curl on the PATH", PACKAGES)
}
