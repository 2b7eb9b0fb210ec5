//! Checkpoints of a training as blobs: `checkpoints/<job id>/<training>/<part>/<n>`, of which the highest `n` counts.
//!
//! They outlive the process and go when the job ends. What another version, configuration or data left there is put away when
//! the training begins. Failures of storage cost no more than the checkpoint.

use crate::blobs::blob_segment;
use crate::context::JobsCtx;
use crate::leased_job::LeasedJob;
use crate::orphans::CHECKPOINTS;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tastemaker_learn::{Cancel, Checkpoints};
use tastemaker_store::{Blobs, BlobsExt, Error};
use tokio::runtime::Handle;

/// The keys of a job's checkpoints begin with this.
pub(super) fn root_of(job_id: &str) -> String {
    format!("{CHECKPOINTS}{}/", blob_segment(job_id))
}

/// Whether an earlier attempt at a job left checkpoints.
pub(super) async fn are_there(ctx: &JobsCtx, job_id: &str) -> Result<bool, Error> {
    Ok(!ctx.stores.blobs.list(&root_of(job_id)).await?.is_empty())
}

/// Removes the checkpoints of a job.
pub(super) async fn remove(ctx: &JobsCtx, job_id: &str) -> Result<(), Error> {
    for blob in ctx.stores.blobs.list(&root_of(job_id)).await? {
        ctx.stores.blobs.delete(&blob.key).await?;
    }
    Ok(())
}

/// The checkpoints of one training, for threads that do not run async tasks.
pub(super) struct BlobCheckpoints {
    blobs: Arc<dyn Blobs>,
    handle: Handle,
    /// Work that was abandoned writes nothing any more.
    cancel: Arc<Cancel>,
    root: String,
    /// Work after which a checkpoint is due.
    every: Duration,
    state: Mutex<State>,
}

struct State {
    /// The folder of the training, once it has begun.
    folder: String,
    last: Instant,
}

impl BlobCheckpoints {
    /// Those of a job; to be called by async code.
    pub(super) fn of(work: &LeasedJob) -> Self {
        let root = root_of(&work.job.id);
        Self {
            blobs: work.ctx.stores.blobs.clone(),
            handle: Handle::current(),
            cancel: work.cancel.clone(),
            every: work.ctx.settings.checkpoint_every,
            state: Mutex::new(State { folder: format!("{root}unknown/"), last: Instant::now() }),
            root,
        }
    }

    fn folder_of(&self, name: &str) -> String {
        format!("{}{}/", self.state.lock().folder, blob_segment(name))
    }

    /// The numbers of the blobs in a folder, ascending.
    async fn numbers(&self, folder: &str) -> Result<Vec<u64>, Error> {
        let blobs = self.blobs.list(folder).await?;
        let mut numbers: Vec<u64> =
            blobs.iter().filter_map(|blob| blob.key.strip_prefix(folder)?.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    async fn put_away_others(&self, folder: &str) -> Result<(), Error> {
        let mut others = 0;
        for blob in self.blobs.list(&self.root).await?.iter().filter(|blob| !blob.key.starts_with(folder)) {
            self.blobs.delete(&blob.key).await?;
            others += 1;
        }
        if others > 0 {
            tracing::warn!(others, "checkpoints of another version, configuration or data are ignored");
        }
        Ok(())
    }

    async fn latest(&self, folder: &str) -> Result<Option<Vec<u8>>, Error> {
        let Some(number) = self.numbers(folder).await?.pop() else { return Ok(None) };
        Ok(Some(self.blobs.read_all(&format!("{folder}{number}")).await?.to_vec()))
    }

    async fn replace(&self, folder: &str, pieces: &mut dyn Iterator<Item = Vec<u8>>) -> Result<(), Error> {
        let before = self.numbers(folder).await?;
        let next = before.last().map_or(1, |last| last + 1);
        let mut writer = self.blobs.writer(&format!("{folder}{next}")).await?;
        for piece in pieces {
            writer.write(piece.into()).await?;
        }
        writer.finish().await?;
        for number in before {
            self.blobs.delete(&format!("{folder}{number}")).await?;
        }
        Ok(())
    }
}

impl Checkpoints for BlobCheckpoints {
    fn is_kept(&self) -> bool {
        true
    }

    fn begin(&self, training: &str) {
        let folder = format!("{}{}/", self.root, blob_segment(training));
        if let Err(error) = self.handle.block_on(self.put_away_others(&folder)) {
            tracing::warn!(%error, "checkpoints of another training remain until the job ends");
        }
        self.state.lock().folder = folder;
    }

    fn is_due(&self) -> bool {
        !self.cancel.is_cancelled() && self.state.lock().last.elapsed() >= self.every
    }

    fn load(&self, name: &str) -> Option<Vec<u8>> {
        let loaded = self.handle.block_on(self.latest(&self.folder_of(name)));
        let found = loaded.unwrap_or_else(|error| {
            tracing::warn!(name, %error, "a checkpoint cannot be read");
            None
        })?;
        tracing::info!(name, bytes = found.len(), "the training goes on from a checkpoint");
        Some(found)
    }

    fn save(&self, name: &str, pieces: &mut dyn Iterator<Item = Vec<u8>>) {
        match self.handle.block_on(self.replace(&self.folder_of(name), pieces)) {
            Ok(()) => tracing::debug!(name, "checkpoint"),
            Err(error) => tracing::warn!(name, %error, "a checkpoint cannot be written; the training goes on"),
        }
        self.state.lock().last = Instant::now();
    }
}
