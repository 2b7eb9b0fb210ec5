//! Open files and memory against what the configuration asks for.

use super::finding::{Finding, size};
use crate::config::Config;
use crate::open_files;
use tastemaker_http::limits::CONNECTIONS_MAX;

/// Memory below which a server with a small model has too little.
const MEMORY_MIN: u64 = 256 << 20;
/// Memory that leaves room for trainings.
const MEMORY_GOOD: u64 = 1 << 30;

/// The checks of limits of the process.
pub fn findings(config: &Config) -> Vec<Finding> {
    vec![files(open_files::limit_max()), memory(crate::memory::available_bytes(), config.training.memory_mb)]
}

fn files(limit: Option<u64>) -> Finding {
    const CHECK: &str = "open files";
    let Some(limit) = limit else { return Finding::ok(CHECK, "there is no limit") };
    let connections = open_files::fitting(limit);
    let found = format!("{limit} may be open, enough for {connections} connections");
    let advice = format!("raise the hard limit (ulimit -Hn, LimitNOFILE= of systemd) to {}", CONNECTIONS_MAX + 512);
    match connections {
        ..100 => Finding::fail(CHECK, found, advice),
        100..CONNECTIONS_MAX => Finding::warn(CHECK, found, advice),
        _ => Finding::ok(CHECK, found),
    }
}

fn memory(available: Option<u64>, budget_mb: u64) -> Finding {
    const CHECK: &str = "memory";
    let Some(available) = available else { return Finding::ok(CHECK, "the system does not tell how much is free") };
    let found = format!("{} are free within the limit of the control group", size(available));
    if available < MEMORY_MIN {
        return Finding::fail(CHECK, found, "give the machine or the container more memory, or end other processes");
    }
    let budget = budget_mb.saturating_mul(1 << 20);
    if budget > available {
        let advice = format!(
            "training.memory_mb allows trainings {}; lower it to {} or give the container more memory",
            size(budget),
            available >> 20
        );
        return Finding::warn(CHECK, found, advice);
    }
    if available < MEMORY_GOOD {
        return Finding::warn(
            CHECK,
            found,
            "trainings of large datasets need more; they say how much before they begin",
        );
    }
    Finding::ok(CHECK, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn limits_are_judged_by_what_is_asked_for() {
        for (limit, verdict) in
            [(Some(64), Verdict::Fail), (Some(1024), Verdict::Warn), (Some(1 << 20), Verdict::Ok), (None, Verdict::Ok)]
        {
            assert_eq!(files(limit).verdict, verdict, "{limit:?}");
        }
        for (available, budget_mb, verdict) in [
            (Some(100 << 20), 0, Verdict::Fail),
            (Some(500 << 20), 0, Verdict::Warn),
            (Some(4 << 30), 8_192, Verdict::Warn),
            (Some(4 << 30), 2_048, Verdict::Ok),
            (Some(4 << 30), u64::MAX, Verdict::Warn),
            (None, 0, Verdict::Ok),
        ] {
            assert_eq!(memory(available, budget_mb).verdict, verdict, "{available:?} {budget_mb}");
        }
        let advice = memory(Some(4 << 30), 8_192).advice.unwrap_or_default();
        assert!(advice.contains("training.memory_mb allows trainings 8.0 GiB; lower it to 4096"), "{advice}");
    }
}
