//! The client of a bucket by its protocol.

use super::bucket::RemoteBucket;
use super::connector::{Completion, prepare_tls};
use super::location::Provider;
use super::settings::RemoteSettings;
use super::{google_and_azure, s3};
use crate::Result;

/// A client of one bucket. No request is sent yet.
pub(crate) fn open(
    provider: Provider,
    bucket: &str,
    settings: &RemoteSettings,
    completion: Completion,
) -> Result<RemoteBucket> {
    settings.check(provider)?;
    prepare_tls();
    match provider {
        Provider::S3 => s3::open(bucket, settings, completion),
        Provider::Google => google_and_azure::google(bucket, settings),
        Provider::Azure => google_and_azure::azure(bucket, settings),
    }
}
