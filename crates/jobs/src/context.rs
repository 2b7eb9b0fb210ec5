//! The context of jobs: stores, clock, serving and settings; no state of the work itself.

use crate::job_tracer::JobTracer;
use crate::nodes::Nodes;
use crate::theme_writer::ThemeWriter;
use crate::training_memory::TrainingMemory;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_domain::limits::CLOCK_AHEAD_S_MAX;
use tastemaker_domain::resource::TimeMs;
use tastemaker_learn::Progress;
use tastemaker_serving::Serving;
use tastemaker_store::external_buckets::{ExternalBuckets, ReadableBlobs};
use tastemaker_store::{Blobs, Stores};
use tokio::sync::watch;

/// Is told how far the work on a resource (by ARN) has come.
pub type ProgressSink = Arc<dyn Fn(&str, &Progress) + Send + Sync>;

/// Is told that no more progress on a resource (by ARN) comes from here: its work ended, in whatever way.
pub type EndSink = Arc<dyn Fn(&str) + Send + Sync>;

/// Storage, clock, serving and limits of the job runner. Cloning shares everything.
#[derive(Clone)]
pub struct JobsCtx {
    /// Resources, jobs, streamed data, files and models, and hints that there may be work.
    pub stores: Stores,
    /// Buckets outside this server that locations may name.
    pub external: Arc<ExternalBuckets>,
    /// The time now.
    pub clock: Arc<dyn Fn() -> TimeMs + Send + Sync>,
    /// The registry of deployed models.
    pub serving: Arc<Serving>,
    /// Bytes of memory that this process may still take, where the system tells.
    pub available_memory: Arc<dyn Fn() -> Option<u64> + Send + Sync>,
    /// The memory that trainings side by side share.
    pub training_memory: Arc<TrainingMemory>,
    /// Worker threads of one training.
    pub threads: usize,
    /// The writer of themes in place of those that the data gives.
    pub theme_writer: Option<Arc<dyn ThemeWriter>>,
    /// The receiver of progress.
    pub progress: ProgressSink,
    /// The receiver of the ends of work.
    pub ended: EndSink,
    /// The receiver of spans.
    pub tracer: Option<Arc<dyn JobTracer>>,
    /// This process: a UUID made at its start.
    pub owner: String,
    /// This process among those that share the storage.
    pub nodes: Arc<Nodes>,
    /// Leases, polling and repetition.
    pub settings: Settings,
    /// Threads and settings as they are now, where they may change.
    pub live: Option<watch::Receiver<LiveSettings>>,
}

/// The settings that may change while a process runs. Every job keeps those with which it began.
#[derive(Clone)]
pub struct LiveSettings {
    /// Worker threads of one training.
    pub threads: usize,
    /// Leases, polling and repetition.
    pub settings: Settings,
    /// The writer of themes in place of those that the data gives.
    pub theme_writer: Option<Arc<dyn ThemeWriter>>,
}

/// Leases, polling and repetition.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The time that a lease lasts without renewal.
    pub lease: Duration,
    /// The pause between renewals of a lease.
    pub heartbeat: Duration,
    /// The pause between looks at records when no notification comes.
    pub poll: Duration,
    /// The pause after a first failure that may pass; it doubles with each attempt,
    pub backoff_first: Duration,
    /// up to this.
    pub backoff_max: Duration,
    /// The pause between two looks for new items by models that take them in without training.
    pub incremental: Duration,
    /// The number of times a job is started before it fails for good.
    pub attempts_max: u32,
    /// The time between two automatic updates of a campaign: what was streamed is folded into what it serves.
    pub update_interval: Duration,
    /// Whether any value that breaks the rule of its column fails an import; otherwise only ids, the times of interactions and
    /// the structure of a file do.
    pub strict_imports: bool,
    /// Trainings at a time; where it is more than one, the last place is for short ones.
    pub trainings_side_by_side: usize,
    /// The work after which a training writes down how far it has come, at the end of the next epoch or part.
    pub checkpoint_every: Duration,
    /// Streamed events of a group by which its log grows at least before it is folded again.
    pub fold_after: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            heartbeat: Duration::from_secs(10),
            poll: Duration::from_secs(2),
            backoff_first: Duration::from_secs(1),
            backoff_max: Duration::from_secs(300),
            incremental: Duration::from_secs(30 * 60),
            attempts_max: 20,
            update_interval: Duration::from_secs(2 * 3600),
            strict_imports: false,
            trainings_side_by_side: 3,
            checkpoint_every: Duration::from_secs(30),
            fold_after: 200_000,
        }
    }
}

impl Settings {
    /// The pause after the given number of starts, in milliseconds.
    pub(crate) fn backoff_ms(&self, attempts: u32) -> TimeMs {
        let doubled = self.backoff_first.saturating_mul(1 << attempts.saturating_sub(1).min(20));
        millis(doubled.min(self.backoff_max))
    }
}

pub(crate) fn millis(duration: Duration) -> TimeMs {
    TimeMs::try_from(duration.as_millis()).unwrap_or(TimeMs::MAX)
}

impl JobsCtx {
    /// Takes the threads and settings of this moment.
    pub(crate) fn keep_up(&mut self) {
        if let Some(live) = &self.live {
            let now = live.borrow();
            self.threads = now.threads;
            self.settings = now.settings.clone();
            self.theme_writer = now.theme_writer.clone();
        }
    }

    pub(crate) fn now(&self) -> TimeMs {
        (self.clock)()
    }

    /// The bytes of objects that locations name, whether they are of this server's own buckets or outside.
    pub(crate) fn sources(&self) -> Arc<dyn Blobs> {
        Arc::new(ReadableBlobs::new(self.stores.blobs.clone(), self.external.clone()))
    }

    /// The last time that an interaction may have, in seconds; what is later is of a clock that ran ahead.
    pub(crate) fn until_s(&self) -> i64 {
        self.now() / 1000 + CLOCK_AHEAD_S_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let settings = Settings::default();
        let pauses: Vec<_> = [1, 2, 3, 9, 10, 4_000_000].map(|n| settings.backoff_ms(n)).into();
        assert_eq!(pauses, [1000, 2000, 4000, 256_000, 300_000, 300_000]);
    }
}
