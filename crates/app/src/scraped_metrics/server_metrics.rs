//! The rooms of a server that numbers are read from.

use crate::progress::ProgressBoard;
use crate::storage_observer::NewestEvents;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use tastemaker_http::Tls;
use tastemaker_jobs::{Deployer, Nodes};
use tastemaker_serving::Serving;
use tastemaker_store::Stores;

/// Resources of a kind (campaigns, datasets, groups, running jobs) that have numbers of their own; those beyond have none.
pub(super) const RESOURCES_MAX: usize = 500;

/// The rooms that numbers are read from.
pub struct ServerMetrics {
    /// Records, for jobs and resources; blobs, for sizes.
    pub stores: Stores,
    /// The progress of running jobs.
    pub progress: Arc<ProgressBoard>,
    /// The models that answer.
    pub serving: Arc<Serving>,
    /// The processes that share the storage.
    pub nodes: Arc<Nodes>,
    /// Follows the log of events.
    pub deployer: Arc<Deployer>,
    /// The times of streamed events.
    pub newest_events: Arc<NewestEvents>,
    /// The directory of everything durable.
    pub data_dir: PathBuf,
    /// The listener's certificate.
    pub tls: Option<Arc<Tls>>,
    /// When the process started, in milliseconds since the Unix epoch.
    pub started_ms: i64,
    /// The time.
    pub clock: fn() -> i64,
    /// Sizes that were read already.
    pub known: KnownSizes,
}

/// The sizes of files that never change, by their keys.
#[derive(Default)]
pub struct KnownSizes {
    pub(super) models: Mutex<HashMap<String, u64>>,
    pub(super) files: Mutex<HashMap<String, u64>>,
}

impl fmt::Debug for ServerMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerMetrics").finish_non_exhaustive()
    }
}

/// Seconds of milliseconds.
pub(super) fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
