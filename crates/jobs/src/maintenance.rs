//! The work that one worker does for all that share the storage: models with new items, logs that are folded, and the removal of files that nobody names.

use crate::context::JobsCtx;
use crate::deployer::Deployer;
use crate::folded_log;
use crate::orphans;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_store::{AgedDeletes, Error, Stores};
use tokio::sync::watch;
use tokio::time::Instant;

/// Time between two searches for files that nobody names.
const SWEEP_PAUSE: Duration = Duration::from_secs(10 * 60);
/// Time between two looks at how far logs have grown.
const FOLD_PAUSE: Duration = Duration::from_secs(60);
/// Time for which nobody may have named a file before it is removed.
const SWEEP_AGE: Duration = Duration::from_secs(60 * 60);

/// Does so until `shutdown` becomes true, whenever this process leads.
pub(crate) async fn keep(ctx: JobsCtx, deployer: Arc<Deployer>, mut shutdown: watch::Receiver<bool>) {
    let mut sweep = Sweep::new(&ctx);
    let mut swept = Instant::now();
    let mut folded = Instant::now();
    while !*shutdown.borrow() {
        tokio::select! {
            () = tokio::time::sleep(ctx.settings.poll) => {}
            _ = shutdown.changed() => break,
        }
        if !ctx.nodes.leads() {
            continue;
        }
        if let Err(error) = deployer.refresh_items(&ctx).await {
            tracing::warn!(%error, "models that take in new items cannot be read");
        }
        if folded.elapsed() >= FOLD_PAUSE {
            folded = Instant::now();
            if let Err(error) = folded_log::round(&ctx).await {
                tracing::warn!(%error, "the logs of streamed events cannot be folded");
            }
        }
        if ctx.nodes.is_shared() && swept.elapsed() >= SWEEP_PAUSE {
            swept = Instant::now();
            if let Err(error) = sweep.round().await {
                tracing::warn!(%error, "files that nobody names cannot be searched for");
            }
        }
    }
}

/// The search for files that nobody names beside processes at work.
pub(crate) struct Sweep {
    ctx: JobsCtx,
    blobs: Arc<AgedDeletes>,
}

impl Sweep {
    /// With nothing found yet.
    pub fn new(ctx: &JobsCtx) -> Self {
        let blobs = Arc::new(AgedDeletes::new(ctx.stores.blobs.clone(), SWEEP_AGE));
        let stores = Stores { blobs: blobs.clone(), ..ctx.stores.clone() };
        Self { ctx: JobsCtx { stores, ..ctx.clone() }, blobs }
    }

    /// Looks once, and removes what was nobody's each time for long enough.
    pub async fn round(&mut self) -> Result<(), Error> {
        orphans::sweep(&self.ctx).await?;
        self.blobs.end_round();
        Ok(())
    }
}
