//! The life of a batch job's record, which is the same for both kinds: in progress, then ACTIVE with its files, or failed.

use crate::s3_files::{Publication, folder, remove_unpublished};
use crate::work::{Stop, Work};
use tastemaker_domain::Status;
use tastemaker_domain::resource::{BatchInferenceJob, BatchSegmentJob};
use tastemaker_domain::s3_path::S3Path;
use tastemaker_store::objects::ObjectRecord;
use tastemaker_store::records::{self, Record};
use tastemaker_store::{Precondition, Write};

/// A job that writes files.
pub(super) trait BatchJob: Record {
    /// The folder of its files.
    fn output_path(&self) -> &str;
    /// Where it stands now.
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

/// The job as it is, and the changes that say where it stands now; `None` when it is gone.
async fn turned<J: BatchJob>(
    work: &Work,
    status: Status,
    failure_reason: Option<String>,
) -> Result<Option<(J, Precondition, Write)>, Stop> {
    let Some((at, mut job)) = work.load::<J>(&work.job.resource_arn).await? else { return Ok(None) };
    job.turn(status, failure_reason, work.ctx.now());
    let unchanged = Precondition::Version(records::key::<J>(job.id()), at);
    let write = records::put(&job)?;
    Ok(Some((job, unchanged, write)))
}

/// The work ends without a trace: its job is gone.
async fn lost<T>(work: &Work) -> Result<T, Stop> {
    work.finish(vec![], vec![]).await?;
    Err(Stop::Lost)
}

/// CREATE IN_PROGRESS.
pub(super) async fn start<J: BatchJob>(work: &Work) -> Result<J, Stop> {
    let Some((job, unchanged, write)) = turned::<J>(work, Status::CreateInProgress, None).await? else {
        return lost(work).await;
    };
    work.step("start", vec![unchanged], vec![write]).await?;
    Ok(job)
}

/// Makes the files visible, and the job ACTIVE; returns the blobs of those they replace.
pub(super) async fn publish<J: BatchJob>(
    work: &Work,
    output: &S3Path,
    files: &[ObjectRecord],
) -> Result<Vec<String>, Stop> {
    let Some((job, unchanged, write)) = turned::<J>(work, Status::Active, None).await? else {
        return lost(work).await;
    };
    folder(work, job.output_path()).await?;
    let mut publication = Publication::of(work, &output.bucket, files).await?;
    publication.preconditions.push(unchanged);
    publication.writes.push(write);
    work.finish(publication.preconditions, publication.writes).await?;
    Ok(publication.replaced)
}

/// CREATE FAILED.
pub(super) async fn fail<J: BatchJob>(work: &Work, reason: &str) -> Result<(), Stop> {
    match turned::<J>(work, Status::CreateFailed, Some(reason.to_owned())).await? {
        Some((_, unchanged, write)) => work.finish(vec![unchanged], vec![write]).await,
        None => work.finish(vec![], vec![]).await,
    }
}

/// Removes what attempts wrote and did not publish.
pub(super) async fn clean_up<J: BatchJob>(work: &Work) {
    let removed = async {
        let job = records::load::<J>(&*work.ctx.records, &work.job.resource_arn).await?;
        match job.map(|(_, job)| S3Path::parse_folder("path", job.output_path())) {
            Some(Ok(folder)) => remove_unpublished(work, &folder).await,
            _ => Ok(()),
        }
    };
    if let Err(error) = removed.await {
        tracing::warn!(job = work.job.id, %error, "files of the batch job remain until the next start");
    }
}
