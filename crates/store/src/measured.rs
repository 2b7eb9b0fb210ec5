//! Decorators that tell an observer of each call of a store: how long it took, and whether the store failed.

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    BlobMeta, BlobStream, BlobWriter, Blobs, Error, Events, NewEvent, Precondition, Records, Result, StoredEvent,
    Stores, Versioned, Write,
};

/// Is told of every call that has ended.
pub trait StoreObserver: Send + Sync + 'static {
    /// A call of `store` (`records`, `events` or `blobs`), named as its method is, that began then and ends now. Whether the
    /// store failed: a conflict or an absence is an answer.
    fn called(&self, store: &'static str, call: &'static str, began: Instant, failed: bool);
}

/// A store whose calls are told to an observer. Calls of a blob's writer are `finish`.
pub struct Measured<S: ?Sized> {
    inner: Arc<S>,
    observer: Arc<dyn StoreObserver>,
}

impl<S: ?Sized> Measured<S> {
    /// Tells `observer` of the calls of `inner`.
    pub fn new(inner: Arc<S>, observer: Arc<dyn StoreObserver>) -> Self {
        Self { inner, observer }
    }
}

impl Stores {
    /// The same stores, whose calls are told to an observer.
    pub fn measured(self, observer: &Arc<dyn StoreObserver>) -> Self {
        Self {
            records: Arc::new(Measured::new(self.records, observer.clone())),
            events: Arc::new(Measured::new(self.events, observer.clone())),
            blobs: Arc::new(Measured::new(self.blobs, observer.clone())),
            wakeups: self.wakeups,
        }
    }
}

fn failed<T>(answer: &Result<T>) -> bool {
    matches!(answer, Err(Error::Unavailable(_) | Error::Corrupt(_) | Error::Backend { .. }))
}

/// Runs `$work` and tells of it.
macro_rules! measured {
    ($observer:expr, $store:literal, $call:literal, $work:expr) => {{
        let began = Instant::now();
        let answer = $work.await;
        $observer.called($store, $call, began, failed(&answer));
        answer
    }};
}

#[async_trait]
impl<S: Records + ?Sized> Records for Measured<S> {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        measured!(self.observer, "records", "get", self.inner.get(key))
    }

    async fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Versioned)>> {
        measured!(self.observer, "records", "scan", self.inner.scan(prefix, after, limit))
    }

    async fn count(&self, prefix: &str) -> Result<usize> {
        measured!(self.observer, "records", "count", self.inner.count(prefix))
    }

    async fn commit(&self, preconditions: Vec<Precondition>, writes: Vec<Write>) -> Result<()> {
        measured!(self.observer, "records", "commit", self.inner.commit(preconditions, writes))
    }
}

#[async_trait]
impl<S: Events + ?Sized> Events for Measured<S> {
    async fn append(&self, stream: &str, events: Vec<NewEvent>) -> Result<Vec<u64>> {
        measured!(self.observer, "events", "append", self.inner.append(stream, events))
    }

    async fn read(&self, stream: &str, after: u64, limit: usize) -> Result<Vec<StoredEvent>> {
        measured!(self.observer, "events", "read", self.inner.read(stream, after, limit))
    }

    async fn remove(&self, stream: &str, positions: Vec<u64>) -> Result<()> {
        measured!(self.observer, "events", "remove", self.inner.remove(stream, positions))
    }

    async fn delete_stream(&self, stream: &str) -> Result<()> {
        measured!(self.observer, "events", "delete_stream", self.inner.delete_stream(stream))
    }
}

#[async_trait]
impl<S: Blobs + ?Sized> Blobs for Measured<S> {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        measured!(self.observer, "blobs", "put", self.inner.put(key, body))
    }

    async fn writer(&self, key: &str) -> Result<Box<dyn BlobWriter>> {
        let inner = self.inner.writer(key).await?;
        Ok(Box::new(MeasuredWriter { inner, observer: self.observer.clone() }))
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<BlobStream> {
        measured!(self.observer, "blobs", "read", self.inner.read(key, range))
    }

    async fn head(&self, key: &str) -> Result<BlobMeta> {
        measured!(self.observer, "blobs", "head", self.inner.head(key))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobMeta>> {
        measured!(self.observer, "blobs", "list", self.inner.list(prefix))
    }

    async fn delete(&self, key: &str) -> Result<()> {
        measured!(self.observer, "blobs", "delete", self.inner.delete(key))
    }
}

struct MeasuredWriter {
    inner: Box<dyn BlobWriter>,
    observer: Arc<dyn StoreObserver>,
}

#[async_trait]
impl BlobWriter for MeasuredWriter {
    async fn write(&mut self, chunk: Bytes) -> Result<()> {
        self.inner.write(chunk).await
    }

    async fn finish(self: Box<Self>) -> Result<BlobMeta> {
        let Self { inner, observer } = *self;
        measured!(observer, "blobs", "finish", inner.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RecordsExt;
    use crate::fault_injection::{Decorated, FailNth, Strike};
    use parking_lot::Mutex;

    #[derive(Default)]
    struct Told(Mutex<Vec<(&'static str, &'static str, bool)>>);

    impl StoreObserver for Told {
        fn called(&self, store: &'static str, call: &'static str, _: Instant, failed: bool) {
            self.0.lock().push((store, call, failed));
        }
    }

    fn stores() -> (Stores, Arc<Told>) {
        let told = Arc::new(Told::default());
        let observer: Arc<dyn StoreObserver> = told.clone();
        (Stores::in_memory().measured(&observer), told)
    }

    #[tokio::test]
    async fn measured_stores_still_conform() {
        use crate::conformance::{blobs, events, records};
        records::run_all(async || stores().0.records).await;
        events::run_all(async || stores().0.events).await;
        blobs::run_all(async || stores().0.blobs).await;
    }

    #[tokio::test]
    async fn failures_are_told_and_absences_are_none() {
        let (plain, told) = stores();
        let hook = Arc::new(FailNth::of("commit", 2, Strike::Before));
        let failing = Stores { records: Arc::new(Decorated::new(plain.records, hook)), ..Stores::in_memory() };
        let observer: Arc<dyn StoreObserver> = told.clone();
        let stores = failing.measured(&observer);
        told.0.lock().clear();
        stores.records.put_json("a", &1).await.expect("the first commit");
        assert!(stores.records.put_json("b", &1).await.is_err());
        assert!(matches!(stores.blobs.head("absent").await, Err(Error::NotFound(_))));
        let mut writer = stores.blobs.writer("k").await.expect("a writer");
        writer.write(Bytes::from_static(b"x")).await.expect("written");
        writer.finish().await.expect("finished");
        let outer: Vec<_> = told.0.lock().clone();
        let expected = [
            ("records", "commit", false),
            ("records", "commit", false),
            ("records", "commit", true),
            ("blobs", "head", false),
            ("blobs", "finish", false),
        ];
        assert_eq!(outer, expected, "the first commit by both decorators");
    }
}
