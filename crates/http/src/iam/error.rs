//! Errors of the identity service and of the token service.

use http::StatusCode;
use tastemaker_domain::Error;

/// An error with IAM's name and status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IamError {
    /// The status of the answer.
    pub status: StatusCode,
    /// The name of the error.
    pub code: &'static str,
    /// The text for people.
    pub message: String,
}

impl IamError {
    /// A parameter that breaks a rule.
    pub fn validation(text: String) -> Self {
        let message = format!("1 validation error detected: {text}");
        Self { status: StatusCode::BAD_REQUEST, code: "ValidationError", message }
    }

    /// Something that the caller may not do.
    pub fn denied(message: String) -> Self {
        Self { status: StatusCode::FORBIDDEN, code: "AccessDenied", message }
    }

    /// A policy document that is none.
    pub fn malformed(message: String) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "MalformedPolicyDocument", message }
    }
}

impl From<Error> for IamError {
    fn from(error: Error) -> Self {
        let (status, code) = match &error {
            Error::NotFound(_) => (StatusCode::NOT_FOUND, "NoSuchEntity"),
            Error::AlreadyExists(_) => (StatusCode::CONFLICT, "EntityAlreadyExists"),
            Error::InUse(_) => (StatusCode::CONFLICT, "DeleteConflict"),
            Error::LimitExceeded(_) => (StatusCode::CONFLICT, "LimitExceeded"),
            Error::Throttled(_) => (StatusCode::BAD_REQUEST, "Throttling"),
            Error::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable"),
            Error::Internal(cause) => {
                tracing::error!(cause, "request failed");
                let message = crate::errors::INTERNAL_MESSAGE.to_owned();
                return Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: "ServiceFailure", message };
            }
            _ => (StatusCode::BAD_REQUEST, "InvalidInput"),
        };
        Self { status, code, message: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_the_name_and_the_status_that_scripts_look_at() {
        let told = |error: Error| {
            let IamError { status, code, message } = error.into();
            (status.as_u16(), code, message)
        };
        let text = || "It is so.".to_owned();
        for (error, status, code) in [
            (Error::NotFound(text()), 404, "NoSuchEntity"),
            (Error::AlreadyExists(text()), 409, "EntityAlreadyExists"),
            (Error::InUse(text()), 409, "DeleteConflict"),
            (Error::LimitExceeded(text()), 409, "LimitExceeded"),
            (Error::Throttled(text()), 400, "Throttling"),
            (Error::Unavailable(text()), 503, "ServiceUnavailable"),
            (Error::InvalidInput(text()), 400, "InvalidInput"),
        ] {
            assert_eq!(told(error), (status, code, text()));
        }
        let (status, code, message) = told(Error::Internal("the password is x".to_owned()));
        assert_eq!((status, code), (500, "ServiceFailure"));
        assert!(!message.contains("password"), "what went wrong inside is for the log: {message}");
    }
}
