//! Blobs that no record names at a start. Nothing is deleted at once: they are set aside in `lost/until-<day>` and deleted
//! when that day has passed, and those that the records know come back, as after the right backup was put in place.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use time::OffsetDateTime;

use crate::{BlobMeta, BlobStream, BlobWriter, Blobs, ChecksummedBlobs, Error, ObjectStoreBlobs, Result};

const MS_PER_DAY: i64 = 24 * 3_600 * 1_000;

/// [`Blobs`] whose deletions set aside, for the sweeps of a start.
#[derive(Clone)]
pub struct SettingAside {
    blobs: ChecksummedBlobs<ObjectStoreBlobs>,
    files: ObjectStoreBlobs,
    folder: String,
    count: Arc<AtomicU64>,
}

/// Counts of blobs that lie aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LostBlobs {
    /// The number that lie there.
    pub count: usize,
    /// Their bytes.
    pub bytes: u64,
    /// The number deleted because their day has passed.
    pub expired: usize,
}

/// The folder of blobs that are kept until a day, in UTC.
fn folder(until_ms: i64) -> String {
    let day = OffsetDateTime::from_unix_timestamp(until_ms / 1_000).unwrap_or(OffsetDateTime::UNIX_EPOCH).date();
    format!("until-{day}")
}

impl SettingAside {
    /// Sets aside for `days` from `now_ms`.
    pub fn new(files: ObjectStoreBlobs, blobs: ChecksummedBlobs<ObjectStoreBlobs>, now_ms: i64, days: u32) -> Self {
        let folder = folder(now_ms.saturating_add(i64::from(days) * MS_PER_DAY));
        Self { blobs, files, folder, count: Arc::default() }
    }

    /// The number set aside.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

/// Brings back the lost blobs that the records know; their number.
pub async fn bring_back(files: &ObjectStoreBlobs, blobs: &ChecksummedBlobs<ObjectStoreBlobs>) -> Result<usize> {
    let lost = files.lost().await?;
    if lost.is_empty() {
        return Ok(0);
    }
    let known = blobs.known().await?;
    let mut found = 0;
    for lost in lost.iter().filter(|lost| known.contains(&lost.key)) {
        found += usize::from(files.bring_back(lost).await?);
    }
    Ok(found)
}

/// Counts the lost blobs. With a time, those whose day has passed by then are deleted.
pub async fn expire(files: &ObjectStoreBlobs, now_ms: Option<i64>) -> Result<LostBlobs> {
    let today = now_ms.map(folder);
    let mut left = LostBlobs::default();
    for lost in files.lost().await? {
        // Days in this form are in the order of their text.
        if today.as_ref().is_some_and(|today| lost.folder.starts_with("until-") && lost.folder < *today) {
            files.delete_lost(&lost).await?;
            left.expired += 1;
        } else {
            left.count += 1;
            left.bytes += lost.size;
        }
    }
    Ok(left)
}

#[async_trait]
impl Blobs for SettingAside {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        self.blobs.put(key, body).await
    }

    async fn writer(&self, key: &str) -> Result<Box<dyn BlobWriter>> {
        self.blobs.writer(key).await
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<BlobStream> {
        self.blobs.read(key, range).await
    }

    async fn head(&self, key: &str) -> Result<BlobMeta> {
        self.blobs.head(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobMeta>> {
        self.blobs.list(prefix).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        match self.files.set_aside(key, &self.folder).await {
            Err(Error::NotFound(_)) => {}
            moved => moved?,
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.blobs.forget(key).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BlobsExt, MemoryRecords, Records};
    use object_store::memory::InMemory;

    const NOW: i64 = 1_800_000_000_000;

    async fn check(files: ObjectStoreBlobs) {
        let records = Arc::new(MemoryRecords::new());
        let blobs = ChecksummedBlobs::new(files.clone(), records.clone());
        for key in ["a/b", "a/c"] {
            blobs.put(key, "bytes".into()).await.expect("put");
        }
        let aside = SettingAside::new(files.clone(), blobs.clone(), NOW, 30);
        let backup = records.get("blob/a/b").await.expect("get").expect("there").value;
        for key in ["a/b", "a/c"] {
            aside.delete(key).await.expect("set aside");
        }
        assert_eq!(aside.count(), 2);
        assert!(matches!(blobs.head("a/b").await, Err(Error::NotFound(_))));
        let folders: Vec<_> = files.lost().await.expect("list").into_iter().map(|l| (l.folder, l.key)).collect();
        assert_eq!(folders[0], ("until-2027-02-14".to_owned(), "a/b".to_owned()));

        // The records know nothing of them.
        assert_eq!(bring_back(&files, &blobs).await.expect("looked"), 0);
        let write = crate::Write::Put { key: "blob/a/b".to_owned(), value: backup };
        records.commit(Vec::new(), vec![write]).await.expect("put back");
        assert_eq!(bring_back(&files, &blobs).await.expect("looked"), 1);
        assert_eq!(&blobs.read_all("a/b").await.expect("read")[..], b"bytes");

        let left = LostBlobs { count: 1, bytes: 5, expired: 0 };
        assert_eq!(expire(&files, None).await.expect("looked"), left);
        assert_eq!(expire(&files, Some(NOW + 30 * MS_PER_DAY)).await.expect("looked"), left);
        let gone = LostBlobs { count: 0, bytes: 0, expired: 1 };
        assert_eq!(expire(&files, Some(NOW + 31 * MS_PER_DAY)).await.expect("looked"), gone);
        assert!(files.lost().await.expect("list").is_empty());
    }

    #[tokio::test]
    async fn orphans_lie_aside_until_their_day_and_come_back_with_their_record() {
        let root = tempfile::tempdir().expect("directory");
        check(ObjectStoreBlobs::open_directory(root.path()).await.expect("open")).await;
        check(ObjectStoreBlobs::new(Arc::new(InMemory::new()))).await;
    }
}
