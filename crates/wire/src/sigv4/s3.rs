//! S3's variant: paths encoded once, declared payloads, and the signatures of chunks.

use super::authorization::{Place, Scope, parameter};
use super::canonical::{self, RequestParts, sha256_hex};
use super::error::{SignatureError, SignatureFault, shortened};
use super::{Claim, Identity, hmac, mismatch};
use http::HeaderMap;
use std::fmt;
use std::time::SystemTime;
use subtle::ConstantTimeEq;

/// The header, or the parameter of a presigned query, that declares the payload.
const DECLARATION: &str = "x-amz-content-sha256";
const DECLARATION_PARAMETER: &str = "X-Amz-Content-Sha256";

/// The payload that a request to S3 declares; the body is still to be checked against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum S3Payload {
    /// Bytes that the signature does not cover.
    Unsigned,
    /// Bytes with this SHA-256.
    Sha256([u8; 32]),
    /// `aws-chunked` with a signature for every chunk.
    SignedChunks {
        /// True if signed trailing headers follow the last chunk.
        trailer: bool,
    },
    /// `aws-chunked` without signatures, with trailing headers.
    UnsignedChunks,
}

impl S3Payload {
    fn parse(declared: &str) -> Result<S3Payload, SignatureError> {
        let mut sha256 = [0; 32];
        match declared {
            "UNSIGNED-PAYLOAD" => Ok(S3Payload::Unsigned),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Ok(S3Payload::UnsignedChunks),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Ok(S3Payload::SignedChunks { trailer: false }),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Ok(S3Payload::SignedChunks { trailer: true }),
            hash if hex::decode_to_slice(hash, &mut sha256).is_ok() => Ok(S3Payload::Sha256(sha256)),
            other => Err(undeclared(format!(
                "{DECLARATION} must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
                 STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value; \
                 found '{}'.",
                shortened(other),
            ))),
        }
    }
}

/// A verified request to S3.
#[derive(Debug)]
pub struct S3Request {
    /// The signer.
    pub identity: Identity,
    /// The declared payload.
    pub payload: S3Payload,
    /// True if the signature is in the query.
    pub presigned: bool,
    /// The chain of signatures that the chunks of the body continue.
    pub chunks: ChunkSignatures,
}

/// Verifies the head of a request to S3. The rules are those of [`super::verify`]; beside them the scope must be of S3, and
/// a header-signed request must declare its payload.
pub fn verify_s3(
    parts: &RequestParts<'_>,
    lookup: impl Fn(&str) -> Option<String>,
    now: SystemTime,
) -> Result<S3Request, SignatureError> {
    let claim = Claim::open(parts, lookup, now)?;
    check_service(&claim.authorization.scope)?;
    let presigned = matches!(claim.authorization.place, Place::Query { .. });
    let declared = declared(parts, presigned)?;
    let payload = S3Payload::parse(&declared)?;
    if presigned && matches!(payload, S3Payload::SignedChunks { .. } | S3Payload::UnsignedChunks) {
        return Err(undeclared("A presigned request cannot send its body in chunks."));
    }
    // Most clients encode every special character of the path; some sign characters that they sent bare.
    let wire = parts.uri.path();
    let mut holds = false;
    for path in [canonical::s3_path(wire).as_str(), wire] {
        holds = holds || claim.holds(&canonical::request(parts, &claim.authorization, path, &declared)?);
    }
    if !holds {
        return Err(mismatch());
    }
    let chunks = ChunkSignatures {
        key: claim.key,
        date: claim.date.clone(),
        scope: claim.scope(),
        previous: claim.authorization.signature.clone(),
    };
    Ok(S3Request { identity: claim.identity(), payload, presigned, chunks })
}

fn declared(parts: &RequestParts<'_>, presigned: bool) -> Result<String, SignatureError> {
    if let Some(value) = single(parts.headers, DECLARATION)? {
        return Ok(value.to_owned());
    }
    if presigned {
        let found = parts.uri.query().and_then(|query| parameter(query, DECLARATION_PARAMETER));
        return Ok(found.unwrap_or_else(|| "UNSIGNED-PAYLOAD".to_owned()));
    }
    Err(undeclared(format!("Missing required header for this request: {DECLARATION}")))
}

fn undeclared(message: impl Into<String>) -> SignatureError {
    SignatureError::new(SignatureFault::Undeclared, message)
}

/// Refuses a scope of another service.
pub(super) fn check_service(scope: &Scope) -> Result<(), SignatureError> {
    if scope.service == "s3" {
        return Ok(());
    }
    Err(SignatureError::incomplete(format!(
        "Credential should be scoped to correct service: 's3'; found '{}'.",
        shortened(&scope.service),
    )))
}

/// The one value of a header.
fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, SignatureError> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(|value| value.to_str());
    match (first, values.next()) {
        (None, _) => Ok(None),
        (Some(Ok(value)), None) => Ok(Some(value)),
        _ => Err(undeclared(format!("The header {name} must have one value of ASCII text."))),
    }
}

/// The signatures of a body's chunks: each covers the one before it, and the first that of the head.
pub struct ChunkSignatures {
    key: [u8; 32],
    date: String,
    scope: String,
    previous: String,
}

impl ChunkSignatures {
    /// True if `claimed` is the signature of the next chunk, whose bytes have the given SHA-256.
    pub fn accept_chunk(&mut self, sha256: &[u8; 32], claimed: &[u8]) -> bool {
        let hashes = format!("{}\n{}", sha256_hex(b""), hex::encode(sha256));
        self.accept("AWS4-HMAC-SHA256-PAYLOAD", &hashes, claimed)
    }

    /// True if `claimed` is the signature of the trailing headers: lines `name:value\n` sorted by name.
    pub fn accept_trailer(&mut self, trailer: &[u8], claimed: &[u8]) -> bool {
        self.accept("AWS4-HMAC-SHA256-TRAILER", &sha256_hex(trailer), claimed)
    }

    fn accept(&mut self, kind: &str, hashes: &str, claimed: &[u8]) -> bool {
        let string_to_sign = format!("{kind}\n{}\n{}\n{}\n{hashes}", self.date, self.scope, self.previous);
        let expected = hex::encode(hmac(&self.key, string_to_sign.as_bytes()));
        let accepted = bool::from(expected.as_bytes().ct_eq(claimed));
        if accepted {
            self.previous = expected;
        }
        accepted
    }
}

/// Holds a key, so that nothing is shown.
impl fmt::Debug for ChunkSignatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkSignatures").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
