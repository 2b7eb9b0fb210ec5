//! This process, as Linux tells of it, and the listener's certificate. Elsewhere there are the build and the times alone.

use super::server_metrics::{ServerMetrics, seconds};
use std::fs;
use tastemaker_http::scraped_metrics::Sample;

pub(super) fn samples(server: &ServerMetrics) -> Vec<Sample> {
    let build = Sample::new("tastemaker_build_info", 1.0)
        .with("version", env!("CARGO_PKG_VERSION"))
        .with("commit", option_env!("BUILT_FROM").unwrap_or("unknown"));
    let up_ms = (server.clock)().saturating_sub(server.started_ms).max(0);
    let mut samples = vec![
        build,
        Sample::new("process_start_time_seconds", seconds(server.started_ms)),
        Sample::new("tastemaker_uptime_seconds", seconds(up_ms)),
    ];
    if let Some(expires_s) = server.tls.as_ref().and_then(|tls| tls.expires_s()) {
        samples.push(Sample::new("tastemaker_tls_certificate_expiry_timestamp_seconds", expires_s as f64));
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for (family, key, factor) in [
        ("process_resident_memory_bytes", "VmRSS:", 1024.0),
        ("process_virtual_memory_bytes", "VmSize:", 1024.0),
        ("process_threads", "Threads:", 1.0),
    ] {
        samples.extend(number_of(&status, key).map(|number| Sample::new(family, number * factor)));
    }
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    samples.extend(
        cpu_ticks(&stat).map(|ticks| Sample::new("process_cpu_seconds_total", (ticks / TICKS_PER_SECOND) as f64)),
    );
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        // One of them is the directory itself.
        samples.push(Sample::new("process_open_fds", open.count().saturating_sub(1) as f64));
    }
    samples.extend(crate::open_files::limit().map(|limit| Sample::new("process_max_fds", limit as f64)));
    samples
}

/// The unit of times in `/proc`, which is the same on every Linux whatever its timer does.
const TICKS_PER_SECOND: u64 = 100;

/// The number of a line of `/proc/self/status`.
fn number_of(status: &str, key: &str) -> Option<f64> {
    status.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().next()?.parse().ok()
}

/// User and system time of `/proc/self/stat`, whose second field is a name that may hold anything.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_behind_any_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 900 0 0 0 250 50 0 0 20 0 9 0 100 200 300";
        assert_eq!(cpu_ticks(stat), Some(300));
        assert_eq!(cpu_ticks("7 (a"), None);
        assert_eq!(number_of("Name:\tx\nVmRSS:\t  2048 kB\nThreads:\t9\n", "VmRSS:"), Some(2048.0));
        assert_eq!(number_of("Threads: many", "Threads:"), None);
    }
}
