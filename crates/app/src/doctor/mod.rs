//! Checks of what a server stands on: each says what it found and, where that is not good, what to change.

mod clock;
mod disk;
mod finding;
mod limits;
mod listener;
mod stores;

pub use finding::{Finding, Verdict};

use crate::client_tls::ClientTlsFlags;
use crate::config::Config;

/// Runs every check.
pub async fn findings(config: &Config, tls: &ClientTlsFlags) -> Vec<Finding> {
    let mut findings = vec![versions()];
    findings.extend(disk::findings(&config.data_dir));
    findings.extend(limits::findings(config));
    findings.extend(clock::findings(&config.data_dir));
    findings.extend(listener::findings(config, tls));
    findings.extend(stores::findings(config).await);
    findings
}

fn versions() -> Finding {
    let built = option_env!("BUILT_FROM").unwrap_or("unknown commit");
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let kernel = if kernel.trim().is_empty() { std::env::consts::OS } else { kernel.trim() };
    Finding::ok(
        "versions",
        format!("tastemaker {} ({built}), kernel {kernel}, {}", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH),
    )
}
