//! The stored form of lists of nested structs.

/// Makes a module for `#[serde(with)]` that stores a list of a nested struct.
macro_rules! list {
    ($module:ident: $domain:ident, $serialize:literal, $deserialize:literal) => {
        mod $module {
            use super::*;
            use serde::{Deserializer, Serializer};

            pub fn serialize<S: Serializer>(values: &[$domain], serializer: S) -> Result<S::Ok, S::Error> {
                #[derive(Serialize)]
                struct Nested<'a>(#[serde(serialize_with = $serialize)] &'a $domain);
                serializer.collect_seq(values.iter().map(Nested))
            }

            pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<$domain>, D::Error> {
                #[derive(Deserialize)]
                struct Nested(#[serde(deserialize_with = $deserialize)] $domain);
                Ok(Vec::<Nested>::deserialize(deserializer)?.into_iter().map(|nested| nested.0).collect())
            }
        }
    };
}
