//! A request body as it comes, as its head declares it, and the faults that it can have.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures::Stream;
use http::HeaderMap;
use parking_lot::Mutex;
use s3s::{S3Error, S3ErrorCode, StdError};
use tastemaker_wire::sigv4::{ChunkSignatures, S3Payload};

/// A body as it comes from the client, or from the stage before.
pub(crate) type RawBody = Pin<Box<dyn Stream<Item = Result<Bytes, StdError>> + Send>>;

/// The fault of a body, as the client is told.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub(crate) struct BodyFault {
    pub(crate) code: S3ErrorCode,
    pub(crate) message: String,
}

impl BodyFault {
    pub(crate) fn new(code: S3ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn incomplete(message: impl Into<String>) -> Self {
        Self::new(S3ErrorCode::IncompleteBody, message)
    }

    /// A code that the protocol crate does not list; it is answered as a fault of the client.
    pub(crate) fn unlisted(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(S3ErrorCode::from_bytes(code.as_bytes()).unwrap_or(S3ErrorCode::InvalidRequest), message)
    }

    /// The fault that an error of a stage carries; any other error means that the connection broke off.
    pub(crate) fn of(error: StdError) -> Self {
        match error.downcast::<BodyFault>() {
            Ok(fault) => *fault,
            Err(error) => Self::incomplete(format!("The body broke off: {error}.")),
        }
    }
}

impl From<BodyFault> for S3Error {
    fn from(fault: BodyFault) -> S3Error {
        let unlisted = matches!(fault.code, S3ErrorCode::Custom(_));
        let mut error = S3Error::with_message(fault.code, fault.message);
        if unlisted {
            error.set_status_code(http::StatusCode::BAD_REQUEST);
        }
        error
    }
}

/// The trailing headers of a body, once it has been read to its end. Travels among the extensions of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trailers(Arc<Mutex<HeaderMap>>);

impl Trailers {
    pub(crate) fn set(&self, trailers: HeaderMap) {
        *self.0.lock() = trailers;
    }

    pub(crate) fn get(&self) -> HeaderMap {
        self.0.lock().clone()
    }
}

/// The claims of a request about its body.
pub(crate) struct Declared {
    pub(crate) payload: S3Payload,
    pub(crate) signatures: Option<ChunkSignatures>,
    /// The length of the bytes proper; of an `aws-chunked` body `x-amz-decoded-content-length`.
    pub(crate) length: u64,
    /// The lower-case names that `x-amz-trailer` announces.
    pub(crate) announced: Vec<String>,
}
