//! Files that are packed with gzip or zstd, known by their first bytes, as the stream of what is in them.

use std::fmt;
use std::io::{self, BufReader, Chain, Cursor, Read};

use flate2::read::MultiGzDecoder;

use crate::first_bytes::{FIRST_BYTES, looks_binary};

/// A stream whose first bytes were looked at.
type Looked<R> = Chain<Cursor<Vec<u8>>, R>;

/// A file's content, unpacked if it is packed. Reading fails with a [`PackedFault`] where the packed data is damaged or has more
/// bytes than allowed.
pub struct Unpacked<R: Read> {
    content: Content<R>,
    file: String,
    read: u64,
    bytes_max: u64,
}

enum Content<R: Read> {
    Plain(Looked<R>),
    Gzip(Box<MultiGzDecoder<Looked<R>>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, BufReader<Looked<R>>>>),
}

/// The fault of a packed file, in words for the customer. It travels inside an [`io::Error`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedFault(String);

impl PackedFault {
    /// The fault inside an I/O error, if that is what it is.
    pub fn of(error: &io::Error) -> Option<&str> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).map(|fault| fault.0.as_str())
    }
}

impl fmt::Display for PackedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PackedFault {}

impl<R: Read> Unpacked<R> {
    /// Looks at the first bytes. At most `bytes_max` bytes come out of a packed file; `file` is its name for messages.
    pub fn open(mut source: R, file: &str, bytes_max: u64) -> io::Result<Self> {
        let mut first = Vec::with_capacity(FIRST_BYTES);
        source.by_ref().take(FIRST_BYTES as u64).read_to_end(&mut first)?;
        let format = looks_binary(&first);
        let looked = Cursor::new(first).chain(source);
        let content = match format {
            Some("gzip") => Content::Gzip(Box::new(MultiGzDecoder::new(looked))),
            Some("zstd") => Content::Zstd(Box::new(zstd::stream::read::Decoder::new(looked)?)),
            _ => Content::Plain(looked),
        };
        Ok(Self { content, file: file.to_owned(), read: 0, bytes_max })
    }

    /// The name of the packed format; `None` for a file that is as it is.
    pub fn format(&self) -> Option<&'static str> {
        match self.content {
            Content::Plain(_) => None,
            Content::Gzip(_) => Some("gzip"),
            Content::Zstd(_) => Some("zstd"),
        }
    }

    fn fault(&self, what: &str) -> io::Error {
        io::Error::other(PackedFault(format!("{}: {what}", self.file)))
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.content {
            Content::Plain(plain) => return plain.read(out),
            Content::Gzip(gzip) => gzip.read(out),
            Content::Zstd(zstd) => zstd.read(out),
        };
        let format = self.format().unwrap_or_default();
        let len = read.map_err(|error| match error.kind() {
            // What the storage says passes through.
            _ if error.get_ref().is_some_and(|inner| inner.is::<tastemaker_store::Error>()) => error,
            io::ErrorKind::Interrupted => error,
            _ => self.fault(&format!("the {format} data is damaged or ends early ({error})")),
        })?;
        self.read += len as u64;
        if self.read > self.bytes_max {
            let bytes_max = self.bytes_max;
            return Err(self.fault(&format!(
                "the {format} data unpacks to more than {bytes_max} bytes, which is the most allowed"
            )));
        }
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn read(bytes: &[u8], bytes_max: u64) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        let mut unpacked = Unpacked::open(bytes, "f", bytes_max).unwrap();
        match unpacked.read_to_end(&mut out) {
            Ok(_) => Ok(out),
            Err(error) => Err(PackedFault::of(&error).unwrap().to_owned()),
        }
    }

    #[test]
    fn what_is_packed_is_unpacked_and_the_rest_left_as_it_is() {
        let text: Vec<u8> = (0..20_000u32).flat_map(|n| n.to_string().into_bytes()).collect();
        let parts = [gzip(&text[..9_000]), gzip(&text[9_000..])].concat();
        assert_eq!(read(&parts, 1 << 20).unwrap(), text, "members behind each other");
        assert_eq!(read(&zstd::encode_all(&text[..], 3).unwrap(), 1 << 20).unwrap(), text);
        // The limit is of unpacked bytes alone.
        assert_eq!(read(&text, 10).unwrap(), text);
        assert_eq!(read(b"", 10).unwrap(), b"");
    }

    #[test]
    fn bombs_and_damage_are_faults_with_the_name_of_the_file() {
        let bomb = gzip(&vec![b'x'; 1 << 20]);
        assert!(bomb.len() < 10_000);
        assert_eq!(
            read(&bomb, 1000).unwrap_err(),
            "f: the gzip data unpacks to more than 1000 bytes, which is the most allowed"
        );
        let bomb = zstd::encode_all(&vec![b'x'; 1 << 20][..], 3).unwrap();
        assert_eq!(
            read(&bomb, 1000).unwrap_err(),
            "f: the zstd data unpacks to more than 1000 bytes, which is the most allowed"
        );
        assert_eq!(read(&bomb, 1 << 20).unwrap().len(), 1 << 20);
        let whole = gzip(b"USER_ID,ITEM_ID");
        for len in [3, 12, whole.len() - 1] {
            assert!(
                read(&whole[..len], 1000).unwrap_err().starts_with("f: the gzip data is damaged or ends early"),
                "{len}"
            );
        }
        let mut flipped = whole;
        flipped[14] ^= 0xff;
        assert!(read(&flipped, 1000).unwrap_err().starts_with("f: the gzip data is damaged"));
        assert!(read(b"\x28\xb5\x2f\xfd\x04", 1000).unwrap_err().starts_with("f: the zstd data is damaged"));
    }
}
