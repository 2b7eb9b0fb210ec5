//! The endpoint's storage, and the one way an object changes.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use s3s::dto::Timestamp;
use s3s::{S3Result, s3_error};
use tastemaker_store::objects::{ObjectRecord, Replacement, bucket_record_key, find, object_record_key, replacement};
use tastemaker_store::{Blobs, Error, Precondition, Records, RecordsExt, RecordsTransact, Write};

use crate::conditions::WriteCondition;
use crate::errors::storage;
use crate::records::{BucketRecord, PartRecord, parts_prefix};

/// The number of attempts to publish an object while rivals change the same key.
pub(crate) const RIVALS_MAX: usize = 64;

/// The stores and settings that every operation works on.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) records: Arc<dyn Records>,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) region: String,
    pub(crate) clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

/// The further conditions and writes of a commit that finishes an upload.
#[derive(Default)]
pub(crate) struct Alongside {
    pub(crate) preconditions: Vec<Precondition>,
    pub(crate) writes: Vec<Write>,
    /// The upload that is gone after the commit; its parts are removed.
    pub(crate) finished_upload: Option<String>,
}

/// The outcome of a commit that was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Published {
    /// The object is what its key means.
    Done,
    /// A condition of [`Alongside`] did not hold; nothing was changed.
    Overtaken,
}

impl State {
    pub(crate) fn now_ms(&self) -> u64 {
        let since = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// The bucket, with its record's version.
    pub(crate) async fn bucket(&self, bucket: &str) -> S3Result<(u64, BucketRecord)> {
        let found = self.records.get_json(&bucket_record_key(bucket)).await.map_err(storage)?;
        found.ok_or_else(|| s3_error!(NoSuchBucket, "The bucket {bucket} does not exist."))
    }

    /// The object; absent means no such bucket or no such key.
    pub(crate) async fn object(&self, bucket: &str, key: &str) -> S3Result<ObjectRecord> {
        if let Some((_, object)) = find(&*self.records, bucket, key).await.map_err(storage)? {
            return Ok(object);
        }
        self.bucket(bucket).await?;
        Err(s3_error!(NoSuchKey, "The key {key:?} does not exist in bucket {bucket}."))
    }

    /// Makes `object` the meaning of its key, then deletes the bytes that the key meant before. The bytes of a refused object
    /// are deleted; where the commit's outcome is unknown they are left for the sweep.
    pub(crate) async fn publish(
        &self,
        bucket: &str,
        object: ObjectRecord,
        condition: WriteCondition,
        alongside: Alongside,
    ) -> S3Result<Published> {
        let (state, bucket) = (self.clone(), bucket.to_owned());
        // A client that hangs up must not stop between the commit and the deletion.
        let work = tokio::spawn(async move {
            let blob = object.blob.clone();
            let published = state.try_publish(&bucket, object, condition, alongside).await;
            if let Ok(Published::Overtaken) | Err(WriteFailure::Definite(_)) = published {
                state.delete_blob(&blob).await;
            }
            published
        });
        match work.await {
            Ok(Ok(published)) => Ok(published),
            Ok(Err(failure)) => Err(failure.into_error()),
            Err(stopped) => Err(storage(Error::Unavailable(stopped.to_string()))),
        }
    }

    async fn try_publish(
        &self,
        bucket: &str,
        object: ObjectRecord,
        condition: WriteCondition,
        alongside: Alongside,
    ) -> Result<Published, WriteFailure> {
        let bucket_key = bucket_record_key(bucket);
        let object_key = object_record_key(bucket, &object.key);
        for _ in 0..RIVALS_MAX {
            let replacement = replacement(&*self.records, bucket, &object).await;
            let Replacement { old, preconditions, write } =
                replacement.map_err(|error| WriteFailure::Definite(storage(error)))?;
            condition.check(old.as_ref()).map_err(WriteFailure::Definite)?;
            let mut preconditions = preconditions.to_vec();
            preconditions.extend(alongside.preconditions.iter().cloned());
            let mut writes = vec![write];
            writes.extend(alongside.writes.iter().cloned());
            match self.records.commit(preconditions, writes).await {
                Ok(()) => {
                    if let Some(old) = old {
                        self.delete_blob(&old.blob).await;
                    }
                    if let Some(upload_id) = &alongside.finished_upload {
                        self.remove_parts(upload_id).await;
                    }
                    return Ok(Published::Done);
                }
                Err(Error::Conflict(key)) if key == object_key => continue,
                Err(Error::Conflict(key)) if key == bucket_key => {
                    return Err(WriteFailure::Definite(s3_error!(NoSuchBucket, "The bucket {bucket} does not exist.")));
                }
                Err(Error::Conflict(_)) => return Ok(Published::Overtaken),
                Err(error) => return Err(WriteFailure::Unknown(storage(error))),
            }
        }
        Err(WriteFailure::Definite(storage(Error::Conflict(object_key))))
    }

    /// Removes an object and then its bytes; an absent object is no error.
    pub(crate) async fn remove(&self, bucket: &str, key: &str, condition: WriteCondition) -> S3Result<()> {
        let (state, bucket, key) = (self.clone(), bucket.to_owned(), key.to_owned());
        let work = tokio::spawn(async move { state.try_remove(&bucket, &key, condition).await });
        work.await.map_err(|stopped| storage(Error::Unavailable(stopped.to_string())))?
    }

    async fn try_remove(&self, bucket: &str, key: &str, condition: WriteCondition) -> S3Result<()> {
        let records = &*self.records;
        let condition = &condition;
        let removed = records.transact(|tx| async move {
            let old = find(records, bucket, key).await?;
            condition.check(old.as_ref().map(|(_, object)| object))?;
            let Some((version, old)) = old else {
                self.bucket(bucket).await?;
                return Ok(None);
            };
            let object_key = object_record_key(bucket, key);
            tx.require(Precondition::Version(object_key.clone(), version));
            tx.write(Write::Delete { key: object_key });
            Ok::<_, WriteFailure>(Some(old.blob))
        });
        if let Some(blob) = removed.await.map_err(WriteFailure::into_error)? {
            self.delete_blob(&blob).await;
        }
        Ok(())
    }

    /// Removes the parts of an upload whose record is gone, so that no further part can be published. What fails here is
    /// removed by the next [`crate::expire`].
    pub(crate) async fn remove_parts(&self, upload_id: &str) {
        let found = self.records.scan_all_json::<PartRecord>(&parts_prefix(upload_id)).await;
        let parts = match found {
            Ok(parts) if parts.is_empty() => return,
            Ok(parts) => parts,
            Err(error) => return tracing::warn!(%error, upload_id, "the parts of a finished upload cannot be found"),
        };
        let writes = parts.iter().map(|(key, _, _)| Write::Delete { key: key.clone() }).collect();
        match self.records.commit(Vec::new(), writes).await {
            Ok(()) => {
                for (_, _, part) in parts {
                    self.delete_blob(&part.blob).await;
                }
            }
            Err(error) => tracing::warn!(%error, upload_id, "the parts of a finished upload are not removed yet"),
        }
    }

    /// Deletes bytes that no record names any more. A failure costs disk until the next sweep and nothing else.
    pub(crate) async fn delete_blob(&self, blob: &str) {
        if let Err(error) = self.blobs.delete(blob).await {
            tracing::warn!(%error, blob, "bytes that nobody names could not be deleted");
        }
    }
}

/// The reason that a change was not made, which says whether the bytes that came with it may be deleted.
pub(crate) enum WriteFailure {
    /// Nothing was changed.
    Definite(s3s::S3Error),
    /// The storage failed; the commit may have taken effect.
    Unknown(s3s::S3Error),
}

impl WriteFailure {
    pub(crate) fn into_error(self) -> s3s::S3Error {
        match self {
            Self::Definite(error) | Self::Unknown(error) => error,
        }
    }
}

impl From<s3s::S3Error> for WriteFailure {
    fn from(error: s3s::S3Error) -> Self {
        Self::Definite(error)
    }
}

impl From<Error> for WriteFailure {
    fn from(error: Error) -> Self {
        match error {
            Error::Contended { key, .. } => Self::Definite(storage(Error::Conflict(key))),
            other => Self::Unknown(storage(other)),
        }
    }
}

/// A stored time as S3 writes it.
pub(crate) fn timestamp(ms: u64) -> Timestamp {
    Timestamp::from(UNIX_EPOCH + Duration::from_millis(ms))
}
