//! Bodies: a request's into a fresh blob with its digests, a blob's into a response.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::task::{Context, Poll};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::HeaderMap;
use md5::{Digest, Md5};
use parking_lot::Mutex;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::{Checksum, StreamingBlob};
use s3s::stream::{ByteStream, RemainingLength};
use s3s::{S3Request, S3Result, StdError, s3_error};
use tastemaker_store::BlobStream;

use crate::declared::{BodyFault, Trailers};
use crate::errors::storage;
use crate::limits::BODY_BYTES_MAX;
use crate::state::State;

/// A body that is safe in a blob of its own.
pub(crate) struct Received {
    pub(crate) blob: String,
    pub(crate) size_bytes: u64,
    /// The MD5 of the bytes in hex.
    pub(crate) etag: String,
    /// Verified checksums: lower-case algorithm to base64.
    pub(crate) checksums: BTreeMap<String, String>,
}

/// The sender's claims about the body that its checksums must keep.
#[derive(Default)]
pub(crate) struct Promised {
    content_md5: Option<String>,
    headers: HeaderMap,
    trailers: Option<Trailers>,
}

const ALGORITHMS: [&str; 5] = ["crc32", "crc32c", "sha1", "sha256", "crc64nvme"];

impl Promised {
    pub(crate) fn of<T>(request: &S3Request<T>, content_md5: Option<String>) -> Self {
        Self { content_md5, headers: request.headers.clone(), trailers: request.extensions.get::<Trailers>().cloned() }
    }

    /// The claims of a form.
    pub(crate) fn of_fields(headers: HeaderMap, content_md5: Option<String>) -> Self {
        Self { content_md5, headers, trailers: None }
    }

    /// The algorithms that the headers, or the trailers they announce, give a checksum of.
    fn hasher(&self) -> ChecksumHasher {
        let announced: Vec<_> =
            self.headers.get_all("x-amz-trailer").iter().filter_map(|value| value.to_str().ok()).collect();
        let wanted = |algorithm: &str| {
            let name = format!("x-amz-checksum-{algorithm}");
            self.headers.contains_key(&name)
                || announced.iter().any(|names| names.split(',').any(|one| one.trim().eq_ignore_ascii_case(&name)))
        };
        ChecksumHasher {
            crc32: wanted("crc32").then(Crc32::new),
            crc32c: wanted("crc32c").then(Crc32c::new),
            sha1: wanted("sha1").then(Sha1::new),
            sha256: wanted("sha256").then(Sha256::new),
            crc64nvme: wanted("crc64nvme").then(Crc64Nvme::new),
        }
    }

    /// Compares what was promised with what came.
    fn verify(&self, md5: &[u8], checksums: &BTreeMap<String, String>) -> S3Result<()> {
        if let Some(promised) = &self.content_md5 {
            if BASE64_STANDARD.decode(promised).map_or(0, |bytes| bytes.len()) != md5.len() {
                return Err(s3_error!(InvalidDigest, "Content-MD5 {promised:?} is not the base64 of 16 bytes."));
            }
            let found = BASE64_STANDARD.encode(md5);
            if *promised != found {
                return Err(s3_error!(BadDigest, "Content-MD5 is {promised}, the body's MD5 is {found}."));
            }
        }
        let trailers = self.trailers.as_ref().map(Trailers::get).unwrap_or_default();
        for (algorithm, found) in checksums {
            let name = format!("x-amz-checksum-{algorithm}");
            let promised =
                self.headers.get(&name).or_else(|| trailers.get(&name)).and_then(|value| value.to_str().ok());
            match promised {
                Some(promised) if promised == found => {}
                Some(promised) => return Err(s3_error!(BadDigest, "{name} is {promised}, the body's is {found}.")),
                None => return Err(s3_error!(InvalidRequest, "{name} was announced and did not come.")),
            }
        }
        Ok(())
    }
}

fn by_name(checksum: Checksum) -> BTreeMap<String, String> {
    let Checksum { checksum_crc32, checksum_crc32c, checksum_sha1, checksum_sha256, checksum_crc64nvme, .. } = checksum;
    let values = [checksum_crc32, checksum_crc32c, checksum_sha1, checksum_sha256, checksum_crc64nvme];
    ALGORITHMS.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?))).collect()
}

/// A key that no blob ever had. Two hex digits of directory keep each directory small.
pub(crate) fn fresh_blob_key() -> String {
    let name = uuid::Uuid::new_v4().simple().to_string();
    format!("s3/{}/{name}", &name[..2])
}

impl State {
    /// Stores a body durably and verifies what was promised of it; nothing is stored when it breaks off or differs.
    pub(crate) async fn receive(
        &self,
        mut body: impl Stream<Item = S3Result<Bytes>> + Send + Unpin,
        promised: Promised,
        lengths: RangeInclusive<u64>,
    ) -> S3Result<Received> {
        let blob = fresh_blob_key();
        let mut writer = self.blobs.writer(&blob).await.map_err(storage)?;
        let mut md5 = Md5::new();
        let mut hasher = promised.hasher();
        let mut size_bytes = 0;
        while let Some(chunk) = body.next().await {
            let chunk = chunk?;
            size_bytes += chunk.len() as u64;
            if size_bytes > *lengths.end() {
                return Err(s3_error!(
                    EntityTooLarge,
                    "Your proposed upload exceeds the maximum allowed size of {} bytes.",
                    lengths.end()
                ));
            }
            md5.update(&chunk);
            hasher.update(&chunk);
            writer.write(chunk).await.map_err(storage)?;
        }
        if size_bytes < *lengths.start() {
            return Err(s3_error!(
                EntityTooSmall,
                "Your proposed upload of {size_bytes} bytes is smaller than the minimum allowed size of {}.",
                lengths.start()
            ));
        }
        let md5 = md5.finalize();
        let checksums = by_name(hasher.finalize());
        promised.verify(&md5, &checksums)?;
        writer.finish().await.map_err(storage)?;
        Ok(Received { blob, size_bytes, etag: hex::encode(md5), checksums })
    }
}

/// The lengths of any upload, and of any part of one.
pub(crate) fn any_length() -> RangeInclusive<u64> {
    0..=BODY_BYTES_MAX
}

/// A request's body as [`State::receive`] wants it; no body is an empty one.
pub(crate) fn incoming(body: Option<StreamingBlob>) -> impl Stream<Item = S3Result<Bytes>> + Send + Unpin {
    futures::stream::iter(body).flatten().map(|chunk| chunk.map_err(|error| BodyFault::of(error).into()))
}

/// A blob's stream as a response's body of known length.
pub(crate) fn outgoing(stream: BlobStream, len: u64) -> StreamingBlob {
    let left = usize::try_from(len).unwrap_or(usize::MAX);
    StreamingBlob::new(Outgoing { stream: Mutex::new(stream), left })
}

/// The mutex is never contended: it makes a `Send` stream `Sync`, which the protocol crate asks for.
struct Outgoing {
    stream: Mutex<BlobStream>,
    left: usize,
}

impl Stream for Outgoing {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = self.stream.get_mut();
        let polled = stream.poll_next_unpin(context);
        if let Poll::Ready(Some(Ok(chunk))) = &polled {
            let len = chunk.len();
            self.left = self.left.saturating_sub(len);
        }
        polled.map(|next| next.map(|chunk| chunk.map_err(|error| Box::new(error) as StdError)))
    }
}

impl ByteStream for Outgoing {
    fn remaining_length(&self) -> RemainingLength {
        RemainingLength::new_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_tells_what_is_left_of_it() {
        let pieces = [&b"abc"[..], b"", b"de"].map(|piece| Ok(Bytes::from_static(piece)));
        let mut body = outgoing(Box::pin(futures::stream::iter(pieces)), 5);
        let mut left = vec![body.remaining_length().exact()];
        let mut text = Vec::new();
        while let Some(piece) = body.next().await {
            text.extend_from_slice(&piece.expect("a piece"));
            left.push(body.remaining_length().exact());
        }
        assert_eq!((text.as_slice(), left), (&b"abcde"[..], vec![Some(5), Some(2), Some(2), Some(0)]));
    }
}
