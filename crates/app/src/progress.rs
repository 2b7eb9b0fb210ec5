//! The progress of each running job: its latest message, the epochs that ended, and the time that is left.

use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};
use tastemaker_learn::{EpochEnd, Progress};
use tokio::sync::watch;

/// The time over which speed is measured.
const SPEED_OVER: Duration = Duration::from_secs(60);
/// The time between two measurements of speed.
const MEASURED_EVERY: Duration = Duration::from_millis(500);
/// Epochs that are kept of a job; a search has many trainings.
const EPOCHS_MAX: usize = 1000;

/// The newest progress of each resource that a job is making.
#[derive(Default)]
pub struct ProgressBoard {
    newest: Mutex<BTreeMap<String, Entry>>,
    changes: watch::Sender<u64>,
}

/// The newest progress of a job.
struct Entry {
    newest: Progress,
    noted: Instant,
    epochs: Vec<EpochEnd>,
    /// The end of the last epoch; before the first one, the first message of the stage.
    epoch_began: Instant,
    /// The examples that the last epoch learned from in a second, its validation included.
    examples_per_second: Option<f64>,
    /// Steps done at moments of the last while, of this stage only.
    steps: VecDeque<(Instant, u64)>,
}

/// The progress of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobProgress {
    /// The resource that the job makes.
    pub resource_arn: String,
    /// Its last message.
    pub newest: Progress,
    /// The epochs that ended, in order.
    pub epochs: Vec<EpochEnd>,
    /// The examples that the last epoch learned from in a second, its validation included.
    pub examples_per_second: Option<f64>,
    /// The time to the end of the stage at the speed of the last minute.
    pub left: Option<Duration>,
    /// Time since its last message.
    pub silent: Duration,
}

impl Entry {
    fn new(progress: Progress, now: Instant) -> Self {
        Self {
            epochs: progress.epoch.into_iter().collect(),
            epoch_began: now,
            examples_per_second: None,
            steps: VecDeque::from([(now, progress.done)]),
            newest: progress,
            noted: now,
        }
    }

    fn note(&mut self, progress: Progress, now: Instant) {
        if progress.stage != self.newest.stage || progress.done < self.newest.done {
            self.steps.clear();
        }
        if progress.done < self.newest.done || !matches!(self.newest.stage, "train" | "validate" | "refit") {
            // What went on before is no part of an epoch's time.
            self.epoch_began = now;
        }
        if self.steps.back().is_none_or(|(at, _)| now.duration_since(*at) >= MEASURED_EVERY) {
            self.steps.push_back((now, progress.done));
        }
        while self.steps.len() > 2 && self.steps.front().is_some_and(|(at, _)| now.duration_since(*at) > SPEED_OVER) {
            self.steps.pop_front();
        }
        if let Some(epoch) = progress.epoch {
            let seconds = now.duration_since(self.epoch_began).as_secs_f64();
            self.examples_per_second = (epoch.examples > 0 && seconds > 0.0).then(|| epoch.examples as f64 / seconds);
            self.epoch_began = now;
            // The next training begins with the first epoch again.
            if self.epochs.last().is_some_and(|last| epoch.number <= last.number) || self.epochs.len() >= EPOCHS_MAX {
                self.epochs.clear();
            }
            self.epochs.push(epoch);
        }
        self.newest = progress;
        self.noted = now;
    }

    fn left(&self, now: Instant) -> Option<Duration> {
        let (from, done) = self.steps.front()?;
        let steps = self.newest.done.checked_sub(*done).filter(|steps| *steps > 0)?;
        let seconds = now.duration_since(*from).as_secs_f64();
        let left = self.newest.total.saturating_sub(self.newest.done) as f64 * seconds / steps as f64;
        Duration::try_from_secs_f64(left).ok()
    }
}

impl ProgressBoard {
    /// Notes what the job of `resource_arn` says.
    pub fn note(&self, resource_arn: &str, progress: Progress) {
        let now = Instant::now();
        let mut newest = self.newest.lock();
        match newest.get_mut(resource_arn) {
            Some(entry) => entry.note(progress, now),
            None => drop(newest.insert(resource_arn.to_owned(), Entry::new(progress, now))),
        }
        drop(newest);
        self.changes.send_modify(|count| *count += 1);
    }

    /// Takes away what the job of `resource_arn` said, as it ended.
    pub fn end(&self, resource_arn: &str) {
        if self.newest.lock().remove(resource_arn).is_some() {
            self.changes.send_modify(|count| *count += 1);
        }
    }

    /// The last message of the job of `resource_arn`.
    pub fn of(&self, resource_arn: &str) -> Option<Progress> {
        self.newest.lock().get(resource_arn).map(|entry| entry.newest.clone())
    }

    /// The progress of every job, by its resource's ARN.
    pub fn all(&self) -> Vec<JobProgress> {
        let now = Instant::now();
        let progress = |(arn, entry): (&String, &Entry)| JobProgress {
            resource_arn: arn.clone(),
            newest: entry.newest.clone(),
            epochs: entry.epochs.clone(),
            examples_per_second: entry.examples_per_second,
            left: entry.left(now),
            silent: now.duration_since(entry.noted),
        };
        self.newest.lock().iter().map(progress).collect()
    }

    /// Counts up with every change.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_is_gone_and_every_change_counts() {
        let board = ProgressBoard::default();
        let mut changes = board.changes();
        board.note("a", Progress::of("train", "epoch 1".into()));
        board.note("a", Progress::of("train", "epoch 2".into()));
        board.note("b", Progress::of("import", String::new()));
        assert_eq!(board.all().len(), 2);
        assert_eq!(board.of("a").map(|progress| progress.note).as_deref(), Some("epoch 2"));
        board.end("a");
        board.end("a");
        assert_eq!((board.of("a"), board.all().len(), *changes.borrow_and_update()), (None, 1, 4));
    }
    #[test]
    fn epochs_are_those_of_the_training_that_runs() {
        let board = ProgressBoard::default();
        let epoch = |number| Some(EpochEnd { number, loss: 1.0 / number as f64, quality: None, examples: 0 });
        for number in [1, 2, 1] {
            board.note("a", Progress { epoch: epoch(number), ..Progress::of("train", String::new()) });
            board.note("a", Progress::of("train", "between".into()));
        }
        assert_eq!(board.all()[0].epochs.iter().map(|end| end.number).collect::<Vec<_>>(), [1]);
        board.note("a", Progress { epoch: epoch(2), ..Progress::of("train", String::new()) });
        assert_eq!(board.all()[0].epochs.len(), 2);
    }

    #[test]
    fn the_speed_is_that_of_the_last_epoch() {
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let step = |done| Progress { done, total: 200, ..Progress::of("train", String::new()) };
        let end = |number: usize| {
            let epoch = EpochEnd { number, loss: 1.0, quality: None, examples: 1_000 };
            Progress { stage: "validate", done: 100 * number as u64, epoch: Some(epoch), ..step(0) }
        };
        // What comes before the first step of the network takes none of its time.
        let mut entry = Entry::new(Progress::of("blend", String::new()), began);
        entry.note(step(1), at(50));
        assert_eq!(entry.examples_per_second, None);
        entry.note(end(1), at(60));
        assert_eq!(entry.examples_per_second, Some(100.0));
        entry.note(step(150), at(62));
        entry.note(end(2), at(65));
        assert_eq!(entry.examples_per_second, Some(200.0));
    }

    #[test]
    fn the_time_left_is_by_the_speed_of_this_stage() {
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let progress = |stage, done| Progress { done, total: 100, ..Progress::of(stage, String::new()) };
        let mut entry = Entry::new(progress("train", 0), began);
        assert_eq!(entry.left(at(1)), None);
        entry.note(progress("train", 20), at(10));
        assert_eq!(entry.left(at(10)), Some(Duration::from_secs(40)));
        // What is older than a minute counts no more.
        entry.note(progress("train", 60), at(20));
        entry.note(progress("train", 80), at(75));
        assert!(entry.left(at(75)).is_some_and(|left| left.as_secs_f64() > 20.0), "{:?}", entry.left(at(75)));
        entry.note(progress("write", 0), at(80));
        assert_eq!(entry.left(at(81)), None);
    }
}
