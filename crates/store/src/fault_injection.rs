//! Fault injection: decorators that count, fail or slow the calls to any store, for tests of what stands above it.
//!
//! A [`Hook`] sees every call by name; [`Decorated`] puts one around a [`Records`], [`Events`] or [`Blobs`].

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;

use crate::{
    BlobMeta, BlobStream, BlobWriter, Blobs, Error, Events, NewEvent, Precondition, Records, Result, StoredEvent,
    Versioned, Write,
};

/// Sees every call, named as its method is, before and after its effect.
#[async_trait]
pub trait Hook: Send + Sync + 'static {
    /// Runs before the call; an error is returned in its place.
    async fn before(&self, call: &'static str) -> Result<()>;

    /// Runs after a successful call; an error hides the success, as a lost acknowledgement does.
    async fn after(&self, call: &'static str) -> Result<()>;
}

/// A memory with a hook around each call. Calls to a blob's writer are `write` and `finish`.
pub struct Decorated<S: ?Sized, H> {
    inner: Arc<S>,
    hook: Arc<H>,
}

impl<S: ?Sized, H: Hook> Decorated<S, H> {
    /// Puts `hook` around `inner`.
    pub fn new(inner: Arc<S>, hook: Arc<H>) -> Self {
        Self { inner, hook }
    }
}

/// Counts calls by name.
#[derive(Debug, Default)]
pub struct Count {
    calls: Mutex<HashMap<&'static str, u64>>,
}

impl Count {
    /// The number of calls named `call`.
    pub fn of(&self, call: &str) -> u64 {
        self.calls.lock().get(call).copied().unwrap_or(0)
    }

    /// The number of all calls.
    pub fn total(&self) -> u64 {
        self.calls.lock().values().sum()
    }
}

#[async_trait]
impl Hook for Count {
    async fn before(&self, call: &'static str) -> Result<()> {
        *self.calls.lock().entry(call).or_default() += 1;
        Ok(())
    }

    async fn after(&self, _call: &'static str) -> Result<()> {
        Ok(())
    }
}

/// The side of a call's effect on which a planned failure strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// Nothing was done.
    Before,
    /// All was done, and the caller does not know.
    After,
}

/// Fails one call with [`Error::Unavailable`].
#[derive(Debug)]
pub struct FailNth {
    call: Option<&'static str>,
    nth: u64,
    strike: Strike,
    seen: AtomicU64,
}

impl FailNth {
    /// Fails the `nth` call of any name, counted from 1.
    pub fn any(nth: u64, strike: Strike) -> Self {
        Self { call: None, nth, strike, seen: AtomicU64::new(0) }
    }

    /// Fails the `nth` call of one name, counted from 1.
    pub fn of(call: &'static str, nth: u64, strike: Strike) -> Self {
        Self { call: Some(call), ..Self::any(nth, strike) }
    }

    /// True when the failure has happened: a test that walks `nth` upwards ends when it has not.
    pub fn struck(&self) -> bool {
        self.seen.load(Ordering::SeqCst) >= self.nth
    }

    fn check(&self, call: &'static str, strike: Strike) -> Result<()> {
        let watched = self.strike == strike && self.call.is_none_or(|only| only == call);
        if watched && self.seen.fetch_add(1, Ordering::SeqCst) + 1 == self.nth {
            return Err(Error::Unavailable(format!("planned failure {strike:?} {call} number {}", self.nth)));
        }
        Ok(())
    }
}

#[async_trait]
impl Hook for FailNth {
    async fn before(&self, call: &'static str) -> Result<()> {
        self.check(call, Strike::Before)
    }

    async fn after(&self, call: &'static str) -> Result<()> {
        self.check(call, Strike::After)
    }
}

/// Delays every call.
#[derive(Debug)]
pub struct Slow {
    /// The pause before each call.
    pub delay: Duration,
}

#[async_trait]
impl Hook for Slow {
    async fn before(&self, _call: &'static str) -> Result<()> {
        tokio::time::sleep(self.delay).await;
        Ok(())
    }

    async fn after(&self, _call: &'static str) -> Result<()> {
        Ok(())
    }
}

/// Runs `$work` between the two halves of the hook.
macro_rules! hooked {
    ($hook:expr, $call:literal, $work:expr) => {{
        $hook.before($call).await?;
        let answer = $work.await?;
        $hook.after($call).await?;
        Ok(answer)
    }};
}

#[async_trait]
impl<S: Records + ?Sized, H: Hook> Records for Decorated<S, H> {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        hooked!(self.hook, "get", self.inner.get(key))
    }

    async fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Versioned)>> {
        hooked!(self.hook, "scan", self.inner.scan(prefix, after, limit))
    }

    async fn count(&self, prefix: &str) -> Result<usize> {
        hooked!(self.hook, "count", self.inner.count(prefix))
    }

    async fn commit(&self, preconditions: Vec<Precondition>, writes: Vec<Write>) -> Result<()> {
        hooked!(self.hook, "commit", self.inner.commit(preconditions, writes))
    }
}

#[async_trait]
impl<S: Events + ?Sized, H: Hook> Events for Decorated<S, H> {
    async fn append(&self, stream: &str, events: Vec<NewEvent>) -> Result<Vec<u64>> {
        hooked!(self.hook, "append", self.inner.append(stream, events))
    }

    async fn read(&self, stream: &str, after: u64, limit: usize) -> Result<Vec<StoredEvent>> {
        hooked!(self.hook, "read", self.inner.read(stream, after, limit))
    }

    async fn remove(&self, stream: &str, positions: Vec<u64>) -> Result<()> {
        hooked!(self.hook, "remove", self.inner.remove(stream, positions))
    }

    async fn delete_stream(&self, stream: &str) -> Result<()> {
        hooked!(self.hook, "delete_stream", self.inner.delete_stream(stream))
    }
}

#[async_trait]
impl<S: Blobs + ?Sized, H: Hook> Blobs for Decorated<S, H> {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        hooked!(self.hook, "put", self.inner.put(key, body))
    }

    async fn writer(&self, key: &str) -> Result<Box<dyn BlobWriter>> {
        self.hook.before("writer").await?;
        let inner = self.inner.writer(key).await?;
        self.hook.after("writer").await?;
        Ok(Box::new(DecoratedWriter { inner, hook: self.hook.clone() }))
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<BlobStream> {
        hooked!(self.hook, "read", self.inner.read(key, range))
    }

    async fn head(&self, key: &str) -> Result<BlobMeta> {
        hooked!(self.hook, "head", self.inner.head(key))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobMeta>> {
        hooked!(self.hook, "list", self.inner.list(prefix))
    }

    async fn delete(&self, key: &str) -> Result<()> {
        hooked!(self.hook, "delete", self.inner.delete(key))
    }
}

struct DecoratedWriter<H> {
    inner: Box<dyn BlobWriter>,
    hook: Arc<H>,
}

#[async_trait]
impl<H: Hook> BlobWriter for DecoratedWriter<H> {
    async fn write(&mut self, chunk: Bytes) -> Result<()> {
        hooked!(self.hook, "write", self.inner.write(chunk))
    }

    async fn finish(self: Box<Self>) -> Result<BlobMeta> {
        let Self { inner, hook } = *self;
        hooked!(hook, "finish", inner.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryBlobs, MemoryEvents, MemoryRecords, RecordsExt};

    fn counted<S>(inner: S) -> Decorated<S, Count> {
        Decorated::new(Arc::new(inner), Arc::new(Count::default()))
    }

    #[tokio::test]
    async fn a_decorated_memory_still_conforms() {
        use crate::conformance::{blobs, events, records};
        records::run_all(async || Arc::new(counted(MemoryRecords::new())) as Arc<dyn Records>).await;
        events::run_all(async || Arc::new(counted(MemoryEvents::new())) as Arc<dyn Events>).await;
        blobs::run_all(async || Arc::new(counted(MemoryBlobs::new())) as Arc<dyn Blobs>).await;
    }

    #[tokio::test]
    async fn only_the_nth_call_fails_and_only_after_has_an_effect() {
        for (strike, expected) in [(Strike::Before, None), (Strike::After, Some(2))] {
            let hook = Arc::new(FailNth::of("commit", 2, strike));
            let records = Decorated::new(Arc::new(MemoryRecords::new()), hook.clone());
            records.put_json("a", &1).await.expect("first");
            assert!(!hook.struck());
            assert!(matches!(records.put_json("b", &2).await, Err(Error::Unavailable(_))));
            assert!(hook.struck());
            records.put_json("c", &3).await.expect("third");
            let stored = records.get_json::<i32>("b").await.expect("get");
            assert_eq!(stored.map(|(_, value)| value), expected, "{strike:?}");
        }
    }

    #[tokio::test]
    async fn calls_are_counted_by_name() {
        let hook = Arc::new(Count::default());
        let records = Decorated::new(Arc::new(MemoryRecords::new()), hook.clone());
        records.put_json("a", &1).await.expect("commit");
        let _ = records.get("a").await;
        let _ = records.get("b").await;
        assert_eq!((hook.of("get"), hook.of("commit"), hook.of("scan"), hook.total()), (2, 1, 0, 3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_memory_waits_before_it_answers() {
        let slow = Arc::new(Slow { delay: Duration::from_secs(5) });
        let records = Decorated::new(Arc::new(MemoryRecords::new()), slow);
        let started = tokio::time::Instant::now();
        let _ = records.get("a").await;
        assert!(started.elapsed() >= Duration::from_secs(5));
    }
}
