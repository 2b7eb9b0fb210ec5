//! Record of a training: its stages with the time that each took, its log lines, and what it used.

use crate::resource::TimeMs;

/// Log lines that a record has. Beyond that the first half stays, and the newest ones.
pub const TRAINING_LINES_MAX: usize = 200;
/// Characters of a log line.
pub const TRAINING_LINE_CHARS_MAX: usize = 500;

/// The record of a training.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrainingRecord {
    /// The solution version that was trained.
    pub version_arn: String,
    /// The seed of all random choices.
    pub seed: u64,
    /// The threads that computed.
    pub threads: u64,
    /// How often the training was begun: more than once after a crash or a move to another process.
    pub attempts: u32,
    /// The most memory that the process was seen to hold while the training ran, where the system tells.
    pub peak_memory_bytes: Option<u64>,
    /// The bytes of all files of the artifact; absent before it is written.
    pub artifact_bytes: Option<u64>,
    /// The stages in the order in which they began.
    pub stages: Vec<TrainingStage>,
    /// The log, oldest first.
    pub lines: Vec<TrainingLine>,
    /// Lines that were left out in the middle.
    pub lines_left_out: u64,
}

/// A stage of a training. One that comes again, as in another attempt, adds up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainingStage {
    /// Its name, such as `evaluate` or `refit: network`.
    pub name: String,
    /// The time that it took by the clock.
    pub took_ms: u64,
}

/// A line of the log of a training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainingLine {
    /// When it was written.
    pub at_ms: TimeMs,
    /// Its text.
    pub text: String,
}

impl TrainingRecord {
    /// Adds to the time of a stage.
    pub fn add_stage(&mut self, name: &str, took_ms: u64) {
        match self.stages.iter_mut().find(|stage| stage.name == name) {
            Some(stage) => stage.took_ms += took_ms,
            None => self.stages.push(TrainingStage { name: name.to_owned(), took_ms }),
        }
    }

    /// Adds a line. Where there are too many, one from the middle goes.
    pub fn add_line(&mut self, at_ms: TimeMs, text: &str) {
        if self.lines.len() >= TRAINING_LINES_MAX {
            self.lines.remove(TRAINING_LINES_MAX / 2);
            self.lines_left_out += 1;
        }
        self.lines.push(TrainingLine { at_ms, text: text.chars().take(TRAINING_LINE_CHARS_MAX).collect() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_add_up_and_lines_are_bounded() {
        let mut record = TrainingRecord::default();
        record.add_stage("split", 5);
        record.add_stage("train", 7);
        record.add_stage("split", 1);
        assert_eq!(
            record.stages.iter().map(|stage| (stage.name.as_str(), stage.took_ms)).collect::<Vec<_>>(),
            [("split", 6), ("train", 7)]
        );
        for line in 0..1_000 {
            record.add_line(line, &format!("line {line} {}", "x".repeat(1_000)));
        }
        assert_eq!((record.lines.len(), record.lines_left_out), (TRAINING_LINES_MAX, 800));
        let times: Vec<TimeMs> = record.lines.iter().map(|line| line.at_ms).collect();
        assert_eq!((times[0], times[99], times[100], times[199]), (0, 99, 900, 999));
        assert_eq!(record.lines[0].text.len(), TRAINING_LINE_CHARS_MAX);
    }
}
