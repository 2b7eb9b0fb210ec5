//! Extension traits: convenience over the small traits, written once for every backend.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{BlobMeta, BlobStream, Blobs, Error, Events, Records, Result, StoredEvent, Versioned, Write};

/// Records fetched at once by the page iterators.
const SCAN_PAGE_LEN: usize = 1_000;

/// Reads a JSON value that was stored under `key`; [`Error::Corrupt`] names the key when it is not one.
pub fn from_json<T: DeserializeOwned>(key: &str, value: &[u8]) -> Result<T> {
    serde_json::from_slice(value).map_err(|error| Error::Corrupt(format!("{key}: {error}")))
}

/// A write of a JSON value, to be part of a batch.
pub fn put_json<T: Serialize + ?Sized>(key: impl Into<String>, value: &T) -> Result<Write> {
    let key = key.into();
    match serde_json::to_vec(value) {
        Ok(bytes) => Ok(Write::Put { key, value: bytes.into() }),
        Err(error) => Err(Error::backend("json", format!("{key}: {error}"))),
    }
}

/// Typed access to [`Records`].
#[async_trait]
pub trait RecordsExt: Records {
    /// The JSON value under `key` with its version.
    async fn get_json<T: DeserializeOwned + Send>(&self, key: &str) -> Result<Option<(u64, T)>> {
        match self.get(key).await? {
            Some(found) => Ok(Some((found.version, from_json(key, &found.value)?))),
            None => Ok(None),
        }
    }

    /// The JSON value under `key` with its version, or [`Error::NotFound`].
    async fn require_json<T: DeserializeOwned + Send>(&self, key: &str) -> Result<(u64, T)> {
        self.get_json(key).await?.ok_or_else(|| Error::NotFound(key.to_owned()))
    }

    /// Stores one JSON value unconditionally.
    async fn put_json<T: Serialize + Sync + ?Sized>(&self, key: &str, value: &T) -> Result<()> {
        let write = put_json(key, value)?;
        self.commit(Vec::new(), vec![write]).await
    }

    /// Every record under `prefix`, in key order, fetched page by page as the stream is read.
    fn pages<'a>(&'a self, prefix: &'a str) -> BoxStream<'a, Result<Vec<(String, Versioned)>>> {
        futures::stream::try_unfold(Some(None::<String>), move |state| async move {
            let Some(after) = state else { return Ok(None) };
            let page = self.scan(prefix, after.as_deref(), SCAN_PAGE_LEN).await?;
            let next = (page.len() == SCAN_PAGE_LEN).then(|| page.last().map(|(key, _)| key.clone()));
            Ok(if page.is_empty() { None } else { Some((page, next)) })
        })
        .boxed()
    }

    /// Every record under `prefix`, in key order, in one list.
    async fn scan_all(&self, prefix: &str) -> Result<Vec<(String, Versioned)>> {
        self.pages(prefix).try_concat().await
    }

    /// Every JSON value under `prefix` with its key and version, in key order.
    async fn scan_all_json<T: DeserializeOwned + Send>(&self, prefix: &str) -> Result<Vec<(String, u64, T)>> {
        let all = self.scan_all(prefix).await?;
        let decode = |(key, found): (String, Versioned)| {
            let value = from_json(&key, &found.value)?;
            Ok((key, found.version, value))
        };
        all.into_iter().map(decode).collect()
    }
}

impl<T: Records + ?Sized> RecordsExt for T {}

/// Whole-stream access to [`Events`].
#[async_trait]
pub trait EventsExt: Events {
    /// Every event after a position, fetched page by page as the stream is read; ends at the present end.
    fn pages<'a>(&'a self, stream: &'a str, after: u64) -> BoxStream<'a, Result<Vec<StoredEvent>>> {
        futures::stream::try_unfold(Some(after), move |state| async move {
            let Some(after) = state else { return Ok(None) };
            let page = self.read(stream, after, SCAN_PAGE_LEN).await?;
            let next = if page.len() == SCAN_PAGE_LEN { page.last().map(|event| event.position) } else { None };
            Ok(if page.is_empty() { None } else { Some((page, next)) })
        })
        .boxed()
    }
}

impl<T: Events + ?Sized> EventsExt for T {}

/// Whole-blob access to [`Blobs`].
#[async_trait]
pub trait BlobsExt: Blobs {
    /// All bytes of a blob in one piece.
    async fn read_all(&self, key: &str) -> Result<Bytes> {
        collect(self.read(key, None).await?).await
    }

    /// Stores what a stream yields; nothing is stored if the stream fails.
    async fn put_stream(&self, key: &str, mut body: BlobStream) -> Result<BlobMeta> {
        let mut writer = self.writer(key).await?;
        while let Some(chunk) = body.try_next().await? {
            writer.write(chunk).await?;
        }
        writer.finish().await
    }
}

impl<T: Blobs + ?Sized> BlobsExt for T {}

/// All bytes of a stream in one piece, without a copy when it has one chunk.
pub async fn collect(mut stream: BlobStream) -> Result<Bytes> {
    let Some(first) = stream.try_next().await? else { return Ok(Bytes::new()) };
    let Some(second) = stream.try_next().await? else { return Ok(first) };
    let mut all = BytesMut::from(&first[..]);
    all.extend_from_slice(&second);
    while let Some(chunk) = stream.try_next().await? {
        all.extend_from_slice(&chunk);
    }
    Ok(all.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryEvents, MemoryRecords, NewEvent};

    #[tokio::test]
    async fn no_page_is_empty() {
        for (values, expected) in [(0, vec![]), (1, vec![1]), (1_000, vec![1_000]), (1_001, vec![1_000, 1])] {
            let (records, events) = (MemoryRecords::new(), MemoryEvents::new());
            for n in 0..values {
                records.put_json(&format!("k/{n:04}"), &n).await.expect("put");
            }
            let pages: Vec<_> = RecordsExt::pages(&records, "k/").try_collect().await.expect("pages");
            assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), expected);
            let event = |n: usize| NewEvent { id: n.to_string(), body: Bytes::new() };
            events.append("s", (0..values).map(event).collect()).await.expect("append");
            let pages: Vec<_> = EventsExt::pages(&events, "s", 0).try_collect().await.expect("pages");
            assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), expected);
        }
    }

    #[tokio::test]
    async fn chunks_are_collected_in_order() {
        for chunks in [&[][..], &["a"], &["a", "b"], &["a", "", "b", "c"]] {
            let stream = futures::stream::iter(chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))));
            assert_eq!(collect(stream.boxed()).await.expect("bytes"), chunks.concat());
        }
    }
}
