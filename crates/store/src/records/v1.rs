//! Format version 1 of every resource.
//!
//! Each `...V1` lists the members of the domain struct that it is the stored form of; the compiler refuses a list that
//! misses one.

/// Makes a domain struct a [`Record`]: its kind, its identity, and the functions of its stored form.
macro_rules! record {
    ($kind:literal, $domain:ident by $id:ident, $serialize:literal, $deserialize:literal) => {
        impl Record for $domain {
            const KIND: &'static str = $kind;

            #[allow(clippy::misnamed_getters, reason = "some records are identified by a member of another name")]
            fn id(&self) -> &str {
                &self.$id
            }

            fn to_json(&self) -> serde_json::Result<Vec<u8>> {
                #[derive(Serialize)]
                struct Tagged<'a> {
                    v: One,
                    #[serde(flatten, serialize_with = $serialize)]
                    record: &'a $domain,
                }
                serde_json::to_vec(&Tagged { v: One, record: self })
            }

            fn from_json(json: &[u8]) -> serde_json::Result<Self> {
                #[derive(Deserialize)]
                struct Tagged {
                    #[serde(rename = "v")]
                    _version: One,
                    #[serde(flatten, deserialize_with = $deserialize)]
                    record: $domain,
                }
                Ok(serde_json::from_slice::<Tagged>(json)?.record)
            }
        }
    };
}

/// The stored form of an optional nested struct, as a module for `#[serde(with)]`.
macro_rules! optional {
    ($module:ident: $domain:ident, $serialize:literal, $deserialize:literal) => {
        pub(super) mod $module {
            use super::*;
            use serde::{Deserializer, Serializer};

            pub fn serialize<S: Serializer>(value: &Option<$domain>, serializer: S) -> Result<S::Ok, S::Error> {
                #[derive(Serialize)]
                struct Nested<'a>(#[serde(serialize_with = $serialize)] &'a $domain);
                value.as_ref().map(Nested).serialize(serializer)
            }

            pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<$domain>, D::Error> {
                #[derive(Deserialize)]
                struct Nested(#[serde(deserialize_with = $deserialize)] $domain);
                Ok(Option::<Nested>::deserialize(deserializer)?.map(|nested| nested.0))
            }
        }
    };
}

#[macro_use]
mod list;

mod attribution;
mod batch;
mod bulk;
mod campaign;
mod dataset;
mod dataset_statistics;
mod filter;
mod iam;
mod import_report;
mod job;
mod parameter_store;
mod recommender;
mod solution;
mod solution_config;
mod training_record;
mod tuning;
