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
