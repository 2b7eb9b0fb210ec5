//! The content coding `aws-chunked`: chunks with signatures of their own, and trailing headers.
//!
//! ```text
//! body    = *chunk last [trailer]
//! chunk   = size [";chunk-signature=" signature] CRLF bytes CRLF
//! last    = "0" [";chunk-signature=" signature] CRLF
//! trailer = *(name ":" value CRLF) [CRLF]
//! ```
//!
//! Bytes are handed on as they come, so that no chunk is held in memory; a signature that does not hold ends the body with
//! an error, and what was handed on before is never published. A body that ends before its last chunk, or whose bytes are
//! fewer or more than `x-amz-decoded-content-length`, is refused.

use bytes::Bytes;
use futures::TryStreamExt;
use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::{S3ErrorCode, StdError};
use sha2::{Digest, Sha256};
use tastemaker_wire::sigv4::{ChunkSignatures, S3Payload};

use crate::declared::{BodyFault, Declared, RawBody, Trailers};
use crate::limits::{CHUNK_LINE_BYTES_MAX, TRAILER_BYTES_MAX};

/// The trailing header with the signature of the others.
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";

/// The bytes proper of an `aws-chunked` body.
pub(crate) fn decoded(body: RawBody, declared: Declared, trailers: Trailers) -> RawBody {
    let Declared { payload, signatures, length, announced } = declared;
    let with_trailer = matches!(payload, S3Payload::SignedChunks { trailer: true } | S3Payload::UnsignedChunks);
    let decoder = Decoder {
        source: Source { body, buffer: Bytes::new() },
        signatures: signatures.filter(|_| payload != S3Payload::UnsignedChunks),
        with_trailer,
        announced,
        trailers,
        declared_left: length,
        chunk: None,
    };
    Box::pin(futures::stream::try_unfold(decoder, |mut decoder| async move {
        match decoder.next().await {
            Ok(bytes) => Ok(bytes.map(|bytes| (bytes, decoder))),
            Err(fault) => Err(Box::new(fault) as StdError),
        }
    }))
}

struct Decoder {
    source: Source,
    /// `None` when chunks are not signed.
    signatures: Option<ChunkSignatures>,
    with_trailer: bool,
    announced: Vec<String>,
    trailers: Trailers,
    /// Bytes that are still to come in this and later chunks.
    declared_left: u64,
    /// The chunk that is being read.
    chunk: Option<Chunk>,
}

struct Chunk {
    left: u64,
    sha256: Sha256,
    signature: Vec<u8>,
}

impl Decoder {
    /// The next bytes; `None` behind the last chunk of a whole body.
    async fn next(&mut self) -> Result<Option<Bytes>, BodyFault> {
        loop {
            let Some(mut chunk) = self.chunk.take() else {
                let line = self.source.line(CHUNK_LINE_BYTES_MAX).await?;
                let (size, signature) = head(&line, self.signatures.is_some())?;
                if size > self.declared_left {
                    return Err(malformed(format!(
                        "a chunk of {size} bytes is more than the {} that x-amz-decoded-content-length leaves",
                        self.declared_left
                    )));
                }
                if size == 0 {
                    self.end(&signature).await?;
                    return Ok(None);
                }
                self.declared_left -= size;
                self.chunk = Some(Chunk { left: size, sha256: Sha256::new(), signature });
                continue;
            };
            if chunk.left > 0 {
                let bytes = self.source.some(chunk.left).await?;
                chunk.left -= bytes.len() as u64;
                if self.signatures.is_some() {
                    chunk.sha256.update(&bytes);
                }
                self.chunk = Some(chunk);
                return Ok(Some(bytes));
            }
            self.source.line_end().await?;
            self.accept(chunk.sha256, &chunk.signature)?;
        }
    }

    fn accept(&mut self, sha256: Sha256, signature: &[u8]) -> Result<(), BodyFault> {
        let Some(signatures) = &mut self.signatures else { return Ok(()) };
        if signatures.accept_chunk(&sha256.finalize().into(), signature) {
            return Ok(());
        }
        Err(BodyFault::new(S3ErrorCode::SignatureDoesNotMatch, "The signature of a chunk does not match its bytes."))
    }

    /// Checks all that follows the head of the last chunk.
    async fn end(&mut self, signature: &[u8]) -> Result<(), BodyFault> {
        if self.declared_left > 0 {
            return Err(BodyFault::incomplete(format!(
                "The body ended {} bytes before its x-amz-decoded-content-length.",
                self.declared_left
            )));
        }
        self.accept(Sha256::new(), signature)?;
        let rest = self.source.rest(TRAILER_BYTES_MAX).await?;
        if !self.with_trailer {
            return if matches!(&rest[..], b"" | b"\r\n") {
                Ok(())
            } else {
                Err(malformed("bytes follow the last chunk"))
            };
        }
        let (trailers, claimed) = trailing_headers(&rest)?;
        if let Some(name) = trailers.keys().find(|name| !self.announced.iter().any(|one| one == name.as_str())) {
            return Err(malformed_trailer(format!("x-amz-trailer does not announce {name}")));
        }
        if let Some(signatures) = &mut self.signatures {
            let claimed = claimed.ok_or_else(|| malformed_trailer(format!("{TRAILER_SIGNATURE} is missing")))?;
            if !signatures.accept_trailer(&canonical(&trailers), claimed.as_bytes()) {
                let message = "The signature of the trailing headers does not match them.";
                return Err(BodyFault::new(S3ErrorCode::SignatureDoesNotMatch, message));
            }
        }
        self.trailers.set(trailers);
        Ok(())
    }
}

/// Size and signature of a chunk.
fn head(line: &[u8], signed: bool) -> Result<(u64, Vec<u8>), BodyFault> {
    let text = std::str::from_utf8(line).map_err(|_| malformed("the line before a chunk is not text"))?;
    let (size, extension) = text.split_once(';').unwrap_or((text, ""));
    let plain = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_hexdigit());
    let size = u64::from_str_radix(size, 16).ok().filter(|_| plain);
    let size = size.ok_or_else(|| malformed(format!("{text:?} is no size of a chunk")))?;
    let signature = extension.strip_prefix("chunk-signature=").unwrap_or_default();
    if signed && signature.is_empty() {
        return Err(malformed("a chunk has no signature"));
    }
    Ok((size, signature.as_bytes().to_vec()))
}

/// The trailing headers by lower-case name, and the signature among them.
fn trailing_headers(rest: &[u8]) -> Result<(HeaderMap, Option<String>), BodyFault> {
    let text = std::str::from_utf8(rest).map_err(|_| malformed_trailer("they are not text"))?;
    if !text.is_empty() && !text.ends_with('\n') {
        return Err(BodyFault::incomplete("The body ended within its trailing headers."));
    }
    let mut headers = HeaderMap::new();
    let mut signature = None;
    // Some clients end the lines with LF alone.
    for line in text.split('\n').map(str::trim).filter(|line| !line.is_empty()) {
        let pair = line.split_once(':').and_then(|(name, value)| {
            let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value.trim()).ok()?))
        });
        let (name, value) = pair.ok_or_else(|| malformed_trailer(format!("{line:?} is no header")))?;
        if name == TRAILER_SIGNATURE {
            signature = value.to_str().ok().map(str::to_owned);
        } else if headers.insert(name.clone(), value).is_some() {
            return Err(malformed_trailer(format!("{name} is given twice")));
        }
    }
    Ok((headers, signature))
}

/// The trailing headers in the one form that both sides sign.
fn canonical(trailers: &HeaderMap) -> Vec<u8> {
    let mut lines: Vec<_> = trailers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    lines.sort_unstable();
    let mut canonical = Vec::new();
    for (name, value) in lines {
        canonical.extend_from_slice(name.as_bytes());
        canonical.push(b':');
        canonical.extend_from_slice(value);
        canonical.push(b'\n');
    }
    canonical
}

fn malformed(message: impl std::fmt::Display) -> BodyFault {
    BodyFault::new(S3ErrorCode::InvalidRequest, format!("The body is not aws-chunked: {message}."))
}

fn malformed_trailer(message: impl std::fmt::Display) -> BodyFault {
    BodyFault::unlisted("MalformedTrailerError", format!("The trailing headers are not well-formed: {message}."))
}

/// The coded bytes, with those that came and were not taken yet.
struct Source {
    body: RawBody,
    buffer: Bytes,
}

impl Source {
    /// Makes sure that the buffer has bytes; `false` at the end of the body.
    async fn fill(&mut self) -> Result<bool, BodyFault> {
        while self.buffer.is_empty() {
            match self.body.try_next().await.map_err(BodyFault::of)? {
                Some(bytes) => self.buffer = bytes,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    async fn filled(&mut self) -> Result<(), BodyFault> {
        if self.fill().await? {
            return Ok(());
        }
        Err(BodyFault::incomplete("The body ended before its last chunk."))
    }

    /// At least one and at most `bytes_max` bytes.
    async fn some(&mut self, bytes_max: u64) -> Result<Bytes, BodyFault> {
        self.filled().await?;
        let len = usize::try_from(bytes_max).unwrap_or(usize::MAX).min(self.buffer.len());
        Ok(self.buffer.split_to(len))
    }

    /// A line without its end.
    async fn line(&mut self, bytes_max: usize) -> Result<Vec<u8>, BodyFault> {
        let mut line = Vec::new();
        loop {
            self.filled().await?;
            let end = self.buffer.iter().position(|byte| *byte == b'\n');
            let len = end.map_or(self.buffer.len(), |end| end + 1);
            if line.len() + len > bytes_max {
                return Err(malformed(format!("the line before a chunk has more than {bytes_max} bytes")));
            }
            line.extend_from_slice(&self.buffer.split_to(len));
            if end.is_some() {
                return match line.strip_suffix(b"\r\n") {
                    Some(line) => Ok(line.to_vec()),
                    None => Err(malformed("the line before a chunk does not end with CR LF")),
                };
            }
        }
    }

    /// The end of the line behind the bytes of a chunk.
    async fn line_end(&mut self) -> Result<(), BodyFault> {
        for expected in *b"\r\n" {
            self.filled().await?;
            if self.buffer.split_to(1)[..] != [expected] {
                return Err(malformed("a chunk has more bytes than its size says"));
            }
        }
        Ok(())
    }

    /// All bytes that are left.
    async fn rest(&mut self, bytes_max: usize) -> Result<Vec<u8>, BodyFault> {
        let mut rest = Vec::new();
        while self.fill().await? {
            if rest.len() + self.buffer.len() > bytes_max {
                return Err(malformed(format!("more than {bytes_max} bytes follow the last chunk")));
            }
            rest.extend_from_slice(&std::mem::take(&mut self.buffer));
        }
        Ok(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_chunk_is_hexadecimal_digits() {
        for (line, size) in [("0", 0), ("a", 10), ("00F;chunk-signature=s", 15), ("ffffffffffffffff", u64::MAX)] {
            assert_eq!(head(line.as_bytes(), false).map(|(size, _)| size).ok(), Some(size), "{line}");
        }
        for line in ["", ";chunk-signature=s", "+3", "-3", " 3", "3 ", "0x3", "g", "10000000000000000"] {
            assert!(head(line.as_bytes(), false).is_err(), "{line}");
        }
        assert!(head(b"3", true).is_err() && head(b"3;chunk-signature=", true).is_err());
        assert_eq!(head(b"3;chunk-signature=s", true).map(|(_, signature)| signature).ok(), Some(b"s".to_vec()));
    }

    #[tokio::test]
    async fn a_line_has_a_greatest_length_however_it_comes() {
        for (len, taken) in [(1, true), (30, true), (31, false), (500, false)] {
            for piece in [1, 7, 1_000] {
                let line = format!("{}\r\n", "x".repeat(len - 1));
                let pieces: Vec<_> = line.as_bytes().chunks(piece).map(|p| Ok(Bytes::copy_from_slice(p))).collect();
                let body: RawBody = Box::pin(futures::stream::iter(pieces));
                let mut source = Source { body, buffer: Bytes::new() };
                assert_eq!(source.line(31).await.is_ok(), taken, "{len} {piece}");
            }
        }
    }
}
