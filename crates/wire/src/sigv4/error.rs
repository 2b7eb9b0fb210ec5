//! Refusals of signatures.

use crate::errors::ErrorShape;

/// Why a request is not authenticated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", shape.name())]
pub struct SignatureError {
    /// The exception for the client.
    pub shape: ErrorShape,
    /// The text for the client; it holds no secret and no calculated signature.
    pub message: String,
}

impl SignatureError {
    pub(super) fn new(shape: ErrorShape, message: impl Into<String>) -> SignatureError {
        SignatureError { shape, message: message.into() }
    }

    pub(super) fn incomplete(message: impl Into<String>) -> SignatureError {
        SignatureError::new(ErrorShape::IncompleteSignatureException, message)
    }

    pub(super) fn invalid(message: impl Into<String>) -> SignatureError {
        SignatureError::new(ErrorShape::InvalidSignatureException, message)
    }
}

/// The start of a client's text: enough to recognise it in a message.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(128).collect()
}
