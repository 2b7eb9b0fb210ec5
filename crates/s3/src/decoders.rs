//! The decoders of request bodies on their own, for checks with arbitrary input.

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use s3s::StdError;
use tastemaker_wire::sigv4::S3Payload;

use crate::aws_chunked;
use crate::declared::{BodyFault, Declared, RawBody, Trailers};
use crate::forms::FormReader;

/// A whole `aws-chunked` body without signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchunked {
    /// The bytes proper.
    pub bytes: Vec<u8>,
    /// Trailing headers by lower-case name.
    pub trailers: Vec<(String, Vec<u8>)>,
}

/// A whole form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadForm {
    /// Names and values of the fields before the file, in their order.
    pub fields: Vec<(String, String)>,
    /// The name that the file has on the client's side.
    pub file_name: String,
    /// The bytes of the file.
    pub file: Vec<u8>,
}

fn body(pieces: Vec<Bytes>) -> RawBody {
    Box::pin(futures::stream::iter(pieces).map(Ok::<_, StdError>))
}

/// Decodes a body that comes in pieces, of which `length` bytes proper and the named trailing headers are declared.
///
/// # Errors
/// The fault of the body, as a client is told.
pub async fn unchunk(pieces: Vec<Bytes>, length: u64, announced: &[&str]) -> Result<Unchunked, String> {
    let trailers = Trailers::default();
    let declared = Declared {
        payload: S3Payload::UnsignedChunks,
        signatures: None,
        length,
        announced: announced.iter().map(|name| (*name).to_owned()).collect(),
    };
    let decoded = aws_chunked::decoded(body(pieces), declared, trailers.clone());
    let chunks: Vec<Bytes> = decoded.try_collect().await.map_err(|error| BodyFault::of(error).to_string())?;
    let trailers = trailers.get();
    let trailers = trailers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
    Ok(Unchunked { bytes: chunks.concat(), trailers })
}

/// Reads a form that comes in pieces.
///
/// # Errors
/// The fault of the form, as a client is told.
pub async fn read_form(content_type: &str, pieces: Vec<Bytes>) -> Result<ReadForm, String> {
    let mut reader = FormReader::new(body(pieces), content_type).map_err(|fault| fault.to_string())?;
    let (fields, head) = reader.fields().await.map_err(|fault| fault.to_string())?;
    let file: Vec<Bytes> = reader.file().try_collect().await.map_err(|error| BodyFault::of(error).to_string())?;
    let fields = fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Ok(ReadForm { fields, file_name: head.name, file: file.concat() })
}
