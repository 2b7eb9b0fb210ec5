//! The kinds of durable work, one file each.

mod batch_files;
mod batch_inference;
mod batch_lifecycle;
mod batch_segment;
mod delete_users;
pub mod deploy;
mod export;
mod import;
mod recommender;
mod train;

use crate::leased_job::{LeasedJob, Stop};
use async_trait::async_trait;
use tastemaker_domain::resource::JobKind;
use tastemaker_domain::schema::DatasetType;
use tastemaker_store::{BlobFile, Transaction};

/// A kind of work. Every step may run twice: a kind writes blobs under keys of its own attempt and makes them visible by
/// one commit that also ends the job.
#[async_trait]
pub trait Kind: Send + Sync {
    /// Which jobs it works on.
    fn kind(&self) -> JobKind;

    /// How many of them run side by side in one process.
    fn concurrency(&self) -> usize;

    /// Does the work and ends the job.
    async fn run(&self, work: &LeasedJob) -> Result<(), Stop>;

    /// Shows the customer that the work failed, and why, and ends the job. One decision of [`LeasedJob::transact`].
    async fn fail(&self, work: &LeasedJob, tx: Transaction, reason: &str) -> Result<(), Stop>;

    /// Removes blobs that the work left behind, whatever its end was.
    async fn clean_up(&self, work: &LeasedJob);
}

/// Every kind.
pub const ALL: &[&dyn Kind] = &[
    &import::Import,
    &train::Train,
    &deploy::Deploy,
    &export::Export,
    &delete_users::DeleteUsers,
    &batch_inference::BatchInference,
    &batch_segment::BatchSegment,
    &recommender::Recommend,
];

pub(crate) use deploy::artifact_of;
pub(crate) use import::stop as import_stop;

/// The kind that works on such jobs.
pub(crate) fn of(kind: JobKind) -> Option<&'static dyn Kind> {
    ALL.iter().copied().find(|k| k.kind() == kind)
}

/// The ARN of a group's dataset of a type: `...:dataset/<group>/<TYPE>`.
pub(crate) fn dataset_arn(group_arn: &str, dataset_type: DatasetType) -> String {
    let base = group_arn.replacen(":dataset-group/", ":dataset/", 1);
    format!("{base}/{}", dataset_type.as_str())
}

/// Opens blobs as Parquet files for a blocking thread.
pub(crate) async fn parquet_files(
    work: &crate::JobsCtx,
    keys: &[String],
) -> Result<Vec<tastemaker_compute::BlobParquet>, tastemaker_store::Error> {
    let mut files = Vec::with_capacity(keys.len());
    for key in keys {
        files.push(BlobFile::open(work.stores.blobs.clone(), key).await?.into());
    }
    Ok(files)
}

/// Runs `work` on a blocking thread; a panic there is an error of the backend "jobs".
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, tastemaker_store::Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| tastemaker_store::Error::backend("jobs", error))
}
