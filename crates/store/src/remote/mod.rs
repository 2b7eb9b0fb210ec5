//! Object stores that are reached over a network: Amazon S3 and what speaks its protocol, Google Cloud Storage and Azure Blob
//! Storage, from a location such as `s3://bucket/prefix` and settings.

mod connector;
mod failure;
mod google_and_azure;
mod location;
mod profile;
mod s3;
mod settings;
mod uploads;

pub use location::{Location, Provider};
pub use settings::{Credentials, Encryption, RemoteSettings};

pub(crate) use failure::{code, is_passing, is_without_credentials, reason};
pub(crate) use uploads::Uploads;

use std::sync::Arc;

use object_store::ObjectStore;

use crate::{Error, Result};

/// The name of this module in errors.
const NAME: &str = "object_store";

/// Whether an upload in parts may replace the object of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// It replaces what is there.
    Replaces,
    /// It is refused where there is an object; S3 alone.
    OnlyIfAbsent,
}

/// A bucket that requests can be sent to.
#[derive(Clone, Debug)]
pub(crate) struct RemoteBucket {
    pub(crate) store: Arc<dyn ObjectStore>,
    /// The uploads in parts that the bucket knows, where its protocol tells.
    pub(crate) uploads: Option<Uploads>,
}

/// A client of one bucket. No request is sent yet.
pub(crate) fn open(
    provider: Provider,
    bucket: &str,
    settings: &RemoteSettings,
    completion: Completion,
) -> Result<RemoteBucket> {
    settings.check(provider)?;
    connector::prepare_tls();
    match provider {
        Provider::S3 => s3::open(bucket, settings, completion),
        Provider::Google => google_and_azure::google(bucket, settings),
        Provider::Azure => google_and_azure::azure(bucket, settings),
    }
}

/// An error of a client that cannot be made.
fn unusable(bucket: &str) -> impl Fn(object_store::Error) -> Error {
    move |error| Error::backend(NAME, format!("the bucket '{bucket}' cannot be used: {error}"))
}
