//! The removal of orphans: blobs that no record names, left behind by crashes, failures and replaced imports.

use crate::blobs::blob_segment;
use crate::context::JobsCtx;
use crate::leased_job::LeasedJob;
use std::collections::HashSet;
use tastemaker_domain::resource::{DataDeletionJob, Dataset, Job, SolutionVersion};
use tastemaker_store::{BlobMeta, Error, records};

/// The folder of imported files: `datasets/<group>/<type>/<job id>-<attempt>/<n>.parquet`.
pub(crate) const DATASETS: &str = "datasets/";
/// The folder of models: `artifacts/<solution>/<version>/<job id>-<attempt>/<file>`.
pub(crate) const ARTIFACTS: &str = "artifacts/";

/// The folder of the checkpoints of trainings: `checkpoints/<job id>/<training>/<part>/<n>`.
pub(crate) const CHECKPOINTS: &str = "checkpoints/";

/// The folder with the users of deletions under way: `deletions/<job id>-<attempt>/users`.
pub(crate) const DELETIONS: &str = "deletions/";

/// The folder with what jobs under way have finished or set aside: `unfinished/<job id>/<name>`.
pub(crate) const UNFINISHED: &str = "unfinished/";

/// Removes every blob that this attempt of a job or one before it wrote below `root` and that no dataset, no solution version and
/// no data deletion job names.
pub(crate) async fn remove_unnamed_of(work: &LeasedJob, root: &str) -> Result<usize, Error> {
    // Listed first: a blob that a record comes to name after this line is newer than the list.
    let blobs = work.blobs_until_now(root).await?;
    remove_unnamed(&work.ctx, blobs).await
}

/// Removes those of the blobs, which were listed before this is called, that no dataset, no solution version and no data deletion
/// job names.
async fn remove_unnamed(ctx: &JobsCtx, blobs: Vec<BlobMeta>) -> Result<usize, Error> {
    if blobs.is_empty() {
        return Ok(0);
    }
    let datasets = records::list_whole::<Dataset>(&*ctx.stores.records).await?;
    let files: HashSet<String> = datasets.into_iter().flat_map(|(_, dataset)| dataset.bulk_files).collect();
    let deletions = records::list_whole::<DataDeletionJob>(&*ctx.stores.records).await?;
    let users: HashSet<String> = deletions.into_iter().filter_map(|(_, deletion)| deletion.users_blob).collect();
    let versions = records::list_whole::<SolutionVersion>(&*ctx.stores.records).await?;
    let artifacts: HashSet<String> = versions.into_iter().filter_map(|(_, version)| version.artifact_key).collect();
    let mut removed = 0;
    for blob in blobs {
        let folder = blob.key.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !files.contains(&blob.key) && !artifacts.contains(folder) && !users.contains(&blob.key) {
            ctx.stores.blobs.delete(&blob.key).await?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// The folder of a job below [`UNFINISHED`].
pub(crate) fn unfinished(job_id: &str) -> String {
    format!("{UNFINISHED}{}/", blob_segment(job_id))
}

/// Removes every blob below `prefix`, in [`UNFINISHED`] or [`CHECKPOINTS`], whose job has ended.
pub(crate) async fn remove_of_ended_jobs(ctx: &JobsCtx, prefix: &str) -> Result<usize, Error> {
    // Listed first, as above.
    let blobs = ctx.stores.blobs.list(prefix).await?;
    if blobs.is_empty() {
        return Ok(0);
    }
    let jobs = records::list_whole::<Job>(&*ctx.stores.records).await?;
    let running: HashSet<String> = jobs.iter().map(|(_, job)| blob_segment(&job.id)).collect();
    let is_needed = |key: &str| {
        let job = key.split('/').nth(1);
        job.is_some_and(|job| running.contains(job))
    };
    let mut removed = 0;
    for blob in blobs.iter().filter(|blob| !is_needed(&blob.key)) {
        ctx.stores.blobs.delete(&blob.key).await?;
        removed += 1;
    }
    Ok(removed)
}

/// Removes what processes left behind. Where none of their jobs runs, whatever nobody names goes; else the files of jobs that have
/// not ended stay.
pub(crate) async fn sweep(ctx: &JobsCtx) -> Result<(), Error> {
    let mut removed = 0;
    for prefix in [DATASETS, ARTIFACTS, DELETIONS] {
        let mut blobs = ctx.stores.blobs.list(prefix).await?;
        if ctx.nodes.is_shared() {
            // Read after the list and before the names: a job that is gone by now has named what it was to name.
            let jobs = records::list_whole::<Job>(&*ctx.stores.records).await?;
            let of_jobs: Vec<String> = jobs.iter().map(|(_, job)| format!("{}-", blob_segment(&job.id))).collect();
            blobs.retain(|blob| !blob.key.split('/').any(|part| of_jobs.iter().any(|job| part.starts_with(job))));
        }
        removed += remove_unnamed(ctx, blobs).await?;
    }
    for folder in [UNFINISHED, CHECKPOINTS] {
        removed += remove_of_ended_jobs(ctx, folder).await?;
    }
    if removed > 0 {
        tracing::info!(removed, "blobs that no record names were put away");
    }
    Ok(())
}
