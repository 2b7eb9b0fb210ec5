//! A blob being written together with its checksums.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::checksums::{Summing, record_key};
use crate::{BlobMeta, BlobWriter, Blobs, Records, Result, Write};

/// A writer that records the checksums of what it wrote when the blob is durable.
pub(super) struct Writer<B> {
    pub(super) inner: Box<dyn BlobWriter>,
    pub(super) summing: Summing,
    pub(super) blobs: B,
    pub(super) records: Arc<dyn Records>,
}

#[async_trait]
impl<B: Blobs> BlobWriter for Writer<B> {
    async fn write(&mut self, chunk: Bytes) -> Result<()> {
        self.summing.update(&chunk);
        self.inner.write(chunk).await
    }

    async fn finish(self: Box<Self>) -> Result<BlobMeta> {
        let Self { inner, summing, blobs, records } = *self;
        let meta = inner.finish().await?;
        let put = summing.finish().put(&meta.key)?;
        if let Err(error) = records.commit(Vec::new(), vec![put]).await {
            // Nobody was told of the blob; what cannot be deleted now is set aside at the next start.
            let _ = blobs.delete(&meta.key).await;
            let _ = records.commit(Vec::new(), vec![Write::Delete { key: record_key(&meta.key) }]).await;
            return Err(error);
        }
        Ok(meta)
    }
}
