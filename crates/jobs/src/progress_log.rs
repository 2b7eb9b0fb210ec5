//! The log of how far a training or a batch job has come: a line where a stage begins for the first time, and one now and then.

use parking_lot::Mutex;
use std::time::{Duration, Instant};
use tastemaker_learn::Progress;

/// The least time between two lines of stages that have begun before, as those of each epoch have.
const PAUSE: Duration = Duration::from_secs(30);

/// The stages of one piece of work that were logged, and the time of the last line.
#[derive(Debug, Default)]
pub(crate) struct ProgressLog(Mutex<Logged>);

#[derive(Debug, Default)]
struct Logged {
    stages: Vec<&'static str>,
    last: Option<Instant>,
}

impl ProgressLog {
    /// Writes a line if it is time for one; returns whether it was.
    pub(crate) fn note(&self, solution_version: &str, progress: &Progress) -> bool {
        let due = self.is_due(progress.stage, Instant::now());
        if due {
            let percent = percent(progress);
            let (stage, note) = (progress.stage, progress.note.as_str());
            tracing::info!(solution_version, stage, percent, note, "training");
        }
        due
    }

    /// The same for a batch job.
    pub(crate) fn note_batch(&self, job: &str, progress: &Progress) {
        if self.is_due(progress.stage, Instant::now()) {
            let (percent, note) = (percent(progress), progress.note.as_str());
            tracing::info!(job, percent, note, "batch inference");
        }
    }

    fn is_due(&self, stage: &'static str, now: Instant) -> bool {
        let mut logged = self.0.lock();
        let is_new = !logged.stages.contains(&stage);
        if is_new {
            logged.stages.push(stage);
        }
        let due = is_new || logged.last.is_none_or(|at| now.duration_since(at) >= PAUSE);
        if due {
            logged.last = Some(now);
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
        assert!(due("validate", 1) && !due("train", 1) && !due("validate", 2) && !due("train", 30));
        assert!(due("train", 31) && !due("validate", 60) && due("refit", 60) && due("validate", 90));
        let at = |done, total| percent(&Progress { stage: "train", done, total, note: String::new(), epoch: None });
        assert_eq!([at(0, 1), at(3, 9), at(9, 9), at(u64::MAX, u64::MAX), at(1, 0)], [0, 33, 100, 100, 0]);
    }
}
