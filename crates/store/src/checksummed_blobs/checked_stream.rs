//! A blob's bytes as a stream in which no byte passes before its chunk is checked.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt};

use super::checksums::{CHUNK_BYTES, Checksums};
use crate::{BlobStream, Error, Result};

/// The range of whole chunks around `range`, which is not empty and lies within the blob.
pub(super) fn whole_chunks(checksums: &Checksums, range: &Range<u64>) -> Range<u64> {
    let start = Checksums::chunk_of(range.start) * CHUNK_BYTES;
    start..range.end.next_multiple_of(CHUNK_BYTES).min(checksums.size)
}

struct Checking {
    key: String,
    checksums: Arc<Checksums>,
    inner: BlobStream,
    /// Bytes of a chunk that is not complete.
    partial: BytesMut,
    /// Bytes that came and are not looked at.
    rest: Bytes,
    /// The next chunk to be checked.
    chunk: u64,
    /// The end of the last chunk to be checked.
    end: u64,
    /// The bytes that the caller wants.
    wanted: Range<u64>,
}

/// The bytes of `wanted`, checked; `inner` has the bytes of the whole chunks around it.
pub(super) fn checked(key: String, checksums: Arc<Checksums>, inner: BlobStream, wanted: Range<u64>) -> BlobStream {
    let around = whole_chunks(&checksums, &wanted);
    let chunk = Checksums::chunk_of(around.start);
    let (partial, rest, end) = (BytesMut::new(), Bytes::new(), around.end);
    let checking = Checking { key, checksums, inner, partial, rest, chunk, end, wanted };
    futures::stream::try_unfold(checking, |mut checking| async move {
        Ok(checking.next().await?.map(|bytes| (bytes, checking)))
    })
    .boxed()
}

impl Checking {
    /// The wanted bytes of the next chunk.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        let start = self.chunk * CHUNK_BYTES;
        if start >= self.end {
            return Ok(None);
        }
        let len = self.checksums.chunk_len(self.chunk) as usize;
        let bytes = self.take(len).await?;
        if !self.checksums.matches(self.chunk, &bytes) {
            return Err(damaged(&self.key, start, start + len as u64, "do not match their checksum"));
        }
        self.chunk += 1;
        let from = self.wanted.start.saturating_sub(start).min(len as u64) as usize;
        let to = self.wanted.end.saturating_sub(start).min(len as u64) as usize;
        Ok(Some(bytes.slice(from..to)))
    }

    /// Exactly `len` bytes, without a copy when they came in one piece.
    async fn take(&mut self, len: usize) -> Result<Bytes> {
        loop {
            if self.partial.is_empty() && self.rest.len() >= len {
                return Ok(self.rest.split_to(len));
            }
            let more = self.rest.len().min(len - self.partial.len());
            self.partial.extend_from_slice(&self.rest[..more]);
            self.rest.advance(more);
            if self.partial.len() == len {
                return Ok(self.partial.split().freeze());
            }
            let Some(next) = self.inner.try_next().await? else {
                let at = self.chunk * CHUNK_BYTES + self.partial.len() as u64;
                return Err(damaged(&self.key, at, self.end, "are missing"));
            };
            self.rest = next;
        }
    }
}

fn damaged(key: &str, start: u64, end: u64, what: &str) -> Error {
    Error::Corrupt(format!("{key}: the bytes {start} to {end} {what}"))
}
