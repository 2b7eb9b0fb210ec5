//! Sockets in, bytes out: routing by signature scope, limits, one file per operation, the one error table, health and
//! metrics.
//!
//! | module | holds |
//! |---|---|
//! | [`state`] | what a request can reach: use cases, recommender, S3 endpoint, keys, settings |
//! | [`classify`] | where a request belongs: signature scope, target header, path |
//! | [`access`], [`network`] | who may call the `/recommendations` family, and from where |
//! | [`recommendations`] | the `/recommendations` family |
//! | [`errors`] | the one table from `domain::Error` to AWS exceptions |
//! | [`operations`] | one file per Personalize operation, and the list of those not built |
//! | [`admission`] | who computes next: places, lines, floors |
//! | [`limits`] | every limit of the edge by name and unit |
//! | [`observability`] | counters, histograms, the request log line |
//!
//! A process installs the recorder, builds a [`router`] and [`serve`]s it.

pub mod access;
pub mod admission;
pub mod classify;
pub mod errors;
pub mod limits;
pub mod network;
pub mod observability;
pub mod operations;
pub mod recommendations;
pub mod state;

mod authenticate;
mod aws;
mod body;
mod edge;

mod iam;
mod inbound;
mod openapi;
mod query_protocol;
mod recommend;
mod reply;
mod s3_refusals;
mod server;

pub use access::Access;
pub use admission::{Admission, AdmissionLimits, Busy, Place};
pub use edge::router;
pub use recommendations::RecommendationsConfig;
pub use server::serve;
pub use state::{Credentials, HttpState, Readiness};
