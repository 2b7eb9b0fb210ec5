//! The codec between bodies and structures, for both JSON 1.1 and REST-JSON: every member of every operation is in the body.

use crate::errors::ErrorShape;
use crate::operation::Operation;
use crate::validate::{Invalid, validate};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use crate::structure::{Structure, encode};

/// The largest request body in bytes. Ten items of 32 000 characters, each escaped in six bytes, fit twice.
pub const BODY_BYTES_MAX: usize = 4 << 20;

/// The deepest nesting of arrays and objects in a request body, unknown members included.
pub const NESTING_DEPTH_MAX: usize = 64;

/// Why a request body was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", shape.name())]
pub struct DecodeError {
    /// `SerializationException` (not JSON, not an object, a wrong JSON type), `InvalidInputException` (a constraint) or
    /// `RequestEntityTooLargeException`.
    pub shape: ErrorShape,
    /// The text for the client; it names the member, the rule and the value.
    pub message: String,
    /// The path of the member that breaks a constraint first.
    pub member: Option<String>,
}

/// Reads the input of `operation` from a request body. An empty body is `{}`, a `null` member is absent, unknown members
/// are ignored.
///
/// # Errors
/// See [`DecodeError::shape`]. Types are checked before constraints. Nothing panics on any bytes.
pub fn decode<T: DeserializeOwned>(operation: Operation, body: &[u8]) -> Result<T, DecodeError> {
    let value = parse(body)?;
    validate(operation.descriptor().constraints, &value).map_err(|invalid| match invalid {
        Invalid::Type(message) => serialization(message),
        Invalid::Constraints { text: message, member } => {
            DecodeError { shape: ErrorShape::InvalidInputException, message, member: Some(member) }
        }
    })?;
    serde_json::from_value(value).map_err(|error| serialization(error.to_string()))
}

fn parse(body: &[u8]) -> Result<Value, DecodeError> {
    if body.len() > BODY_BYTES_MAX {
        return Err(DecodeError {
            shape: ErrorShape::RequestEntityTooLargeException,
            message: format!("The request body has {} bytes; at most {BODY_BYTES_MAX} are taken.", body.len()),
            member: None,
        });
    }
    if body.trim_ascii().is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| serialization(format!("The request body is not JSON: {error}.")))?;
    if !value.is_object() {
        return Err(serialization("The request body is JSON but not an object.".to_owned()));
    }
    if is_deeper(&value, NESTING_DEPTH_MAX) {
        return Err(serialization(format!("The request body nests deeper than {NESTING_DEPTH_MAX} levels.")));
    }
    Ok(value)
}

/// Whether containers nest deeper than `levels`; serde_json bounds the recursion by its own limit of 128.
fn is_deeper(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(members) => levels == 0 || members.iter().any(|member| is_deeper(member, levels - 1)),
        Value::Object(members) => levels == 0 || members.values().any(|member| is_deeper(member, levels - 1)),
        _ => false,
    }
}

fn serialization(message: String) -> DecodeError {
    DecodeError { shape: ErrorShape::SerializationException, message, member: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_a_greatest_length() {
        assert_eq!(parse(&vec![b' '; BODY_BYTES_MAX]).ok(), Some(Value::Object(Map::new())));
        let refused = parse(&vec![b' '; BODY_BYTES_MAX + 1]).expect_err("a byte too many");
        assert!(matches!(refused.shape, ErrorShape::RequestEntityTooLargeException), "{}", refused.message);
        assert!(refused.message.contains("4194305 bytes; at most 4194304"), "{}", refused.message);
    }
}
