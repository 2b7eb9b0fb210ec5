//! A file's bytes as a stream. The stream that `object_store` makes of a file reads 8 KiB at once, each on a thread of its
//! own.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;

use bytes::Bytes;
use futures::StreamExt;

use super::error::NAME;
use super::file_work::blocking;
use crate::{BlobStream, Error};

/// Bytes read from a file at once.
const CHUNK_BYTES: u64 = 256 * 1024;

/// The bytes of `range`, which lies within the file.
pub(super) fn of_file(key: String, file: File, range: Range<u64>) -> BlobStream {
    let size = range.end;
    let chunks = futures::stream::try_unfold((file, range), move |(mut file, range)| {
        let key = key.clone();
        async move {
            if range.is_empty() {
                return Ok(None);
            }
            let (start, len) = (range.start, (range.end - range.start).min(CHUNK_BYTES));
            let read = blocking(move || {
                let mut chunk = vec![0; len as usize];
                let filled = file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut chunk));
                match filled {
                    Ok(()) => Ok((Bytes::from(chunk), file)),
                    Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                        Err(Error::Corrupt(format!("{key}: the file became shorter than {size} bytes")))
                    }
                    Err(error) => Err(Error::from_io(NAME, &key, error)),
                }
            });
            let (chunk, file) = read.await?;
            Ok(Some((chunk, (file, start + len..range.end))))
        }
    });
    chunks.boxed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::TryStreamExt;

    #[tokio::test]
    async fn a_file_that_became_shorter_is_corrupt_and_one_that_cannot_be_read_is_not() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("f");
        std::fs::write(&path, vec![7; 300_000]).expect("write");
        let read = async |file: File, range: Range<u64>| {
            let chunks: crate::Result<Vec<Bytes>> = of_file("k".into(), file, range).try_collect().await;
            chunks.map(|chunks| chunks.iter().map(Bytes::len).collect::<Vec<_>>())
        };
        let open = || File::open(&path).expect("open");
        assert_eq!(read(open(), 1..300_000).await.expect("bytes"), [256 * 1024, 300_000 - 1 - 256 * 1024]);
        assert_eq!(read(open(), 5..5).await.expect("bytes"), [0; 0]);
        let short = read(open(), 0..300_001).await.expect_err("too short");
        assert!(matches!(short, Error::Corrupt(what) if what == "k: the file became shorter than 300001 bytes"));
        let unreadable = File::options().write(true).open(&path).expect("open");
        let error = read(unreadable, 0..10).await.expect_err("it is not open for reading");
        assert!(!matches!(error, Error::Corrupt(_)), "{error}");
    }
}
