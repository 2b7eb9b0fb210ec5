//! The ends of a copy of a file: the source, whose read bytes are counted, and the chunks that are stored.

use axum::body::Bytes;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tastemaker_compute::{BlobParquet, ReadAt};
use tastemaker_console::data_ports::CopyProgress;
use tastemaker_store::BlobFile;
use tokio::sync::mpsc;

/// Bytes of a copy that are passed on at once.
const CHUNK_BYTES: usize = 256 << 10;
/// Chunks that wait to be stored.
pub const CHUNKS_WAITING_MAX: usize = 4;

/// The bytes read of a file. Bytes that are read twice count once, as far as the length of the file tells.
#[derive(Clone)]
pub struct Counted {
    size_bytes: u64,
    read: Arc<AtomicU64>,
    progress: Arc<CopyProgress>,
}

impl Counted {
    /// Nothing is read yet of a file of this length.
    pub fn new(size_bytes: u64, progress: Arc<CopyProgress>) -> Self {
        Self { size_bytes, read: Arc::default(), progress }
    }

    fn add(&self, bytes: u64) {
        let before = self.read.fetch_add(bytes, Ordering::Relaxed);
        self.progress.add(bytes.min(self.size_bytes.saturating_sub(before)));
    }

    /// Counts what no reader wanted, as the columns of a Parquet file that are not copied.
    pub fn finish(&self) {
        self.add(self.size_bytes);
    }
}

/// A file that is copied; what is read of it is counted.
pub struct Source {
    /// The file, from its beginning.
    pub file: BlobFile,
    /// The same file, to be read at random.
    pub again: BlobFile,
    /// The bytes read.
    pub counted: Counted,
}

impl Source {
    /// The file, to be read at random and counted.
    pub fn at_random(&self) -> CountedParquet {
        CountedParquet { file: BlobParquet::from(self.again.reopen()), counted: self.counted.clone() }
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.file.read(out)?;
        self.counted.add(len as u64);
        Ok(len)
    }
}

/// A Parquet file whose read bytes are counted.
pub struct CountedParquet {
    file: BlobParquet,
    counted: Counted,
}

impl ReadAt for CountedParquet {
    fn len(&self) -> u64 {
        self.file.len()
    }

    fn read_at(&self, start: u64, len: usize) -> io::Result<Bytes> {
        let bytes = self.file.read_at(start, len)?;
        self.counted.add(bytes.len() as u64);
        Ok(bytes)
    }
}

/// Passes what is written on in chunks, from a blocking thread.
pub struct Chunks {
    chunks: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
}

impl Chunks {
    /// Chunks for this receiver.
    pub fn new(chunks: mpsc::Sender<io::Result<Bytes>>) -> Self {
        Self { chunks, buffer: Vec::with_capacity(CHUNK_BYTES) }
    }
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK_BYTES));
        self.chunks.blocking_send(Ok(chunk.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_count_once_and_all_of_them_at_the_end() {
        let progress: Arc<CopyProgress> = Arc::default();
        let counted = Counted::new(100, progress.clone());
        counted.add(60);
        counted.add(60);
        assert_eq!(progress.bytes().0, 100);
        counted.finish();
        assert_eq!(progress.bytes().0, 100);
        let other = Counted::new(10, progress.clone());
        other.add(3);
        other.finish();
        assert_eq!(progress.bytes().0, 110);
    }
}
