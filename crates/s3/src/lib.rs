//! An S3 endpoint over `Records` and `Blobs`, so that a laptop needs no bucket elsewhere.
//!
//! An object is a record that names a blob (`tastemaker_store::objects`). Writing one stores a durable blob under a fresh
//! key, then commits the record, then deletes the blob that the record named before: a crash in between leaves bytes that
//! nobody names (see [`sweep_orphans`]) and never a record without its bytes. Keys of objects are text and touch no file name.
//!
//! The protocol (routes, XML, signatures, presigned URLs, chunked bodies) is the `s3s` crate's; here is what it asks.

mod auth;
mod body;
mod conditions;
mod endpoint;
mod errors;
mod host;
mod operations;
mod records;
mod state;
mod sweep;
#[cfg(test)]
mod tests;

pub use auth::SecretLookup;
pub use sweep::sweep_orphans;

use std::sync::Arc;
use std::time::SystemTime;

use s3s::service::{S3Service, S3ServiceBuilder};
use tastemaker_store::{Blobs, Records};

/// What the endpoint stands on.
pub struct S3Config {
    /// Buckets, objects' metadata and unfinished uploads.
    pub records: Arc<dyn Records>,
    /// Objects' bytes, below `s3/`.
    pub blobs: Arc<dyn Blobs>,
    /// The region that buckets are said to lie in, unless they were made with another.
    pub region: String,
    /// Whose signatures are accepted.
    pub credentials: SecretLookup,
    /// Host names, without port, below which `bucket.host` names a bucket: `localhost`, `s3.example.com`. A request to any
    /// other host is path style.
    pub host_domains: Vec<String>,
    /// The time that objects are stamped with.
    pub clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

/// The endpoint as a hyper and tower service. Its inherent `call` takes an `s3s::Body`; for other bodies call the trait:
/// `tower::Service::call(&mut service, request)`.
pub fn service(config: S3Config) -> S3Service {
    let S3Config { records, blobs, region, credentials, host_domains, clock } = config;
    let mut builder = S3ServiceBuilder::new(endpoint::Endpoint::new(state::State { records, blobs, region, clock }));
    builder.set_auth(auth::Secrets::new(credentials));
    builder.set_host(host::Domains::new(host_domains));
    builder.build()
}
