//! Copies of files that are made before an import, in the background: forms do not wait for large ones.

use crate::data_ports::CopyProgress;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use tastemaker_domain::import_report::Refused;
use tokio::sync::watch;

/// Preparations that are kept; the oldest that are over go first.
const PREPARATIONS_MAX: usize = 100;
/// Preparations under way.
const UNDER_WAY_MAX: usize = 8;

/// The end of a preparation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// The import has begun.
    Begun {
        /// The name of the import.
        job_name: String,
        /// The rows of the copies and those left out, where some were.
        copied: Option<Copied>,
    },
    /// Nothing was imported, for a reason.
    Refused(String),
    /// The copies have no rows.
    NoRows(Vec<Refused>),
}

/// The rows of copies without those that end an import.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Copied {
    pub rows: u64,
    pub refused: Vec<Refused>,
}

/// A copy that is made, and the import that follows.
pub(crate) struct Preparation {
    /// Its name in addresses.
    pub id: String,
    /// The dataset group that the import is for.
    pub group: String,
    /// The files.
    pub location: String,
    /// The page with its form, below the console's path.
    pub form: String,
    /// Its progress.
    pub progress: Arc<CopyProgress>,
    outcome: watch::Sender<Option<Outcome>>,
}

impl Preparation {
    fn new(id: &str, group: &str, location: &str, form: String) -> Arc<Self> {
        Arc::new(Self {
            id: id.to_owned(),
            group: group.to_owned(),
            location: location.to_owned(),
            form,
            progress: Arc::default(),
            outcome: watch::channel(None).0,
        })
    }

    /// Its end; `None` while it is under way.
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome.borrow().clone()
    }

    /// Ends it.
    pub fn end(&self, outcome: Outcome) {
        self.outcome.send_replace(Some(outcome));
    }

    /// Its end.
    pub async fn ended(&self) -> Outcome {
        let mut outcome = self.outcome.subscribe();
        match outcome.wait_for(Option::is_some).await.map(|outcome| outcome.clone()) {
            Ok(Some(outcome)) => outcome,
            // The sender is this preparation's own.
            _ => Outcome::Refused(String::new()),
        }
    }
}

/// The preparations of this process.
#[derive(Default)]
pub(crate) struct Preparations(Mutex<VecDeque<Arc<Preparation>>>);

impl Preparations {
    /// Begins one; `None` where too many are under way.
    pub fn begin(&self, group: &str, location: &str, form: String) -> Option<Arc<Preparation>> {
        let mut all = self.0.lock();
        if all.iter().filter(|preparation| preparation.outcome.borrow().is_none()).count() >= UNDER_WAY_MAX {
            return None;
        }
        if all.len() >= PREPARATIONS_MAX {
            let over = all.iter().position(|preparation| preparation.outcome.borrow().is_some());
            over.and_then(|over| all.remove(over));
        }
        let preparation = Preparation::new(&hex::encode(rand::random::<[u8; 8]>()), group, location, form);
        all.push_back(preparation.clone());
        Some(preparation)
    }

    /// One that a process before this one had begun, at its address.
    pub fn again(&self, id: &str, group: &str, location: &str, form: String) -> Arc<Preparation> {
        let preparation = Preparation::new(id, group, location, form);
        self.0.lock().push_back(preparation.clone());
        preparation
    }

    /// A preparation of a group.
    pub fn of(&self, group: &str, id: &str) -> Option<Arc<Preparation>> {
        self.0.lock().iter().find(|preparation| preparation.id == id && preparation.group == group).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_under_way_are_few_and_those_that_are_over_are_forgotten_at_last() {
        let all = Preparations::default();
        let begin = || all.begin("g", "s3://b/", String::new());
        let first = begin().unwrap();
        (1..UNDER_WAY_MAX).for_each(|_| drop(begin().unwrap()));
        assert!(begin().is_none());
        first.end(Outcome::Refused("x".into()));
        assert!(all.of("g", &first.id).is_some() && all.of("other", &first.id).is_none());
        for _ in 0..PREPARATIONS_MAX {
            begin().unwrap().end(Outcome::Refused(String::new()));
        }
        assert!(all.of("g", &first.id).is_none());
        assert_eq!(all.0.lock().len(), PREPARATIONS_MAX);
    }
}
