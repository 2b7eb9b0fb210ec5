//! An S3 endpoint over `Records` and `Blobs`, so that a laptop needs no bucket elsewhere.
//!
//! An object is a record that names a blob (`tastemaker_store::objects`). Writing one stores a durable blob under a fresh
//! key, then commits the record, then deletes the blob that the record named before: a crash in between leaves bytes that
//! nobody names (see [`sweep_orphans`]) and never a record without its bytes. Keys of objects are text and touch no file name.
//!
//! A request is authenticated by its head ([`S3Service`]) before its body is read: `tastemaker_wire::sigv4` verifies the
//! signature, and the body is checked against the declared payload on its way to storage. Routes and XML are the `s3s`
//! crate's; it sees neither signatures nor forms nor `aws-chunked`.

mod auth;
mod authorization;
mod aws_chunked;
mod body;
mod conditions;
mod dates;
mod declared;
pub mod decoders;
mod endpoint;
mod errors;
mod forms;
mod host;
mod in_process;
mod lifecycle;
mod limits;
mod operations;
mod payload;
mod ranges;
mod records;
mod secrets;
mod service;
mod sigv2;
mod state;
mod sweep;
#[cfg(test)]
mod tests;

pub use in_process::{Buckets, PutError};
pub use lifecycle::{Expired, UPLOAD_AGE_MAX, expire};
pub use limits::TRANSFERS_IN_FLIGHT_MAX;
pub use secrets::SecretLookup;
pub use service::{S3Config, S3Service, service};
pub use sweep::sweep_orphans;
