//! The one table from a use case's refusal to its AWS exception.

use crate::request_facts;
use tastemaker_domain::Error;
use tastemaker_wire::{DecodeError, ErrorShape};

/// Said instead of the cause when the cause is for operators only.
pub const INTERNAL_MESSAGE: &str =
    "The request failed because of an internal error; the server's log has it under the request id.";

/// A refusal with its AWS name. The status follows from the name and the service ([`ErrorShape::http_status`]).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", shape.name())]
pub struct Failure {
    /// The exception.
    pub shape: ErrorShape,
    /// The text for the customer.
    pub message: String,
    /// The way to the member of the request that the text is about, where that is known; not part of the answer.
    pub member: Option<String>,
    /// Seconds after which the same request may be sent again, where that is known.
    pub retry_after_s: Option<u64>,
}

impl Failure {
    /// A refusal called `shape`.
    pub fn new(shape: ErrorShape, message: impl Into<String>) -> Self {
        Self { shape, message: message.into(), member: None, retry_after_s: None }
    }

    /// A value that the service does not take.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorShape::InvalidInputException, message)
    }

    /// The failure of a request that leaves the choice of the recipe to us in `member`.
    pub fn recipe_to_be_chosen(member: &str) -> Self {
        Self::invalid(format!(
            "The member '{member}' is not available: choose a recipe by its use case in recipeArn, such as \
             arn:aws:personalize:::recipe/aws-user-personalization-v2; performHPO searches its hyperparameters."
        ))
    }

    /// A failure of ours; `cause` goes to the log alone.
    pub fn internal(cause: &str) -> Self {
        tracing::error!(request_id = request_facts::id(), cause, "request failed");
        Self::new(ErrorShape::InternalServerError, INTERNAL_MESSAGE)
    }
}

/// Refuses the first given member that leaves the choice of the recipe to the service.
pub fn refuse_choice_of_recipe(members: &[(&str, bool)]) -> Result<(), Failure> {
    let given = members.iter().find(|(_, given)| *given);
    given.map_or(Ok(()), |(member, _)| Err(Failure::recipe_to_be_chosen(member)))
}

/// The exception that stands for a meaning of failure.
pub fn shape_of(error: &Error) -> ErrorShape {
    match error {
        Error::InvalidInput(_) | Error::InvalidMember { .. } => ErrorShape::InvalidInputException,
        Error::NotFound(_) => ErrorShape::ResourceNotFoundException,
        Error::AlreadyExists(_) => ErrorShape::ResourceAlreadyExistsException,
        Error::InUse(_) => ErrorShape::ResourceInUseException,
        Error::LimitExceeded(_) => ErrorShape::LimitExceededException,
        Error::InvalidNextToken(_) => ErrorShape::InvalidNextTokenException,
        Error::TooManyTags(_) => ErrorShape::TooManyTagsException,
        Error::TooManyTagKeys(_) => ErrorShape::TooManyTagKeysException,
        Error::Throttled(_) => ErrorShape::ThrottlingException,
        Error::Unavailable(_) => ErrorShape::ServiceUnavailableException,
        Error::Internal(_) => ErrorShape::InternalServerError,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match &error {
            Error::Internal(cause) => Failure::internal(cause),
            _ => Failure {
                member: error.member().map(ToString::to_string),
                ..Failure::new(shape_of(&error), error.to_string())
            },
        }
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        Failure { member: error.member, ..Failure::new(error.shape, error.message) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_wire::Service;

    #[test]
    fn every_meaning_has_its_name_and_status_per_service() {
        let text = || "because".to_owned();
        // control, runtime, events
        for (error, name, statuses) in [
            (Error::InvalidInput(text()), "InvalidInputException", [400, 400, 400]),
            (Error::NotFound(text()), "ResourceNotFoundException", [400, 404, 404]),
            (Error::AlreadyExists(text()), "ResourceAlreadyExistsException", [400, 400, 400]),
            (Error::InUse(text()), "ResourceInUseException", [400, 409, 409]),
            (Error::LimitExceeded(text()), "LimitExceededException", [400, 400, 400]),
            (Error::InvalidNextToken(text()), "InvalidNextTokenException", [400, 400, 400]),
            (Error::TooManyTags(text()), "TooManyTagsException", [400, 400, 400]),
            (Error::TooManyTagKeys(text()), "TooManyTagKeysException", [400, 400, 400]),
            (Error::Throttled(text()), "ThrottlingException", [400, 429, 429]),
            (Error::Unavailable(text()), "ServiceUnavailableException", [503, 503, 503]),
            (Error::Internal(text()), "InternalServerError", [500, 500, 500]),
        ] {
            let services = [Service::Personalize, Service::Runtime, Service::Events];
            let failure = Failure::from(error.clone());
            assert_eq!(failure.shape.name(), name, "{error:?}");
            assert_eq!(services.map(|s| failure.shape.http_status(s)), statuses, "{error:?}");
            let hidden = matches!(error, Error::Internal(_));
            assert_eq!(failure.message == "because", !hidden, "{error:?}");
        }
    }

    #[test]
    fn every_exception_has_a_status_a_client_understands() {
        for &shape in ErrorShape::ALL {
            for service in [Service::Personalize, Service::Runtime, Service::Events] {
                let status = shape.http_status(service);
                assert!((400..600).contains(&status), "{shape:?} {service:?} {status}");
                assert!(http::StatusCode::from_u16(status).is_ok());
            }
        }
    }

    #[test]
    fn the_first_given_member_is_named() {
        assert!(refuse_choice_of_recipe(&[("tags", false)]).is_ok());
        let refusal = refuse_choice_of_recipe(&[("tags", false), ("filterArn", true), ("promotions", true)]);
        assert!(refusal.is_err_and(|f| f.message.contains("'filterArn'")));
    }
}
