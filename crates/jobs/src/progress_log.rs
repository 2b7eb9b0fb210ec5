//! The log of how far a training has come: a line at the begin of each stage, and one now and then.

use parking_lot::Mutex;
use std::time::{Duration, Instant};
use tastemaker_learn::Progress;

/// The least time between two lines of a stage.
const PAUSE: Duration = Duration::from_secs(30);

/// What was logged last of one training.
#[derive(Debug, Default)]
pub(crate) struct ProgressLog(Mutex<Option<(&'static str, Instant)>>);

impl ProgressLog {
    /// Writes a line if it is time for one.
    pub(crate) fn note(&self, solution_version: &str, progress: &Progress) {
        if self.is_due(progress.stage, Instant::now()) {
            let percent = percent(progress);
            let (stage, note) = (progress.stage, progress.note.as_str());
            tracing::info!(solution_version, stage, percent, note, "training");
        }
    }

    fn is_due(&self, stage: &'static str, now: Instant) -> bool {
        let mut last = self.0.lock();
        let due = last.is_none_or(|(before, at)| before != stage || now.duration_since(at) >= PAUSE);
        if due {
            *last = Some((stage, now));
        }
        due
    }
}

/// The part of its stage that is done, in percent; 0 for stages without steps to count.
pub(crate) fn percent(progress: &Progress) -> u64 {
    if progress.total > 1 {
        (progress.done.min(progress.total) as u128 * 100 / progress.total as u128) as u64
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_stage_and_then_one_now_and_then() {
        let log = ProgressLog::default();
        let start = Instant::now();
        let due = |stage, seconds| log.is_due(stage, start + Duration::from_secs(seconds));
        assert!(due("split", 0) && due("train", 0));
        assert!(!due("train", 29));
        assert!(due("train", 30) && !due("train", 59) && due("refit", 59));
        let at = |done, total| percent(&Progress { stage: "train", done, total, note: String::new(), epoch: None });
        assert_eq!([at(0, 1), at(3, 9), at(9, 9), at(u64::MAX, u64::MAX), at(1, 0)], [0, 33, 100, 100, 0]);
    }
}
