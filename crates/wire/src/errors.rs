//! Every exception name that a client can meet, its HTTP status per service, and the body that carries it.
//!
//! The control plane speaks JSON 1.1, whose modelled exceptions carry no status of their own: 400. The runtime and event
//! services carry 400, 404 and 409 in the model. Clients of all three choose the exception by name: send it in the header
//! [`ERROR_TYPE_HEADER`] and in the body.

use crate::service::Service;
use crate::structure::{encode, structures};
use serde::{Deserialize, Serialize};

/// The header that names the exception; SDKs of REST-JSON services read it before the body.
pub const ERROR_TYPE_HEADER: &str = "x-amzn-errortype";

macro_rules! error_shapes {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// An exception name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorShape {
            $($(#[$doc])* $name,)+
        }

        impl ErrorShape {
            /// Every exception.
            pub const ALL: &'static [ErrorShape] = &[$(ErrorShape::$name,)+];

            /// The name on the wire.
            pub fn name(self) -> &'static str {
                match self {
                    $(ErrorShape::$name => stringify!($name),)+
                }
            }
        }
    };
}

error_shapes! {
    /// A value that the service does not take; modelled.
    InvalidInputException,
    /// A page token that the service did not give; modelled.
    InvalidNextTokenException,
    /// A quota is used up; modelled. SDKs in standard retry mode treat it as throttling.
    LimitExceededException,
    /// A resource with this name exists; modelled.
    ResourceAlreadyExistsException,
    /// The resource is in a state that forbids the operation; modelled.
    ResourceInUseException,
    /// No resource has this ARN; modelled.
    ResourceNotFoundException,
    /// A request names more tag keys than allowed; modelled.
    TooManyTagKeysException,
    /// A resource would have more tags than allowed; modelled.
    TooManyTagsException,
    /// The caller may not do this; common.
    AccessDeniedException,
    /// The security token is past its end; common.
    ExpiredTokenException,
    /// The `Authorization` header or query lacks a part of a signature; common.
    IncompleteSignatureException,
    /// The service failed; SDKs retry; common.
    InternalServerError,
    /// The signature does not match, or its time is too far from the server's; common.
    InvalidSignatureException,
    /// The request is not signed; common.
    MissingAuthenticationTokenException,
    /// The body exceeds the size limit; common.
    RequestEntityTooLargeException,
    /// A presigned request is past its end; common.
    RequestExpired,
    /// The body is not JSON or has a member of a wrong JSON type; common.
    SerializationException,
    /// The service is overloaded or stopping; SDKs retry; common.
    ServiceUnavailableException,
    /// Too many requests; SDKs retry; common.
    ThrottlingException,
    /// No operation answers to this path or target; common.
    UnknownOperationException,
    /// The access key is unknown; common.
    UnrecognizedClientException,
    /// A constraint violation that the front end reports; common.
    ValidationException,
}

impl ErrorShape {
    /// The HTTP status of this exception in a service.
    pub fn http_status(self, service: Service) -> u16 {
        let control = service == Service::Personalize;
        match self {
            ErrorShape::ResourceNotFoundException | ErrorShape::UnknownOperationException if !control => 404,
            ErrorShape::ResourceInUseException if !control => 409,
            ErrorShape::ThrottlingException if !control => 429,
            ErrorShape::InvalidInputException
            | ErrorShape::InvalidNextTokenException
            | ErrorShape::LimitExceededException
            | ErrorShape::ResourceAlreadyExistsException
            | ErrorShape::ResourceInUseException
            | ErrorShape::ResourceNotFoundException
            | ErrorShape::TooManyTagKeysException
            | ErrorShape::TooManyTagsException
            | ErrorShape::SerializationException
            | ErrorShape::ThrottlingException
            | ErrorShape::UnknownOperationException
            | ErrorShape::ValidationException => 400,
            ErrorShape::AccessDeniedException
            | ErrorShape::ExpiredTokenException
            | ErrorShape::IncompleteSignatureException
            | ErrorShape::InvalidSignatureException
            | ErrorShape::MissingAuthenticationTokenException
            | ErrorShape::RequestExpired
            | ErrorShape::UnrecognizedClientException => 403,
            ErrorShape::RequestEntityTooLargeException => 413,
            ErrorShape::InternalServerError => 500,
            ErrorShape::ServiceUnavailableException => 503,
        }
    }

    /// The exception with a name.
    pub fn from_name(name: &str) -> Option<ErrorShape> {
        ErrorShape::ALL.iter().copied().find(|shape| shape.name() == name)
    }

    /// The response body that carries this exception with a message.
    pub fn body(self, message: &str) -> Vec<u8> {
        encode(&ErrorBody { shape: self.name().to_owned(), message: message.to_owned() })
    }
}

/// The body of an error response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The exception name.
    #[serde(rename = "__type")]
    pub shape: String,
    /// The fault in words; lower-case `message` is the modelled member and the one botocore reads.
    pub message: String,
}

structures!(ErrorBody);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::DESCRIPTORS;

    #[test]
    fn the_body_has_type_and_lower_case_message() {
        let body = ErrorShape::ResourceNotFoundException.body("no \"x\"");
        assert_eq!(String::from_utf8(body).unwrap(), r#"{"__type":"ResourceNotFoundException","message":"no \"x\""}"#);
    }

    #[test]
    fn statuses_differ_per_service() {
        use ErrorShape::*;
        for (shape, control, runtime, events) in [
            (InvalidInputException, 400, 400, 400),
            (ResourceNotFoundException, 400, 404, 404),
            (ResourceInUseException, 400, 409, 409),
            (LimitExceededException, 400, 400, 400),
            (ThrottlingException, 400, 429, 429),
            (UnknownOperationException, 400, 404, 404),
            (UnrecognizedClientException, 403, 403, 403),
            (SerializationException, 400, 400, 400),
            (InternalServerError, 500, 500, 500),
            (ServiceUnavailableException, 503, 503, 503),
        ] {
            assert_eq!(shape.http_status(Service::Personalize), control, "{shape:?}");
            assert_eq!(shape.http_status(Service::Runtime), runtime, "{shape:?}");
            assert_eq!(shape.http_status(Service::Events), events, "{shape:?}");
        }
    }

    #[test]
    fn names_round_trip_and_cover_the_model() {
        for shape in ErrorShape::ALL {
            assert_eq!(ErrorShape::from_name(shape.name()), Some(*shape));
        }
        assert!(DESCRIPTORS.iter().all(|row| { row.errors.iter().all(|shape| shape.name().ends_with("Exception")) }));
    }
}
