//! The states of a batch job's record, which is the same for both kinds: in progress, then ACTIVE with its files, or failed.

use crate::leased_job::LeasedJob;
use crate::orphans::{remove_of_ended_jobs, unfinished};
use crate::s3_files::{folder, publish_objects, remove_unpublished};
use crate::stop::Stop;
use tastemaker_domain::resource::{BatchInferenceJob, BatchSegmentJob};
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::{Member, Status};
use tastemaker_store::Transaction;
use tastemaker_store::objects::ObjectRecord;
use tastemaker_store::records::{self, Record};

/// A job that writes files.
pub(super) trait BatchJob: Record {
    /// The folder of its files.
    fn output_path(&self) -> &str;
    /// Sets its status and the time of the change.
    fn turn(&mut self, status: Status, failure_reason: Option<String>, now_ms: i64);
}

impl BatchJob for BatchInferenceJob {
    fn output_path(&self) -> &str {
        &self.output.path
    }

    fn turn(&mut self, status: Status, failure_reason: Option<String>, now_ms: i64) {
        (self.status, self.failure_reason, self.updated_ms) = (status, failure_reason, now_ms);
    }
}

impl BatchJob for BatchSegmentJob {
    fn output_path(&self) -> &str {
        &self.output.path
    }

    fn turn(&mut self, status: Status, failure_reason: Option<String>, now_ms: i64) {
        (self.status, self.failure_reason, self.updated_ms) = (status, failure_reason, now_ms);
    }
}

/// Adds that the job stands at `status` now; returns it as it is then, `None` when it is gone.
async fn turned<J: BatchJob>(
    work: &LeasedJob,
    tx: &Transaction,
    status: Status,
    failure_reason: Option<String>,
) -> Result<Option<J>, Stop> {
    let Some((at, mut job)) = work.load::<J>(&work.job.resource_arn).await? else { return Ok(None) };
    job.turn(status, failure_reason, work.ctx.now());
    tx.replace(at, &job)?;
    Ok(Some(job))
}

/// The work ends without a trace: its job is gone.
async fn lost<T>(work: &LeasedJob, tx: Transaction) -> Result<T, Stop> {
    work.finish(tx).await?;
    Err(Stop::Lost)
}

/// CREATE IN_PROGRESS.
pub(super) async fn start<J: BatchJob>(work: &LeasedJob, tx: Transaction) -> Result<J, Stop> {
    let Some(job) = turned::<J>(work, &tx, Status::CreateInProgress, None).await? else {
        return lost(work, tx).await;
    };
    work.step("start", tx).await?;
    Ok(job)
}

/// Shows how far the job has come, where people look for it.
pub(super) async fn note<J: BatchJob>(work: &LeasedJob, tx: Transaction, progress: &str) -> Result<(), Stop> {
    if turned::<J>(work, &tx, Status::CreateInProgress, Some(progress.to_owned())).await?.is_none() {
        return lost(work, tx).await;
    }
    work.step("answer", tx).await
}

/// Makes the files visible, and the job ACTIVE; returns the blobs of those they replace.
pub(super) async fn publish<J: BatchJob>(
    work: &LeasedJob,
    tx: Transaction,
    output: &S3Path,
    files: &[ObjectRecord],
) -> Result<Vec<String>, Stop> {
    let Some(job) = turned::<J>(work, &tx, Status::Active, None).await? else {
        return lost(work, tx).await;
    };
    folder(work, job.output_path()).await?;
    let replaced = publish_objects(work, &tx, &output.bucket, files).await?;
    work.finish(tx).await?;
    Ok(replaced)
}

/// CREATE FAILED.
pub(super) async fn fail<J: BatchJob>(work: &LeasedJob, tx: Transaction, reason: &str) -> Result<(), Stop> {
    turned::<J>(work, &tx, Status::CreateFailed, Some(reason.to_owned())).await?;
    work.finish(tx).await
}

/// Removes what attempts wrote and did not publish; finished blocks only when the job has ended.
pub(super) async fn clean_up<J: BatchJob>(work: &LeasedJob) {
    let removed = async {
        remove_of_ended_jobs(&work.ctx, &unfinished(&work.job.id)).await?;
        let job = records::load::<J>(&*work.ctx.stores.records, &work.job.resource_arn).await?;
        match job.map(|(_, job)| S3Path::parse_folder(Member::Path, job.output_path())) {
            Some(Ok(folder)) => remove_unpublished(work, &folder).await,
            _ => Ok(()),
        }
    };
    if let Err(error) = removed.await {
        tracing::warn!(job = work.job.id, %error, "files of the batch job remain until the next start");
    }
}
