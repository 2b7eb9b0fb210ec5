//! The checksums of a blob, chunk by chunk, and their record.

use serde::{Deserialize, Serialize};

use crate::{Error, Result, Write, from_json, put_json};

/// Bytes under one checksum; the last chunk of a blob may be shorter.
pub const CHUNK_BYTES: u64 = 64 * 1024;

/// The prefix of the keys of checksum records.
pub(super) const PREFIX: &str = "blob/";

/// The format that this build writes, and the newest that it reads.
const FORMAT: u32 = 1;

/// The CRC-32 of each chunk of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksums {
    /// The length of the blob in bytes.
    pub size: u64,
    chunks: Vec<u32>,
}

/// The record `blob/<key>`.
#[derive(Serialize, Deserialize)]
struct ChecksumsV1 {
    v: u32,
    size: u64,
    chunk_bytes: u64,
    /// Eight hexadecimal digits for each chunk.
    crc32: String,
}

/// The key of the record of a blob's checksums.
pub(super) fn record_key(blob: &str) -> String {
    format!("{PREFIX}{blob}")
}

impl Checksums {
    /// The number of the chunk with byte `at`.
    pub(super) fn chunk_of(at: u64) -> u64 {
        at / CHUNK_BYTES
    }

    /// The length of a chunk in bytes.
    pub(super) fn chunk_len(&self, chunk: u64) -> u64 {
        self.size.saturating_sub(chunk * CHUNK_BYTES).min(CHUNK_BYTES)
    }

    /// Whether `bytes` are the whole of a chunk as it was written.
    pub(super) fn matches(&self, chunk: u64, bytes: &[u8]) -> bool {
        let known = usize::try_from(chunk).ok().and_then(|chunk| self.chunks.get(chunk));
        known.is_some_and(|crc| *crc == crc32fast::hash(bytes))
    }

    /// The write of their record.
    pub(super) fn put(&self, blob: &str) -> Result<Write> {
        let crc32 = self.chunks.iter().fold(String::with_capacity(8 * self.chunks.len()), |mut hex, crc| {
            use std::fmt::Write as _;
            // Writing to a string does not fail.
            let _ = write!(hex, "{crc:08x}");
            hex
        });
        put_json(record_key(blob), &ChecksumsV1 { v: FORMAT, size: self.size, chunk_bytes: CHUNK_BYTES, crc32 })
    }

    /// Reads a record; [`Error::Corrupt`] names it if it is of a newer format or none.
    pub(super) fn decode(record_key: &str, value: &[u8]) -> Result<Self> {
        let stored: ChecksumsV1 = from_json(record_key, value)?;
        let corrupt = |what: String| Error::Corrupt(format!("{record_key}: {what}"));
        if stored.v != FORMAT || stored.chunk_bytes != CHUNK_BYTES {
            return Err(corrupt(format!("format {}, this build reads {FORMAT}", stored.v)));
        }
        let chunks = stored.crc32.as_bytes().chunks(8).map(|digits| {
            let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.len() == 8);
            digits.and_then(|digits| u32::from_str_radix(digits, 16).ok())
        });
        let chunks: Option<Vec<u32>> = chunks.collect();
        let fits = |chunks: &Vec<u32>| chunks.len() as u64 == stored.size.div_ceil(CHUNK_BYTES);
        match chunks.filter(fits) {
            Some(chunks) => Ok(Self { size: stored.size, chunks }),
            None => Err(corrupt("the checksums do not fit the size".to_owned())),
        }
    }
}

/// Checksums in the making, fed with a blob's bytes in order.
#[derive(Default)]
pub(super) struct Summing {
    size: u64,
    chunks: Vec<u32>,
    open: crc32fast::Hasher,
}

impl Summing {
    /// Takes the next bytes.
    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = (CHUNK_BYTES - self.size % CHUNK_BYTES) as usize;
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.open.update(now);
            self.size += now.len() as u64;
            bytes = later;
            if self.size.is_multiple_of(CHUNK_BYTES) {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        self.chunks.push(std::mem::take(&mut self.open).finalize());
    }

    /// The checksums of all bytes taken.
    pub(super) fn finish(mut self) -> Checksums {
        if !self.size.is_multiple_of(CHUNK_BYTES) {
            self.close();
        }
        Checksums { size: self.size, chunks: self.chunks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pieces: &[&[u8]]) -> Checksums {
        let mut summing = Summing::default();
        pieces.iter().for_each(|piece| summing.update(piece));
        summing.finish()
    }

    fn written(checksums: &Checksums) -> String {
        let Ok(Write::Put { value, .. }) = checksums.put("k") else { panic!("a put") };
        String::from_utf8(value.to_vec()).expect("text")
    }

    #[test]
    fn format_1_is_held_fast() {
        let text = r#"{"v":1,"size":9,"chunk_bytes":65536,"crc32":"cbf43926"}"#;
        let check = of(&[b"1234", b"", b"56789"]);
        assert_eq!(written(&check), text, "the check value of CRC-32 in every textbook");
        assert_eq!(Checksums::decode("k", text.as_bytes()).expect("reads"), check);
        assert_eq!(written(&of(&[])), r#"{"v":1,"size":0,"chunk_bytes":65536,"crc32":""}"#);
    }

    #[test]
    fn chunks_do_not_depend_on_pieces() {
        let body: Vec<u8> = (0..3 * CHUNK_BYTES + 7).map(|n| (n % 251) as u8).collect();
        let whole = of(&[&body]);
        assert_eq!(whole.chunks.len(), 4);
        for piece in [1_000, 65_535, 65_536, 65_537] {
            assert_eq!(of(&body.chunks(piece).collect::<Vec<_>>()), whole, "{piece}");
        }
        assert_eq!((whole.chunk_len(2), whole.chunk_len(3), whole.chunk_len(4)), (CHUNK_BYTES, 7, 0));
        assert!(whole.matches(3, &body[3 * CHUNK_BYTES as usize..]) && !whole.matches(4, &[]));
        assert_eq!(Checksums::decode("k", written(&whole).as_bytes()).expect("reads"), whole);
    }

    #[test]
    fn records_that_say_something_else_are_corrupt() {
        for text in [
            r#"{"v":2,"size":9,"chunk_bytes":65536,"crc32":"cbf43926"}"#,
            r#"{"v":1,"size":9,"chunk_bytes":4096,"crc32":"cbf43926"}"#,
            r#"{"v":1,"size":9,"chunk_bytes":65536,"crc32":"cbf4392"}"#,
            r#"{"v":1,"size":9,"chunk_bytes":65536,"crc32":"cbf4392x"}"#,
            r#"{"v":1,"size":9,"chunk_bytes":65536,"crc32":""}"#,
            r#"{"v":1,"size":65537,"chunk_bytes":65536,"crc32":"cbf43926"}"#,
            "{}",
        ] {
            assert!(matches!(Checksums::decode("k", text.as_bytes()), Err(Error::Corrupt(_))), "{text}");
        }
    }
}
