//! The latest progress message of each running job.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use tastemaker_learn::Progress;
use tokio::sync::watch;

/// The newest progress of each resource that a job is making.
#[derive(Default)]
pub struct ProgressBoard {
    newest: Mutex<BTreeMap<String, Progress>>,
    changes: watch::Sender<u64>,
}

impl ProgressBoard {
    /// Notes what the job of `resource_arn` says.
    pub fn note(&self, resource_arn: &str, progress: Progress) {
        self.newest.lock().insert(resource_arn.to_owned(), progress);
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
        self.newest.lock().get(resource_arn).cloned()
    }

    /// The last message of every job, by its resource's ARN.
    pub fn all(&self) -> Vec<(String, Progress)> {
        self.newest.lock().iter().map(|(arn, progress)| (arn.clone(), progress.clone())).collect()
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
}
