//! [`Blobs`] in an ordered map.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;

use crate::{BlobMeta, BlobStream, BlobWriter, Blobs, Error, Result, check_blob_key};
use parking_lot::Mutex;

/// [`Blobs`] that live as long as the process.
#[derive(Debug, Default)]
pub struct MemoryBlobs {
    blobs: Arc<Mutex<BTreeMap<String, Bytes>>>,
}

/// Bytes handed out at once when a blob is read.
const CHUNK_BYTES: usize = 256 * 1024;

impl MemoryBlobs {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

fn insert(blobs: &Mutex<BTreeMap<String, Bytes>>, key: &str, body: Bytes) -> Result<BlobMeta> {
    let mut blobs = blobs.lock();
    let directory = format!("{key}/");
    let below = blobs.range(directory.clone()..).next().is_some_and(|(other, _)| other.starts_with(&directory));
    let above = key.match_indices('/').any(|(at, _)| blobs.contains_key(&key[..at]));
    if below || above || blobs.contains_key(key) {
        return Err(Error::Conflict(key.to_owned()));
    }
    let size = body.len() as u64;
    blobs.insert(key.to_owned(), body);
    Ok(BlobMeta { key: key.to_owned(), size })
}

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        check_blob_key(key)?;
        insert(&self.blobs, key, body).map(|_| ())
    }

    async fn writer(&self, key: &str) -> Result<Box<dyn BlobWriter>> {
        check_blob_key(key)?;
        let writer = Writer { blobs: self.blobs.clone(), key: key.to_owned(), body: Vec::new() };
        Ok(Box::new(writer))
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<BlobStream> {
        let body = self.blobs.lock().get(key).cloned().ok_or_else(|| Error::NotFound(key.to_owned()))?;
        let clip = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(body.len());
        let (start, end) = range.map_or((0, body.len()), |range| (clip(range.start), clip(range.end)));
        let mut rest = body.slice(start..end.max(start));
        let chunks = std::iter::from_fn(move || {
            let len = rest.len().min(CHUNK_BYTES);
            (len > 0).then(|| Ok(rest.split_to(len)))
        });
        Ok(futures::stream::iter(chunks).boxed())
    }

    async fn head(&self, key: &str) -> Result<BlobMeta> {
        match self.blobs.lock().get(key) {
            Some(body) => Ok(BlobMeta { key: key.to_owned(), size: body.len() as u64 }),
            None => Err(Error::NotFound(key.to_owned())),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobMeta>> {
        let blobs = self.blobs.lock();
        let found = blobs.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
        Ok(found.map(|(key, body)| BlobMeta { key: key.clone(), size: body.len() as u64 }).collect())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.blobs.lock().remove(key);
        Ok(())
    }
}

struct Writer {
    blobs: Arc<Mutex<BTreeMap<String, Bytes>>>,
    key: String,
    body: Vec<u8>,
}

#[async_trait]
impl BlobWriter for Writer {
    async fn write(&mut self, chunk: Bytes) -> Result<()> {
        self.body.extend_from_slice(&chunk);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<BlobMeta> {
        insert(&self.blobs, &self.key, self.body.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn conforms() {
        crate::conformance::blobs::run_all(async || Arc::new(MemoryBlobs::new()) as Arc<dyn Blobs>).await;
    }

    #[tokio::test]
    async fn no_key_is_a_folder_of_another() {
        let blobs = MemoryBlobs::new();
        blobs.put("a/b", "x".into()).await.expect("put");
        for taken in ["a", "a/b", "a/b/c", "a/b/c/d"] {
            assert!(matches!(blobs.put(taken, "y".into()).await, Err(Error::Conflict(key)) if key == taken), "{taken}");
        }
        for free in ["a/b.c", "a/bc", "ab"] {
            blobs.put(free, "y".into()).await.expect(free);
        }
    }
}
