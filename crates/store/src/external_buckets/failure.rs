//! Failures of buckets outside, in words for the customer who named them.

use crate::Error;
use crate::remote::{is_passing, is_without_credentials, reason};

/// Why a bucket outside could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ExternalError {
    /// For good: the text names the location and the server's own code.
    #[error("{0}")]
    Refused(String),
    /// Its server cannot serve at the moment: try again later.
    #[error("{0}")]
    Unavailable(String),
    /// This server's own storage failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// A client that cannot be made: its keys or settings are wrong.
pub(super) fn of_client(bucket: &str, error: &Error) -> ExternalError {
    ExternalError::Refused(format!("The bucket '{bucket}' cannot be reached as it is configured: {error}"))
}

/// A request about `location` that failed.
pub(super) fn of_request(location: &str, error: &object_store::Error) -> ExternalError {
    let reason = reason(error);
    match error {
        object_store::Error::NotFound { .. } => {
            ExternalError::Refused(format!("{location} does not exist outside this server: {reason}"))
        }
        object_store::Error::Precondition { .. } => {
            ExternalError::Unavailable(format!("{location} was replaced while it was read"))
        }
        object_store::Error::InvalidPath { source } => {
            ExternalError::Refused(format!("{location}: a key that cannot be used: {source}"))
        }
        error if is_without_credentials(error) => ExternalError::Refused(format!(
            "There are no credentials for {location}: none in the variables, and the instance gives none ({reason}). Name them in \
             the configuration of the bucket"
        )),
        error if is_passing(error) => {
            ExternalError::Unavailable(format!("The server of {location} cannot be reached or is too busy: {reason}"))
        }
        _ => ExternalError::Refused(format!("The server of {location} refuses the request: {reason}")),
    }
}

/// The same for readers and writers of blobs.
pub(super) fn as_store_error(error: ExternalError) -> Error {
    match error {
        ExternalError::Refused(text) => Error::backend("external buckets", text),
        ExternalError::Unavailable(text) => Error::Unavailable(text),
        ExternalError::Store(error) => error,
    }
}
