//! Refusals of the `/recommendations` family.

use crate::errors::Failure;
use crate::reply;
use axum::body::Body;
use http::{Response, StatusCode};
use tastemaker_braze::query::BadQuery;
use tastemaker_domain::Error;

/// A refusal in the family's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Of the answer.
    pub status: StatusCode,
    /// The kind, for programs.
    pub code: &'static str,
    /// For people: it names the parameter and the rule.
    pub message: String,
}

impl Refusal {
    /// A refusal with its words.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// A parameter that is missing or wrong.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ValidationException", message)
    }

    /// Something that does not exist.
    pub fn unknown(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
    }

    /// A refusal for now; the request can be tried again.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableException", message)
    }

    /// A body that does not arrive.
    pub fn late() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeoutException", "The request body did not arrive in time.")
    }

    /// As it is sent.
    pub fn response(&self, request_id: &str) -> Response<Body> {
        reply::json_error(self.status, self.code, &self.message, request_id)
    }
}

impl From<BadQuery> for Refusal {
    fn from(bad: BadQuery) -> Self {
        Self::invalid(bad.0)
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let status = reply::status(failure.shape.http_status(tastemaker_wire::Service::Runtime));
        Self::new(status, failure.shape.name(), failure.message)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(message) => Self::unknown(message),
            Error::InvalidInput(message) | Error::InvalidMember { text: message, .. } => Self::invalid(message),
            Error::Unavailable(message) => Self::unavailable(message),
            Error::Throttled(message) => Self::new(StatusCode::TOO_MANY_REQUESTS, "ThrottlingException", message),
            other => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", Failure::from(other).message),
        }
    }
}
