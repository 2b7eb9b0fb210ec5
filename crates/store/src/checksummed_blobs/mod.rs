//! Blobs with checksums: damage on the disk is an error of the reader and never other bytes.
//!
//! Each blob has a record `blob/<key>` with the CRC-32 of every 64 KiB. A reader of a range reads the whole chunks around
//! it and gets no byte that was not checked. Blobs of earlier builds have no such record; they are read unchecked until
//! [`ChecksummedBlobs::adopt`] has given them one.

mod checked_stream;
mod checksums;
mod writer;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;

use crate::{BlobMeta, BlobStream, BlobWriter, Blobs, Error, Records, RecordsExt, Result, Write};
use checked_stream::{checked, whole_chunks};
use checksums::{Checksums, PREFIX, Summing, record_key};
use writer::Writer;

/// Blobs whose checksums are kept in memory.
const CACHED_MAX: usize = 256;

/// [`Blobs`] whose bytes are checked on every read. Cloning shares them.
#[derive(Clone)]
pub struct ChecksummedBlobs<B> {
    inner: B,
    records: Arc<dyn Records>,
    cache: Arc<Mutex<HashMap<String, Arc<Checksums>>>>,
}

/// The state of a stored blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlobHealth {
    /// All bytes are as they were written.
    Whole,
    /// The blob has no checksums yet.
    Unknown,
    /// Bytes are missing or changed, or the whole blob is gone.
    Damaged(String),
}

impl<B: Blobs + Clone> ChecksummedBlobs<B> {
    /// Puts checksums in `records` around `inner`.
    pub fn new(inner: B, records: Arc<dyn Records>) -> Self {
        Self { inner, records, cache: Arc::default() }
    }

    /// The keys of all blobs with checksums.
    pub async fn known(&self) -> Result<HashSet<String>> {
        let mut known = HashSet::new();
        let mut pages = self.records.pages(PREFIX);
        while let Some(page) = pages.try_next().await? {
            known.extend(page.into_iter().filter_map(|(key, _)| key.strip_prefix(PREFIX).map(str::to_owned)));
        }
        Ok(known)
    }

    /// The length of the blob whose record of checksums has this key and value.
    pub fn size_in(record_key: &str, value: &[u8]) -> Result<u64> {
        Ok(Checksums::decode(record_key, value)?.size)
    }

    /// Forgets the checksums of a blob that is not there any more.
    pub async fn forget(&self, key: &str) -> Result<()> {
        self.records.commit(Vec::new(), vec![Write::Delete { key: record_key(key) }]).await?;
        self.cache.lock().remove(key);
        Ok(())
    }

    /// Gives a blob of an earlier build the checksums of its present bytes; an absent blob is no error.
    pub async fn adopt(&self, key: &str) -> Result<()> {
        let summing = match self.inner.read(key, None).await {
            Ok(mut stream) => {
                let mut summing = Summing::default();
                while let Some(bytes) = stream.try_next().await? {
                    summing.update(&bytes);
                }
                summing
            }
            Err(Error::NotFound(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        self.records.commit(Vec::new(), vec![summing.finish().put(key)?]).await?;
        match self.inner.head(key).await {
            // Deleted meanwhile.
            Err(Error::NotFound(_)) => self.forget(key).await,
            _ => Ok(()),
        }
    }

    /// Reads a whole blob and says whether its bytes are those that were written.
    pub async fn examine(&self, key: &str) -> Result<BlobHealth> {
        match self.checksums(key).await {
            Ok(None) => return Ok(BlobHealth::Unknown),
            Ok(Some(_)) => {}
            Err(Error::Corrupt(what)) => return Ok(BlobHealth::Damaged(what)),
            Err(error) => return Err(error),
        }
        let read = async { self.read(key, None).await?.try_for_each(|_| async { Ok(()) }).await };
        match read.await {
            Ok(()) => Ok(BlobHealth::Whole),
            Err(Error::Corrupt(what)) => Ok(BlobHealth::Damaged(what)),
            Err(error) => Err(error),
        }
    }

    async fn checksums(&self, key: &str) -> Result<Option<Arc<Checksums>>> {
        if let Some(found) = self.cache.lock().get(key) {
            return Ok(Some(found.clone()));
        }
        let record_key = record_key(key);
        let Some(found) = self.records.get(&record_key).await? else { return Ok(None) };
        let found = Arc::new(Checksums::decode(&record_key, &found.value)?);
        let mut cache = self.cache.lock();
        if cache.len() >= CACHED_MAX {
            cache.clear();
        }
        cache.insert(key.to_owned(), found.clone());
        Ok(Some(found))
    }

    /// The error of a blob that is not there: damage, if it was not deleted.
    async fn gone(&self, error: Error) -> Error {
        let Error::NotFound(key) = &error else { return error };
        // Read again: the blob may have been deleted since.
        self.cache.lock().remove(key);
        match self.checksums(key).await {
            Ok(Some(was)) => Error::Corrupt(format!("{key}: the file of {} bytes is gone", was.size)),
            _ => error,
        }
    }
}

#[async_trait]
impl<B: Blobs + Clone> Blobs for ChecksummedBlobs<B> {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        let mut writer = self.writer(key).await?;
        writer.write(body).await?;
        writer.finish().await.map(|_| ())
    }

    async fn writer(&self, key: &str) -> Result<Box<dyn BlobWriter>> {
        let inner = self.inner.writer(key).await?;
        let (blobs, records) = (self.inner.clone(), self.records.clone());
        Ok(Box::new(Writer { inner, summing: Summing::default(), blobs, records }))
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<BlobStream> {
        let Some(checksums) = self.checksums(key).await? else { return self.inner.read(key, range).await };
        let range = range.unwrap_or(0..u64::MAX);
        let wanted = range.start..range.end.min(checksums.size);
        if wanted.is_empty() {
            self.head(key).await?;
            return Ok(futures::stream::empty().boxed());
        }
        let around = whole_chunks(&checksums, &wanted);
        match self.inner.read(key, Some(around)).await {
            Ok(inner) => Ok(checked(key.to_owned(), checksums, inner, wanted)),
            Err(error) => Err(self.gone(error).await),
        }
    }

    async fn head(&self, key: &str) -> Result<BlobMeta> {
        let checksums = self.checksums(key).await?;
        let found = match self.inner.head(key).await {
            Ok(found) => found,
            Err(error) => return Err(self.gone(error).await),
        };
        match checksums {
            Some(was) if was.size != found.size => Err(Error::Corrupt(format!(
                "{key}: the file has {} bytes and was written with {}",
                found.size, was.size
            ))),
            _ => Ok(found),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobMeta>> {
        self.inner.list(prefix).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        // Checksums without a blob would be taken for damage.
        let forgotten = self.forget(key).await;
        self.inner.delete(key).await?;
        match forgotten {
            // On a full disk there may be room now.
            Err(Error::Unavailable(_)) => self.forget(key).await,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests;
