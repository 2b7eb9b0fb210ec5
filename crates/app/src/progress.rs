//! The latest progress message of each running job.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tastemaker_learn::Progress;

/// The newest progress of each resource that a job is making.
#[derive(Default)]
pub struct ProgressBoard {
    newest: Mutex<HashMap<String, Progress>>,
}

impl ProgressBoard {
    /// Notes what the job of `resource_arn` says.
    pub fn note(&self, resource_arn: &str, progress: Progress) {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).insert(resource_arn.to_owned(), progress);
    }

    /// The last message of the job of `resource_arn`.
    pub fn of(&self, resource_arn: &str) -> Option<Progress> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).get(resource_arn).cloned()
    }
}
