//! Helpers of several kinds of work: ARNs of datasets, keys of blobs, Parquet files of blobs, and blocking threads.

use crate::context::JobsCtx;
use tastemaker_compute::BlobParquet;
use tastemaker_domain::schema::DatasetType;
use tastemaker_store::{BlobFile, Error};

/// The ARN of a group's dataset of a type: `...:dataset/<group>/<TYPE>`.
pub(crate) fn dataset_arn(group_arn: &str, dataset_type: DatasetType) -> String {
    let base = group_arn.replacen(":dataset-group/", ":dataset/", 1);
    format!("{base}/{}", dataset_type.as_str())
}

/// Opens blobs as Parquet files for a blocking thread.
pub(crate) async fn parquet_files(ctx: &JobsCtx, keys: &[String]) -> Result<Vec<BlobParquet>, Error> {
    let mut files = Vec::with_capacity(keys.len());
    for key in keys {
        files.push(BlobFile::open(ctx.stores.blobs.clone(), key).await?.into());
    }
    Ok(files)
}

/// Runs `work` on a blocking thread; a panic there is an error of the backend "jobs".
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::backend("jobs", error))
}

/// `text` with everything that a blob key may not contain replaced by `_`.
pub(crate) fn blob_segment(text: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    text.chars().map(legal).collect()
}
