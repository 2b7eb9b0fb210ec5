//! Buckets of customers outside this server: which ones may be reached, and their objects as blobs that are read and written.
//!
//! A bucket is reached only where a rule of the configuration names it: without rules no name leaves this machine.

mod blob_keys;
mod bucket;
mod failure;
mod open_object;
mod pattern;
mod readable;
mod rules;

pub use bucket::{ExternalBucket, Written};
pub use failure::ExternalError;
pub use open_object::open_object;
pub use readable::ReadableBlobs;
pub use rules::{ExternalBuckets, ExternalRule};
