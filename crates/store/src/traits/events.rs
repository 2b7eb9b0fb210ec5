//! The trait of append-only streams, idempotent by event id.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::Result;

/// An event to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Unique within its stream; a second event with the same id is not stored.
    pub id: String,
    /// Opaque to the store.
    pub body: Bytes,
}

/// An event as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place: positive, and greater than that of every event appended to the stream before. Gaps are allowed.
    pub position: u64,
    /// The id it was appended with.
    pub id: String,
    /// The body it was appended with.
    pub body: Bytes,
}

/// Append-only streams, named by the caller and made by their first append.
#[async_trait]
pub trait Events: Send + Sync + 'static {
    /// Appends a batch durably and returns one position per event, in the given order. An id that the stream already
    /// holds keeps its first body and position, and that position is returned.
    async fn append(&self, stream: &str, events: Vec<NewEvent>) -> Result<Vec<u64>>;

    /// At most `limit` events with a position greater than `after` (0 for the beginning), in order. A stream that was
    /// never appended to is empty. An event once passed by a reader's position is never inserted behind it.
    async fn read(&self, stream: &str, after: u64, limit: usize) -> Result<Vec<StoredEvent>>;

    /// Forgets the events at these positions, with their ids, durably and all or none; the others keep their places.
    /// Positions that the stream does not hold are no error.
    async fn remove(&self, stream: &str, positions: Vec<u64>) -> Result<()>;

    /// Forgets a stream and its ids; positions are not used again. An absent stream is no error.
    async fn delete_stream(&self, stream: &str) -> Result<()>;
}

#[async_trait]
impl<T: Events + ?Sized> Events for Arc<T> {
    async fn append(&self, stream: &str, events: Vec<NewEvent>) -> Result<Vec<u64>> {
        (**self).append(stream, events).await
    }

    async fn read(&self, stream: &str, after: u64, limit: usize) -> Result<Vec<StoredEvent>> {
        (**self).read(stream, after, limit).await
    }

    async fn remove(&self, stream: &str, positions: Vec<u64>) -> Result<()> {
        (**self).remove(stream, positions).await
    }

    async fn delete_stream(&self, stream: &str) -> Result<()> {
        (**self).delete_stream(stream).await
    }
}
