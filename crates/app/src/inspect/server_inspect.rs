//! The parts of a running server that a look into it needs.

use crate::progress::ProgressBoard;
use std::sync::Arc;
use tastemaker_domain::resource::TimeMs;
use tastemaker_serving::Serving;
use tastemaker_store::Stores;

/// The server behind the operations.
pub struct ServerInspect {
    /// Storage.
    pub stores: Stores,
    /// The deployed models.
    pub serving: Arc<Serving>,
    /// The progress of running jobs.
    pub progress: Arc<ProgressBoard>,
    /// The time.
    pub clock: fn() -> TimeMs,
}
