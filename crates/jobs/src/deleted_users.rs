//! The users of a deletion that is under way, as every process that serves learns of them.

use crate::context::JobsCtx;
use std::collections::HashSet;
use std::sync::Arc;
use tastemaker_domain::resource::DataDeletionJob;
use tastemaker_store::{BlobsExt, Error};

/// The step of the job after which the log is without the users.
pub(crate) const PURGED: &str = "purged";

/// The users that go.
pub(crate) type Users = Arc<HashSet<Box<str>>>;

/// The users of a deletion that has rewritten the bulk data.
pub(crate) async fn noted(ctx: &JobsCtx, deletion: &DataDeletionJob) -> Result<Users, Error> {
    let key = deletion.users_blob.as_deref().unwrap_or_default();
    let bytes = ctx.stores.blobs.read_all(key).await?;
    let users = serde_json::from_slice(&bytes).map_err(|error| Error::Corrupt(format!("{key}: {error}")))?;
    Ok(Arc::new(users))
}
