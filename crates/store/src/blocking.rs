//! Synchronous files over blobs, for CSV and Parquet code that runs on blocking threads.
//!
//! Both adapters drive the blob's future with a runtime handle, so they may be used on `spawn_blocking` and plain threads
//! only: on a thread that runs async tasks they would stop the runtime, and tokio panics to say so.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use futures::TryStreamExt;
use tokio::runtime::Handle;

use crate::ext::collect;
use crate::{BlobMeta, BlobStream, BlobWriter, Blobs, Error, Result};

/// A blob that is read like a file: sequentially, after a seek, or at a range.
pub struct BlobFile {
    blobs: Arc<dyn Blobs>,
    meta: BlobMeta,
    handle: Handle,
    position: u64,
    stream: Option<BlobStream>,
    chunk: Bytes,
}

impl BlobFile {
    /// Opens a blob from async code; [`Error::NotFound`] if it is absent. The file uses the current runtime.
    pub async fn open(blobs: Arc<dyn Blobs>, key: &str) -> Result<Self> {
        let meta = blobs.head(key).await?;
        let handle = Handle::try_current().map_err(|error| Error::backend("blobs", error))?;
        Ok(Self::with_meta(blobs, meta, handle))
    }

    /// Opens a blob from a blocking thread; [`Error::NotFound`] if it is absent.
    pub fn open_blocking(blobs: Arc<dyn Blobs>, key: &str, handle: Handle) -> Result<Self> {
        let meta = handle.block_on(blobs.head(key))?;
        Ok(Self::with_meta(blobs, meta, handle))
    }

    fn with_meta(blobs: Arc<dyn Blobs>, meta: BlobMeta, handle: Handle) -> Self {
        Self { blobs, meta, handle, position: 0, stream: None, chunk: Bytes::new() }
    }

    /// A second, independent file over the same blob, at its beginning.
    pub fn reopen(&self) -> Self {
        Self::with_meta(self.blobs.clone(), self.meta.clone(), self.handle.clone())
    }

    /// The blob's key and size.
    pub fn meta(&self) -> &BlobMeta {
        &self.meta
    }

    /// The blob's length in bytes.
    pub fn size(&self) -> u64 {
        self.meta.size
    }

    /// Exactly `len` bytes from `start`, independent of the reading position; [`Error::Corrupt`] if the blob ends before.
    pub fn read_at(&self, start: u64, len: usize) -> Result<Bytes> {
        let end = start.saturating_add(len as u64);
        let bytes =
            self.handle.block_on(async { collect(self.blobs.read(&self.meta.key, Some(start..end)).await?).await })?;
        if bytes.len() != len {
            let found = bytes.len();
            return Err(Error::Corrupt(format!("{}: {found} of {len} bytes at {start}", self.meta.key)));
        }
        Ok(bytes)
    }

    /// The next chunk as the backend gives it, or `None` at the end.
    fn next_chunk(&mut self) -> Result<Option<Bytes>> {
        let Self { blobs, meta, handle, position, stream, .. } = self;
        handle.block_on(async {
            let stream = match stream {
                Some(stream) => stream,
                None => stream.insert(blobs.read(&meta.key, Some(*position..u64::MAX)).await?),
            };
            stream.try_next().await
        })
    }
}

impl Read for BlobFile {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() && !out.is_empty() {
            match self.next_chunk()? {
                Some(chunk) => self.chunk = chunk,
                None => return Ok(0),
            }
        }
        let len = self.chunk.len().min(out.len());
        self.chunk.copy_to_slice(&mut out[..len]);
        self.position += len as u64;
        Ok(len)
    }
}

impl Seek for BlobFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.meta.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        let target = target.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "seek before the beginning"))?;
        if target != self.position {
            self.position = target;
            self.stream = None;
            self.chunk = Bytes::new();
        }
        Ok(target)
    }
}

/// A blob that is written like a file; invisible until [`BlobSink::finish`], discarded when dropped.
pub struct BlobSink {
    writer: Box<dyn BlobWriter>,
    handle: Handle,
    buffer: Vec<u8>,
}

impl BlobSink {
    /// Bytes gathered before they are handed to the blob.
    const BUFFER_BYTES: usize = 1 << 20;

    /// Starts a blob from async code. The sink uses the current runtime.
    pub async fn create(blobs: &dyn Blobs, key: &str) -> Result<Self> {
        let handle = Handle::try_current().map_err(|error| Error::backend("blobs", error))?;
        Ok(Self { writer: blobs.writer(key).await?, handle, buffer: Vec::new() })
    }

    /// Starts a blob from a blocking thread.
    pub fn create_blocking(blobs: &dyn Blobs, key: &str, handle: Handle) -> Result<Self> {
        Ok(Self { writer: handle.block_on(blobs.writer(key))?, handle, buffer: Vec::new() })
    }

    /// Makes the blob durable and visible.
    pub fn finish(mut self) -> Result<BlobMeta> {
        self.send()?;
        self.handle.block_on(self.writer.finish())
    }

    fn send(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::take(&mut self.buffer).into();
        self.handle.block_on(self.writer.write(chunk))
    }
}

impl Write for BlobSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= Self::BUFFER_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    /// Hands buffered bytes to the blob; durability comes with [`BlobSink::finish`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(self.send()?)
    }
}

#[cfg(test)]
mod tests;
