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

#[cfg(test)]
mod tests {
    use super::super::checksums::Summing;
    use super::*;

    fn body() -> Vec<u8> {
        (0..3 * CHUNK_BYTES + 7).map(|n| (n % 251) as u8).collect()
    }

    fn checksums(body: &[u8]) -> Arc<Checksums> {
        let mut summing = Summing::default();
        summing.update(body);
        Arc::new(summing.finish())
    }

    /// The bytes of `wanted`, when `body` comes in pieces.
    async fn in_pieces(body: &[u8], piece: usize, wanted: Range<u64>) -> Result<Vec<u8>> {
        let checksums = checksums(&self::body());
        let around = whole_chunks(&checksums, &wanted);
        let sent = &body[around.start as usize..body.len().min(around.end as usize)];
        let pieces: Vec<_> = sent.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let inner = futures::stream::iter(pieces).boxed();
        let found: Vec<Bytes> = checked("k".to_owned(), checksums, inner, wanted).try_collect().await?;
        Ok(found.concat())
    }

    #[tokio::test]
    async fn bytes_are_the_same_however_they_come() {
        let (body, last) = (body(), 3 * CHUNK_BYTES + 7);
        for piece in [1_000, 65_535, 65_536, 65_537, 100_000, usize::MAX] {
            for wanted in [0..last, 0..1, 65_535..65_537, 65_536..131_072, 70_000..70_001, last - 1..last] {
                let found = in_pieces(&body, piece, wanted.clone()).await.expect("bytes");
                assert_eq!(found, body[wanted.start as usize..wanted.end as usize], "{piece} {wanted:?}");
            }
        }
    }

    #[tokio::test]
    async fn missing_and_changed_bytes_are_named() {
        let whole = body();
        for piece in [1_000, usize::MAX] {
            let short = in_pieces(&whole[..70_000], piece, 0..196_615).await.expect_err("70,000 bytes");
            assert_eq!(short.to_string(), "stored data is corrupt: k: the bytes 70000 to 196615 are missing");
            let mut changed = whole.clone();
            changed[131_072] ^= 1;
            let error = in_pieces(&changed, piece, 131_075..131_076).await.expect_err("a changed chunk");
            let told = "stored data is corrupt: k: the bytes 131072 to 196608 do not match their checksum";
            assert_eq!(error.to_string(), told);
        }
    }

    #[test]
    fn a_range_grows_to_whole_chunks_within_the_blob() {
        let checksums = checksums(&body());
        for (range, whole) in [
            (0..1, 0..65_536),
            (65_535..65_537, 0..131_072),
            (65_536..131_072, 65_536..131_072),
            (196_608..196_609, 196_608..196_615),
        ] {
            assert_eq!(whole_chunks(&checksums, &range), whole, "{range:?}");
        }
    }
}
