//! Bodies of Personalize operations.

use tastemaker_wire::codec::{DecodeError, decode};
use tastemaker_wire::operation::DESCRIPTORS;
use tastemaker_wire::{ErrorShape, Operation};

macro_rules! decode_each {
    ($($operation:ident, $module:ident, $input:ident;)+) => {
        fn decode_as_input(operation: Operation, body: &[u8]) -> Result<(), DecodeError> {
            match operation {
                $(Operation::$operation => {
                    decode::<tastemaker_wire::$module::$input>(operation, body).map(drop)
                })+
            }
        }
    };
}
tastemaker_wire::for_each_operation!(decode_each);

/// A body of the operation that the first byte chooses: a value or one of two refusals with a text of bounded length.
pub fn operation_body(input: &[u8]) {
    let Some((choice, body)) = input.split_first() else { return };
    let operation = DESCRIPTORS[usize::from(*choice) % DESCRIPTORS.len()].operation;
    if let Err(error) = decode_as_input(operation, body) {
        assert!(matches!(error.shape, ErrorShape::SerializationException | ErrorShape::InvalidInputException));
        assert!(!error.message.is_empty() && error.message.len() < 20_000, "{error}");
    }
}
