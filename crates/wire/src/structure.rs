//! Structures of the wire, and how they are written.

use serde::Serialize;

/// A structure of the wire: it has only text keys, so that writing it as JSON cannot fail.
pub trait Structure: Serialize {}

macro_rules! structures {
    ($($name:ident),+) => {
        $(impl crate::structure::Structure for $name {})+
    };
}
pub(crate) use structures;

/// Writes a structure as a body. Absent members are left out; numbers that are not finite too.
pub fn encode<T: Structure>(structure: &T) -> Vec<u8> {
    serde_json::to_vec(structure).expect("a wire structure has only text keys and writes to memory")
}
