//! The clock of the machine against that of the file system, and whether it runs as steadily as the machine's own counter.

use super::disk;
use super::finding::Finding;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The difference of two clocks from which on signatures and schedules are at risk.
const DIFFERENCE_MAX: Duration = Duration::from_secs(5);
/// The first second of 2025: what is earlier was never set.
const NEVER_SET_S: u64 = 1_735_689_600;
/// The time over which the clock is compared with the machine's counter.
const STEADY_OVER: Duration = Duration::from_millis(50);

/// The checks of the clock.
pub fn findings(data_dir: &Path) -> Vec<Finding> {
    let (began, counter) = (SystemTime::now(), Instant::now());
    std::thread::sleep(STEADY_OVER);
    let (passed, counted) = (began.elapsed(), counter.elapsed());
    let mut findings = vec![judged(SystemTime::now(), passed.ok(), counted)];
    if let Some(written) = disk::existing(data_dir).and_then(|directory| written_at(&directory)) {
        findings.push(against("clock of the file system", "the file system", written, SystemTime::now()));
    }
    findings
}

fn judged(now: SystemTime, passed: Option<Duration>, counted: Duration) -> Finding {
    const CHECK: &str = "clock";
    let advice = "let chrony or systemd-timesyncd set the clock; signatures are refused when it is 15 minutes off";
    let since_s = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    if since_s < NEVER_SET_S {
        return Finding::fail(CHECK, format!("{since_s} seconds since 1970: it was never set"), advice);
    }
    match passed {
        Some(passed) if passed.abs_diff(counted) < Duration::from_secs(1) => {
            Finding::ok(CHECK, format!("{since_s} seconds since 1970, and steady"))
        }
        _ => Finding::warn(CHECK, "it jumped while it was looked at", advice),
    }
}

/// When the file system says that a file was written just now.
fn written_at(directory: &Path) -> Option<SystemTime> {
    let file = tempfile::tempfile_in(directory).ok()?;
    file.set_len(1).ok()?;
    file.metadata().ok()?.modified().ok()
}

/// The clock of somebody else against ours.
pub(super) fn against(check: &'static str, whose: &str, theirs: SystemTime, ours: SystemTime) -> Finding {
    let apart = theirs.duration_since(ours).or_else(|_| ours.duration_since(theirs)).unwrap_or_default();
    let found = format!("{:.1} s from that of {whose}", apart.as_secs_f64());
    if apart > DIFFERENCE_MAX {
        return Finding::warn(
            check,
            found,
            format!("set the clocks of this machine and of {whose} by the same source"),
        );
    }
    Finding::ok(check, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn clocks_that_were_never_set_jump_or_differ_are_told() {
        let counted = STEADY_OVER;
        let now = UNIX_EPOCH + Duration::from_secs(NEVER_SET_S + 1);
        for (now, passed, verdict) in [
            (now, Some(counted), Verdict::Ok),
            (UNIX_EPOCH, Some(counted), Verdict::Fail),
            (now, None, Verdict::Warn),
            (now, Some(Duration::from_secs(60)), Verdict::Warn),
        ] {
            assert_eq!(judged(now, passed, counted).verdict, verdict);
        }
        for (seconds, verdict) in [(0, Verdict::Ok), (4, Verdict::Ok), (6, Verdict::Warn)] {
            let later = now + Duration::from_secs(seconds);
            for (theirs, ours) in [(later, now), (now, later)] {
                assert_eq!(against("c", "x", theirs, ours).verdict, verdict, "{seconds}");
            }
        }
        let dir = tempfile::tempdir().expect("a directory");
        assert!(findings(dir.path()).iter().all(|finding| finding.verdict == Verdict::Ok));
    }
}
