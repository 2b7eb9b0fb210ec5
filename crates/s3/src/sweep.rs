//! The removal of blobs that no record names.

use std::collections::HashSet;

use futures::TryStreamExt;
use tastemaker_store::objects::decode;
use tastemaker_store::{Blobs, Records, RecordsExt, Result, Write, from_json};

use crate::records::{PARTS, PartRecord, UPLOADS};

/// Deletes what crashes left: parts of uploads that are gone, and blobs below `s3/` that no record names. Returns how many
/// blobs were deleted. To be called before the endpoint serves: an upload in progress would look abandoned.
pub async fn sweep_orphans(records: &dyn Records, blobs: &dyn Blobs) -> Result<usize> {
    let mut named = HashSet::new();
    let mut objects = records.pages("s3/object/");
    while let Some(page) = objects.try_next().await? {
        for (key, found) in page {
            named.insert(decode(&key, &found.value)?.blob);
        }
    }
    let uploads = records.scan_all(UPLOADS).await?;
    let uploads: HashSet<_> = uploads.iter().filter_map(|(key, _)| key.rsplit_once('/').map(|(_, id)| id)).collect();
    let mut abandoned = Vec::new();
    for (key, found) in records.scan_all(PARTS).await? {
        let upload = key.strip_prefix(PARTS).and_then(|rest| rest.split_once('/')).map(|(upload, _)| upload);
        if upload.is_some_and(|upload| uploads.contains(upload)) {
            named.insert(from_json::<PartRecord>(&key, &found.value)?.blob);
        } else {
            abandoned.push(Write::Delete { key });
        }
    }
    if !abandoned.is_empty() {
        records.commit(Vec::new(), abandoned).await?;
    }
    let mut deleted = 0;
    for blob in blobs.list("s3/").await? {
        if !named.contains(&blob.key) {
            blobs.delete(&blob.key).await?;
            deleted += 1;
        }
    }
    Ok(deleted)
}
