//! A leased job, through which alone the work on it writes records.
//!
//! Every commit carries the job's record with the version this process last saw, so work that has lost its lease can
//! write nothing any more.

use crate::blobs::blob_segment;
use crate::context::{JobsCtx, millis};
use crate::stop::Stop;
use std::future::Future;
use std::sync::Arc;
use tastemaker_domain::resource::{Job, Lease, TimeMs};
use tastemaker_learn::Cancel;
use tastemaker_store::records::{self, Record};
use tastemaker_store::{BlobMeta, Changes, Error, Precondition, Transaction};
use tokio::sync::Mutex;

/// A job that this process works on.
pub struct LeasedJob {
    /// Storage, clock, serving.
    pub ctx: JobsCtx,
    /// Thrown when the work must end: shutdown, or the lease is lost.
    pub cancel: Arc<Cancel>,
    held: Mutex<LeasedRecord>,
    /// The job as it was leased.
    pub job: Job,
}

struct LeasedRecord {
    version: u64,
    job: Job,
}

/// The number of times a decision is made anew after a conflict.
const CONFLICTS_MAX: usize = 50;

impl LeasedJob {
    /// Takes the lease of a job as it was read; `None` if somebody else was quicker or storage refuses.
    pub(crate) async fn lease(ctx: &JobsCtx, version: u64, job: &Job) -> Result<Option<Self>, Error> {
        let mut leased = job.clone();
        leased.attempts += 1;
        leased.lease = Some(new_lease(ctx));
        let key = records::key::<Job>(&job.id);
        match ctx.stores.records.commit(vec![Precondition::Version(key, version)], vec![records::put(&leased)?]).await {
            Err(Error::Conflict(_)) => return Ok(None),
            other => other?,
        }
        let Some(held) = reload(ctx, &job.id).await? else { return Ok(None) };
        Ok(Some(Self { ctx: ctx.clone(), cancel: Arc::default(), job: held.job.clone(), held: Mutex::new(held) }))
    }

    /// The folder of blob keys that belongs to this attempt: `<root>/<job id>-<attempt>`.
    pub fn blob_folder(&self, root: &str) -> String {
        format!("{}{}", self.blob_prefix(root), self.job.attempts)
    }

    /// The blobs that this attempt and those before it have written below `root`. Those of a later one are of whoever leased the
    /// job after this process had lost it, and are not to be touched.
    pub async fn blobs_until_now(&self, root: &str) -> Result<Vec<BlobMeta>, Error> {
        let prefix = self.blob_prefix(root);
        let mut blobs = self.ctx.stores.blobs.list(&prefix).await?;
        blobs.retain(|blob| attempt_of(&blob.key, &prefix).is_some_and(|attempt| attempt <= self.job.attempts));
        Ok(blobs)
    }

    fn blob_prefix(&self, root: &str) -> String {
        format!("{root}/{}-", blob_segment(&self.job.id))
    }

    /// Commits the transaction together with the job's progress to `step` and a fresh lease.
    pub async fn step(&self, step: &str, tx: Transaction) -> Result<(), Stop> {
        let name = |job: &mut Job| step.clone_into(&mut job.step);
        self.commit(tx, Some(&name)).await?;
        if let Some(tracer) = &self.ctx.tracer {
            tracer.step(&self.job, step);
        }
        Ok(())
    }

    /// Commits the transaction together with the job's end.
    pub async fn finish(&self, tx: Transaction) -> Result<(), Stop> {
        self.commit(tx, None).await
    }

    /// Extends the lease.
    pub(crate) async fn renew(&self) -> Result<(), Stop> {
        self.commit(Transaction::new(), Some(&|_| {})).await
    }

    /// Gives the lease back; the job is not started again before `not_before_ms`.
    pub(crate) async fn release(&self, not_before_ms: TimeMs) -> Result<(), Stop> {
        let free = |job: &mut Job| {
            job.lease = None;
            job.not_before_ms = not_before_ms;
        };
        match self.commit(Transaction::new(), Some(&free)).await {
            // The commit is followed by a look at the lease, which is gone by intention.
            Ok(()) | Err(Stop::Lost) => Ok(()),
            other => other,
        }
    }

    /// Runs `decide`, which reads, judges and commits its transaction by [`Self::step`] or [`Self::finish`], for as long as
    /// somebody else's writes come between.
    pub async fn transact<T, Fut>(&self, mut decide: impl FnMut(Transaction) -> Fut) -> Result<T, Stop>
    where
        Fut: Future<Output = Result<T, Stop>>,
    {
        for _ in 0..CONFLICTS_MAX {
            match decide(Transaction::new()).await {
                Err(Stop::Conflict) => continue,
                other => return other,
            }
        }
        Err(Stop::Retry(Error::Unavailable(format!("job {}: too many concurrent writers", self.job.id))))
    }

    /// The record and its version, for decisions of [`Self::transact`].
    pub async fn load<R: Record>(&self, id: &str) -> Result<Option<(u64, R)>, Stop> {
        Ok(records::load::<R>(&*self.ctx.stores.records, id).await?)
    }

    async fn commit(&self, tx: Transaction, change: Option<&(dyn Fn(&mut Job) + Sync)>) -> Result<(), Stop> {
        let Changes { mut preconditions, mut writes, channels } = tx.take();
        let mut held = self.held.lock().await;
        preconditions.push(Precondition::Version(records::key::<Job>(&self.job.id), held.version));
        match change {
            Some(change) => {
                let mut job = held.job.clone();
                job.lease = Some(new_lease(&self.ctx));
                change(&mut job);
                writes.push(records::put(&job)?);
            }
            None => writes.push(records::delete::<Job>(&self.job.id)),
        }
        let committed = self.ctx.stores.records.commit(preconditions, writes).await;
        if committed.is_ok() {
            for channel in channels {
                self.ctx.stores.wakeups.notify(channel).await;
            }
        }
        if change.is_none() && committed.is_ok() {
            return Ok(());
        }
        if matches!(committed, Ok(()) | Err(Error::Conflict(_))) {
            // A commit whose acknowledgement was lost shows here as a newer version of our own lease.
            match reload(&self.ctx, &self.job.id).await? {
                Some(found) => *held = found,
                None => return Err(Stop::Lost),
            }
        }
        Ok(committed?)
    }
}

/// The number of the attempt that wrote a blob below `<root>/<job id>-`.
fn attempt_of(key: &str, prefix: &str) -> Option<u32> {
    key.strip_prefix(prefix)?.split('/').next()?.parse().ok()
}

fn new_lease(ctx: &JobsCtx) -> Lease {
    Lease { owner: ctx.owner.clone(), expires_ms: ctx.now() + millis(ctx.settings.lease) }
}

/// The job as it is now, if this process holds its lease.
async fn reload(ctx: &JobsCtx, id: &str) -> Result<Option<LeasedRecord>, Error> {
    let found = records::load::<Job>(&*ctx.stores.records, id).await?;
    let ours = |job: &Job| job.lease.as_ref().is_some_and(|lease| lease.owner == ctx.owner);
    Ok(found.filter(|(_, job)| ours(job)).map(|(version, job)| LeasedRecord { version, job }))
}
