//! Objects for the rest of the process: put, listed and deleted without a request, as S3 clients see them.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use md5::{Digest, Md5};
use tastemaker_store::objects::{self, OBJECT_FORMAT, ObjectRecord, bucket_record_key, object_record_key};
use tastemaker_store::{Blobs, Error, Precondition, Records, RecordsExt, Result, Write, put_json};

use crate::body::fresh_blob_key;
use crate::records::{BucketRecord, FORMAT};
use crate::state::RIVALS_MAX;

/// The buckets of this process.
#[derive(Clone)]
pub struct Buckets {
    /// The records of buckets and objects.
    pub records: Arc<dyn Records>,
    /// Their bytes.
    pub blobs: Arc<dyn Blobs>,
    /// The time now.
    pub clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

/// Why an object was not put.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// It has more bytes than it may have.
    #[error("the object has more than {0} bytes")]
    TooLarge(u64),
    /// Its bytes broke off.
    #[error("the upload broke off: {0}")]
    Interrupted(io::Error),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Buckets {
    fn now_ms(&self) -> u64 {
        let since = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// Makes the bucket, if there is none.
    pub async fn ensure(&self, bucket: &str) -> Result<()> {
        let record = BucketRecord {
            format: FORMAT,
            name: bucket.to_owned(),
            created_ms: self.now_ms(),
            location: None,
            policy: None,
            settings: BTreeMap::new(),
        };
        let key = bucket_record_key(bucket);
        let write = put_json(&key, &record)?;
        match self.records.commit(vec![Precondition::Absent(key)], vec![write]).await {
            Ok(()) | Err(Error::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The names of all buckets, sorted.
    pub async fn names(&self) -> Result<Vec<String>> {
        let prefix = bucket_record_key("");
        let found = self.records.scan_all(&prefix).await?;
        Ok(found.into_iter().filter_map(|(key, _)| key.strip_prefix(&prefix).map(str::to_owned)).collect())
    }

    /// Puts an object whose bytes come as a stream, never whole in memory; returns its length. Nothing is there when the stream
    /// breaks off or has more than `bytes_max`.
    pub async fn put(
        &self,
        bucket: &str,
        key: &str,
        body: impl Stream<Item = io::Result<Bytes>> + Send,
        bytes_max: u64,
    ) -> std::result::Result<u64, PutError> {
        let blob = fresh_blob_key();
        // Dropped unfinished, it leaves nothing.
        let mut writer = self.blobs.writer(&blob).await?;
        let (mut md5, mut size_bytes) = (Md5::new(), 0_u64);
        let mut body = std::pin::pin!(body);
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(PutError::Interrupted)?;
            size_bytes += chunk.len() as u64;
            if size_bytes > bytes_max {
                return Err(PutError::TooLarge(bytes_max));
            }
            md5.update(&chunk);
            writer.write(chunk).await?;
        }
        writer.finish().await?;
        let object = ObjectRecord {
            format: OBJECT_FORMAT,
            key: key.to_owned(),
            size_bytes,
            etag: hex::encode(md5.finalize()),
            last_modified_ms: self.now_ms(),
            blob: blob.clone(),
            headers: BTreeMap::from([("content-type".to_owned(), "text/csv".to_owned())]),
            ..ObjectRecord::default()
        };
        match self.publish(bucket, object).await {
            Ok(()) => Ok(size_bytes),
            Err(error) => {
                // What stays is removed at the next start.
                let _ = self.blobs.delete(&blob).await;
                Err(error.into())
            }
        }
    }

    /// Makes an object, whose blob is durable, the meaning of its key.
    pub async fn publish(&self, bucket: &str, object: ObjectRecord) -> Result<()> {
        for _ in 0..RIVALS_MAX {
            let replacement = objects::replacement(&*self.records, bucket, &object).await?;
            match self.records.commit(replacement.preconditions.to_vec(), vec![replacement.write]).await {
                Ok(()) => {
                    if let Some(old) = replacement.old {
                        let _ = self.blobs.delete(&old.blob).await;
                    }
                    return Ok(());
                }
                Err(Error::Conflict(what)) if what == bucket_record_key(bucket) => {
                    return Err(Error::NotFound(format!("the bucket {bucket}")));
                }
                Err(Error::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Unavailable(format!("{bucket}/{}: too many concurrent writers", object.key)))
    }

    /// The objects below a prefix, or the one object of exactly this key.
    pub async fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<ObjectRecord>> {
        objects::list(&*self.records, bucket, prefix).await
    }

    /// Deletes every object below a prefix; returns how many there were.
    pub async fn delete_below(&self, bucket: &str, prefix: &str) -> Result<usize> {
        let found = self.list(bucket, prefix).await?;
        for object in &found {
            let key = object_record_key(bucket, &object.key);
            self.records.commit(Vec::new(), vec![Write::Delete { key }]).await?;
            self.blobs.delete(&object.blob).await?;
        }
        Ok(found.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_store::{MemoryBlobs, MemoryRecords};

    fn buckets() -> Buckets {
        Buckets {
            records: Arc::new(MemoryRecords::new()),
            blobs: Arc::new(MemoryBlobs::new()),
            clock: Arc::new(|| UNIX_EPOCH + Duration::from_secs(7)),
        }
    }

    fn body(parts: &[&'static str]) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        futures::stream::iter(parts.iter().map(|part| Ok(Bytes::from(*part))).collect::<Vec<_>>())
    }

    async fn blobs(buckets: &Buckets) -> usize {
        buckets.blobs.list("").await.expect("an answer").len()
    }

    #[tokio::test]
    async fn an_object_is_put_listed_replaced_and_deleted() {
        let buckets = buckets();
        assert!(buckets.names().await.expect("an answer").is_empty());
        buckets.ensure("uploads").await.expect("an answer");
        buckets.ensure("uploads").await.expect("an answer");
        assert_eq!(buckets.names().await.expect("an answer"), ["uploads"]);
        assert_eq!(buckets.put("uploads", "a/1.csv", body(&["x,", "y\n"]), 100).await.expect("an answer"), 4);
        assert_eq!(buckets.put("uploads", "a/1.csv", body(&["z\n"]), 100).await.expect("an answer"), 2);
        let found = buckets.list("uploads", "a/").await.expect("an answer");
        assert_eq!((found.len(), found[0].size_bytes, found[0].last_modified_ms), (1, 2, 7000));
        assert_eq!(found[0].etag, "a8a78d0ff555c931f045b6f448129846");
        assert_eq!(blobs(&buckets).await, 1, "the replaced bytes are gone");
        assert_eq!(buckets.delete_below("uploads", "a/").await.expect("an answer"), 1);
        assert_eq!((buckets.list("uploads", "").await.expect("an answer").len(), blobs(&buckets).await), (0, 0));
    }

    #[tokio::test]
    async fn what_breaks_off_or_is_too_large_leaves_nothing() {
        let buckets = buckets();
        buckets.ensure("uploads").await.expect("an answer");
        let broken = futures::stream::iter([Ok(Bytes::from("half")), Err(io::ErrorKind::ConnectionReset.into())]);
        let refused = buckets.put("uploads", "a.csv", broken, 100).await;
        assert!(matches!(refused, Err(PutError::Interrupted(_))), "{refused:?}");
        let refused = buckets.put("uploads", "a.csv", body(&["12345", "67890"]), 9).await;
        assert!(matches!(refused, Err(PutError::TooLarge(9))), "{refused:?}");
        let refused = buckets.put("nowhere", "a.csv", body(&["1"]), 9).await;
        assert!(matches!(refused, Err(PutError::Store(_))), "{refused:?}");
        assert_eq!((buckets.list("uploads", "").await.expect("an answer").len(), blobs(&buckets).await), (0, 0));
    }
}
