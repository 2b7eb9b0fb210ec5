//! The environment of a training run: seed, threads, cancellation and progress.

use crate::{Checkpoints, Error};
use std::sync::atomic::{AtomicBool, Ordering};

/// A one-way stop switch, shared by reference between the job that may cancel and the trainer.
#[derive(Debug, Default)]
pub struct Cancel(AtomicBool);

impl Cancel {
    /// A switch that is not thrown.
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Asks the training run to stop; it returns [`Error::Cancelled`] within a few hundred milliseconds.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether [`Cancel::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// [`Error::Cancelled`] once the switch is thrown.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// The progress of a training run.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The stage of the training: `"train"` or `"validate"`.
    pub stage: &'static str,
    /// Steps of this stage already done, counted over all epochs.
    pub done: u64,
    /// Steps this stage takes at most; early stopping may end it sooner.
    pub total: u64,
    /// One line for a person: epoch, loss, validation metric.
    pub note: String,
    /// Said once, when an epoch has ended.
    pub epoch: Option<EpochEnd>,
}

impl Progress {
    /// Something without steps to count.
    pub fn of(stage: &'static str, note: String) -> Self {
        Self { stage, done: 0, total: 1, note, epoch: None }
    }
}

/// One pass over the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochEnd {
    /// Counted from 1.
    pub number: usize,
    /// The mean loss over the pass.
    pub loss: f64,
    /// NDCG@10 on the validation users afterwards; `None` without any.
    pub quality: Option<f64>,
    /// The examples that it learned from; 0 where that is not known any more.
    pub examples: u64,
}

/// The surroundings of a training run.
#[derive(Clone, Copy)]
pub struct TrainContext<'a> {
    /// Every random stream derives from this, a purpose and an index.
    pub seed: u64,
    /// Worker threads; 0 is read as 1. The result depends on it, by rounding only.
    pub threads: usize,
    /// Looked at before every step.
    pub cancel: &'a Cancel,
    /// Called from the training thread, about once per percent of an epoch.
    pub progress: &'a (dyn Fn(Progress) + Sync),
    /// Keeps what a training goes on from after it was killed.
    pub checkpoints: &'a dyn Checkpoints,
}

impl TrainContext<'_> {
    /// A pool of [`Self::threads`] workers.
    pub fn pool(&self) -> Result<rayon::ThreadPool, Error> {
        thread_pool(self.threads)
    }
}

/// A pool of `threads` workers; 0 is read as 1.
pub fn thread_pool(threads: usize) -> Result<rayon::ThreadPool, Error> {
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
    built.map_err(|error| Error::Invalid(format!("threads: {error}")))
}

impl std::fmt::Debug for TrainContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrainContext")
            .field("seed", &self.seed)
            .field("threads", &self.threads)
            .field("cancel", &self.cancel)
            .finish_non_exhaustive()
    }
}
