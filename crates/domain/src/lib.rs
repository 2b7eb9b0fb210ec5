//! The nouns of Tastemaker and the rules that need no data: names, ARNs, statuses and their legal transitions,
//! dataset schemas, limits and recipe descriptors.
//!
//! This room names no other room and nothing in it is serialisable: what is stored is a record (room `store`),
//! what is sent is a wire type (room `wire`).

pub mod arn;
pub mod error;
pub mod limits;
pub mod parameters;
pub mod recipe;
pub mod recommendation;
pub mod resource;
pub mod s3_path;
pub mod schema;
pub mod solution_config;
pub mod status;

pub use error::{Error, Result};
pub use status::Status;
