//! The time that each stage of a training took, by the clock and of all threads together.

use std::time::Instant;
use tastemaker_learn::Progress;

/// Seconds of one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct StageTime {
    /// The name of the stage.
    pub stage: String,
    /// By the clock.
    pub seconds: f64,
    /// Of all threads; 0 where the system does not tell.
    pub cpu_seconds: f64,
}

/// The stages so far, in the order in which they began.
pub struct Stages {
    times: Vec<StageTime>,
    current: String,
    since: (Instant, f64),
}

impl Stages {
    /// Begins with the stage `first`.
    pub fn new(first: &str) -> Self {
        Self { times: Vec::new(), current: first.to_owned(), since: (Instant::now(), process_cpu_seconds()) }
    }

    /// Ends the present stage where `progress` is of another.
    pub fn see(&mut self, progress: &Progress) {
        if let Some(stage) = stage(progress).filter(|stage| *stage != self.current) {
            self.end();
            self.current = stage;
        }
    }

    /// Ends the present stage and begins another.
    pub fn begin(&mut self, stage: &str) {
        self.end();
        stage.clone_into(&mut self.current);
    }

    /// The times so far, the present stage's until now included.
    pub fn so_far(&mut self) -> &[StageTime] {
        self.end();
        &self.times
    }

    /// The times, the present stage's until now included.
    pub fn finish(mut self) -> Vec<StageTime> {
        self.end();
        self.times
    }

    fn end(&mut self) {
        let now = (Instant::now(), process_cpu_seconds());
        let (seconds, cpu_seconds) = (now.0.duration_since(self.since.0).as_secs_f64(), now.1 - self.since.1);
        self.since = now;
        match self.times.iter_mut().find(|time| time.stage == self.current) {
            Some(time) => {
                time.seconds += seconds;
                time.cpu_seconds += cpu_seconds;
            }
            None => self.times.push(StageTime { stage: self.current.clone(), seconds, cpu_seconds }),
        }
    }
}

/// The stage that `progress` is of; `None` where it only counts on in the present one.
fn stage(progress: &Progress) -> Option<String> {
    let first = progress.note.split([' ', ',', ':']).next().unwrap_or_default();
    match (progress.stage, first) {
        (_, "factorising") => None,
        ("train" | "validate", _) => Some("network".to_owned()),
        ("refit", "epoch") => Some("refit: network".to_owned()),
        ("blend", part) => Some(part.to_owned()),
        ("refit", part) => Some(format!("refit: {part}")),
        (stage, _) => Some(stage.to_owned()),
    }
}

/// The processor time of all threads of this process so far, where the system tells.
fn process_cpu_seconds() -> f64 {
    /// Linux counts in hundredths for programs, whatever its own clock.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is a name in parentheses, which may have spaces.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_lasts_until_another_begins_and_its_parts_add_up() {
        let mut stages = Stages::new("reading");
        let epoch = |stage| Progress { stage, done: 1, total: 100, note: "epoch 1: loss 2".to_owned(), epoch: None };
        let said = [
            Progress::of("split", "9 training users".to_owned()),
            epoch("train"),
            epoch("validate"),
            epoch("train"),
            Progress::of("blend", "iALS of 3 items".to_owned()),
            Progress::of("train", "factorising, sweep 1 of 12".to_owned()),
            Progress::of("blend", "weighing 3 parts on 4 moments".to_owned()),
            epoch("refit"),
            Progress::of("refit", "iALS of 3 items".to_owned()),
            Progress::of("write", "3 items".to_owned()),
        ];
        said.iter().for_each(|progress| stages.see(progress));
        assert_eq!(stages.so_far().len(), 8);
        let times = stages.finish();
        let names: Vec<&str> = times.iter().map(|time| time.stage.as_str()).collect();
        assert_eq!(
            names,
            ["reading", "split", "network", "iALS", "weighing", "refit: network", "refit: iALS", "write"]
        );
        assert!(times.iter().all(|time| time.seconds >= 0.0 && time.cpu_seconds >= 0.0));
    }
}
