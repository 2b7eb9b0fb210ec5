//! The share of the memory that a training waits for before it computes.

use super::outcome::GRACE;
use crate::leased_job::LeasedJob;
use crate::stop::{Stop, abandoned};
use crate::training_memory::{MemoryNeed, MemoryShare};
use tastemaker_training::fit::{FitRequest, memory_needed};

/// Waits for the memory of a training, with as many `trials` of a search side by side as there is room for.
pub(super) async fn share(work: &LeasedJob, request: &FitRequest<'_>, trials: usize) -> Result<MemoryShare, Stop> {
    // Parameters that cannot be read are judged by the training, with all its other rules.
    let least = memory_needed(request).unwrap_or(0);
    let need = MemoryNeed { least, most: least.saturating_mul(trials.max(1) as u64) };
    let available = &*work.ctx.available_memory;
    tokio::select! {
        share = work.ctx.training_memory.take(need, available) => Ok(share),
        () = abandoned(&work.cancel, GRACE) => Err(Stop::Shutdown),
    }
}
