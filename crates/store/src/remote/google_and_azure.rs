//! Clients of Google Cloud Storage and Azure Blob Storage.

use std::sync::Arc;

use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;

use super::bucket::{RemoteBucket, unusable};
use super::connector::{Completion, Connector};
use super::s3::retry;
use super::settings::{Credentials, RemoteSettings};
use crate::Result;

pub(super) fn google(bucket: &str, settings: &RemoteSettings) -> Result<RemoteBucket> {
    let mut builder = match settings.credentials {
        Credentials::Anonymous => GoogleCloudStorageBuilder::new().with_skip_signature(true),
        _ => GoogleCloudStorageBuilder::from_env(),
    };
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_base_url(endpoint.trim_end_matches('/'));
    }
    let builder = builder
        .with_bucket_name(bucket)
        .with_retry(retry(settings))
        .with_http_connector(Connector::new(settings, Completion::Replaces));
    Ok(RemoteBucket { store: Arc::new(builder.build().map_err(unusable(bucket))?), uploads: None })
}

pub(super) fn azure(container: &str, settings: &RemoteSettings) -> Result<RemoteBucket> {
    let mut builder = match settings.credentials {
        Credentials::Anonymous => MicrosoftAzureBuilder::new().with_skip_signature(true),
        _ => MicrosoftAzureBuilder::from_env(),
    };
    if let Some(account) = &settings.account {
        builder = builder.with_account(account);
    }
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint.trim_end_matches('/').to_owned());
    }
    let builder = builder
        .with_container_name(container)
        .with_allow_http(settings.is_plain())
        .with_retry(retry(settings))
        .with_http_connector(Connector::new(settings, Completion::Replaces));
    Ok(RemoteBucket { store: Arc::new(builder.build().map_err(unusable(container))?), uploads: None })
}
