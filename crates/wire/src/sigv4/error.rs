//! Refusals of signatures.

use crate::errors::ErrorShape;

/// The rule that a signature breaks, for services whose error codes are finer than the shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureFault {
    /// There is no signature.
    Missing,
    /// A part of the signature is missing or malformed.
    Malformed,
    /// The payload is not declared as it must be.
    Undeclared,
    /// Nobody has the access key.
    UnknownKey,
    /// The session token does not belong to the access key.
    InvalidToken,
    /// The temporary credentials are past their end.
    ExpiredToken,
    /// The signing time is too far from the server's clock.
    Skewed,
    /// A presigned request is past its end.
    Expired,
    /// A header that must be signed is not.
    HeaderNotSigned,
    /// The body is not the declared one.
    PayloadMismatch,
    /// The signature is not the one that the secret gives.
    Mismatch,
}

impl SignatureFault {
    fn shape(self) -> ErrorShape {
        match self {
            SignatureFault::Missing => ErrorShape::MissingAuthenticationTokenException,
            SignatureFault::Malformed | SignatureFault::Undeclared => ErrorShape::IncompleteSignatureException,
            SignatureFault::UnknownKey | SignatureFault::InvalidToken => ErrorShape::UnrecognizedClientException,
            SignatureFault::ExpiredToken => ErrorShape::ExpiredTokenException,
            SignatureFault::Expired => ErrorShape::RequestExpired,
            SignatureFault::Skewed
            | SignatureFault::HeaderNotSigned
            | SignatureFault::PayloadMismatch
            | SignatureFault::Mismatch => ErrorShape::InvalidSignatureException,
        }
    }
}

/// Why a request is not authenticated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", shape.name())]
pub struct SignatureError {
    /// The rule that was broken.
    pub fault: SignatureFault,
    /// The exception for the client.
    pub shape: ErrorShape,
    /// The text for the client; it holds no secret and no calculated signature.
    pub message: String,
}

impl SignatureError {
    pub(super) fn new(fault: SignatureFault, message: impl Into<String>) -> SignatureError {
        SignatureError { fault, shape: fault.shape(), message: message.into() }
    }

    pub(super) fn incomplete(message: impl Into<String>) -> SignatureError {
        SignatureError::new(SignatureFault::Malformed, message)
    }

    pub(super) fn invalid(message: impl Into<String>) -> SignatureError {
        SignatureError::new(SignatureFault::Mismatch, message)
    }
}

/// The start of a client's text: enough to recognise it in a message.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(128).collect()
}
