//! The AWS shapes of the three Personalize services: inputs, outputs, errors, the operation table, codecs and request
//! signatures.
//!
//! | module | holds |
//! |---|---|
//! | [`personalize`], [`runtime`], [`events`] | one serde struct per structure of a service (generated) |
//! | [`operation`] | [`Operation`], and its row in the operation table: path, target, shapes, errors |
//! | [`codec`] | [`decode`] a request body, [`encode`] a response body; the limits of a body |
//! | [`validate`] | the one validator that interprets the constraint tables and speaks AWS's message form |
//! | [`examples`] | the texts that run an operation from the AWS CLI, boto3, JavaScript and curl |
//! | [`errors`] | [`ErrorShape`]: every exception name with its HTTP status per service, and its body |
//! | [`sigv4`] | verification of signed and presigned requests; the credential scope for routing |
//!
//! ```
//! use tastemaker_wire::{Operation, decode, personalize::CreateSchemaRequest};
//!
//! let body = br#"{"name": "clicks", "schema": "{}"}"#;
//! let request: CreateSchemaRequest = decode(Operation::CreateSchema, body)?;
//! assert_eq!(request.name, "clicks");
//!
//! let refused = decode::<CreateSchemaRequest>(Operation::CreateSchema, br#"{"name": "?", "schema": "{}"}"#);
//! assert!(refused.unwrap_err().message.starts_with("1 validation error detected: Value '?' at 'name' failed"));
//! # Ok::<(), tastemaker_wire::DecodeError>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod authorizer;
pub mod codec;
pub mod errors;
pub mod examples;
mod generated;
pub mod operation;
mod scalars;
mod service;
pub mod shape;
pub mod sigv4;
mod structure;
pub mod validate;

pub use codec::{DecodeError, decode, encode};
pub use errors::ErrorShape;
pub use generated::{constraints, events, personalize, runtime};
pub use operation::Operation;
pub use service::Service;
