//! Errors of storage and of signatures as S3 clients see them.

use s3s::{S3Error, S3ErrorCode, s3_error};
use tastemaker_store::Error;
use tastemaker_wire::sigv4::{SignatureError, SignatureFault};

/// Turns a storage error that no rule of S3 expects into an answer: retry later, or an internal error that is logged here.
pub(crate) fn storage(error: Error) -> S3Error {
    match error {
        Error::Unavailable(what) => {
            tracing::warn!(%what, "storage is unavailable");
            s3_error!(ServiceUnavailable, "The storage cannot serve at the moment; try again later.")
        }
        Error::Conflict(what) => {
            s3_error!(OperationAborted, "A conflicting operation is in progress on {what}; try again.")
        }
        other => {
            tracing::error!(error = %other, "an S3 request failed");
            S3Error::internal_error(other)
        }
    }
}

/// A refused signature in S3's codes.
pub(crate) fn refusal(error: SignatureError, in_header: bool) -> S3Error {
    let code = match error.fault {
        SignatureFault::Missing | SignatureFault::Expired | SignatureFault::HeaderNotSigned => {
            S3ErrorCode::AccessDenied
        }
        SignatureFault::Malformed if in_header => S3ErrorCode::AuthorizationHeaderMalformed,
        SignatureFault::Malformed => S3ErrorCode::AuthorizationQueryParametersError,
        SignatureFault::Undeclared | SignatureFault::PayloadMismatch => S3ErrorCode::InvalidRequest,
        SignatureFault::UnknownKey => S3ErrorCode::InvalidAccessKeyId,
        SignatureFault::InvalidToken => S3ErrorCode::InvalidToken,
        SignatureFault::ExpiredToken => S3ErrorCode::ExpiredToken,
        SignatureFault::Skewed => S3ErrorCode::RequestTimeTooSkewed,
        SignatureFault::Mismatch => S3ErrorCode::SignatureDoesNotMatch,
    };
    S3Error::with_message(code, error.message)
}

/// A part that an object does not have.
pub(crate) fn invalid_part_number(number: i32) -> S3Error {
    let code = S3ErrorCode::from_bytes(b"InvalidPartNumber").unwrap_or(S3ErrorCode::InvalidRange);
    let mut error = S3Error::with_message(code, format!("The requested partnumber is not satisfiable: {number}."));
    error.set_status_code(http::StatusCode::RANGE_NOT_SATISFIABLE);
    error
}

/// An error code that the protocol crate does not list, or not with the status 404 that S3 gives it.
pub(crate) fn absent(code: &'static str, message: &'static str) -> S3Error {
    let code = S3ErrorCode::from_bytes(code.as_bytes()).unwrap_or(S3ErrorCode::NoSuchResource);
    let mut error = S3Error::with_message(code, message);
    error.set_status_code(http::StatusCode::NOT_FOUND);
    error
}
