//! The blobs of this server together with the objects of buckets outside, for readers.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use object_store::GetRange;

use super::blob_keys::parse;
use super::bucket::ExternalBucket;
use super::failure::{ExternalError, as_store_error};
use super::rules::ExternalBuckets;
use crate::{BlobMeta, BlobStream, BlobWriter, Blobs, Error, Result};

/// [`Blobs`] of which the keys of objects outside are read there; everything else is that of the blobs within.
#[derive(Clone)]
pub struct ReadableBlobs {
    within: Option<Arc<dyn Blobs>>,
    buckets: Buckets,
}

#[derive(Clone)]
enum Buckets {
    ByRule(Arc<ExternalBuckets>),
    One(ExternalBucket),
}

/// An object outside, from its key.
struct Outside {
    bucket: ExternalBucket,
    key: String,
    etag: String,
}

impl ReadableBlobs {
    /// The blobs of this server, and objects outside by the rules.
    pub fn new(within: Arc<dyn Blobs>, buckets: Arc<ExternalBuckets>) -> Self {
        Self { within: Some(within), buckets: Buckets::ByRule(buckets) }
    }

    /// The objects of one bucket alone.
    pub(super) fn of_bucket(bucket: ExternalBucket) -> Self {
        Self { within: None, buckets: Buckets::One(bucket) }
    }

    fn outside(&self, blob: &str) -> Result<Option<Outside>> {
        let Some(parsed) = parse(blob) else { return Ok(None) };
        let unknown = || Error::NotFound(blob.to_owned());
        let (etag, name, key) = parsed.ok_or_else(unknown)?;
        let bucket = match &self.buckets {
            Buckets::ByRule(buckets) => buckets.find(name).map_err(as_store_error)?.ok_or_else(unknown)?,
            Buckets::One(bucket) if bucket.name() == name => bucket.clone(),
            Buckets::One(_) => return Err(unknown()),
        };
        Ok(Some(Outside { bucket, key: key.to_owned(), etag }))
    }

    fn within(&self, key: &str) -> Result<&Arc<dyn Blobs>> {
        self.within.as_ref().ok_or_else(|| Error::NotFound(key.to_owned()))
    }
}

#[async_trait]
impl Blobs for ReadableBlobs {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        self.within(key)?.put(key, body).await
    }

    async fn writer(&self, key: &str) -> Result<Box<dyn BlobWriter>> {
        self.within(key)?.writer(key).await
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<BlobStream> {
        let Some(outside) = self.outside(key)? else { return self.within(key)?.read(key, range).await };
        let Outside { bucket, key, etag } = outside;
        let (start, range) = match range {
            None => (0, None),
            Some(range) if range.is_empty() => return Ok(futures::stream::empty().boxed()),
            Some(range) if range.start == 0 && range.end == u64::MAX => (0, None),
            Some(range) if range.end == u64::MAX => (range.start, Some(GetRange::Offset(range.start))),
            Some(range) => (range.start, Some(GetRange::Bounded(range))),
        };
        match bucket.read(&key, &etag, range).await {
            // Servers refuse a range that holds no byte.
            Err(ExternalError::Refused(_)) if start > 0 && bucket.size(&key).await.is_ok_and(|size| start >= size) => {
                Ok(futures::stream::empty().boxed())
            }
            read => read.map_err(as_store_error),
        }
    }

    async fn head(&self, key: &str) -> Result<BlobMeta> {
        let Some(outside) = self.outside(key)? else { return self.within(key)?.head(key).await };
        let size = outside.bucket.size(&outside.key).await.map_err(as_store_error)?;
        Ok(BlobMeta { key: key.to_owned(), size })
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobMeta>> {
        self.within(prefix)?.list(prefix).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.within(key)?.delete(key).await
    }
}
