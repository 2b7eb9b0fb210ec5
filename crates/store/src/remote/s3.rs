//! Clients of Amazon S3 and of servers that speak its protocol.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, S3CopyIfNotExists};
use object_store::{BackoffConfig, RetryConfig};

use super::bucket::{RemoteBucket, unusable};
use super::connector::{Completion, Connector};
use super::profile::{self, ProfileKeys};
use super::settings::{Credentials, Encryption, RemoteSettings};
use super::uploads::Uploads;
use crate::Result;

/// The longest time that a request is repeated for.
const RETRY_TIMEOUT: Duration = Duration::from_secs(120);

/// The variables that credentials of the usual chain come from. Others of the AWS CLI, its endpoint above all, would send
/// requests elsewhere than the settings say.
const VARIABLES: &[(&str, AmazonS3ConfigKey)] = &[
    ("AWS_ACCESS_KEY_ID", AmazonS3ConfigKey::AccessKeyId),
    ("AWS_SECRET_ACCESS_KEY", AmazonS3ConfigKey::SecretAccessKey),
    ("AWS_SESSION_TOKEN", AmazonS3ConfigKey::Token),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", AmazonS3ConfigKey::WebIdentityTokenFile),
    ("AWS_ROLE_ARN", AmazonS3ConfigKey::RoleArn),
    ("AWS_ROLE_SESSION_NAME", AmazonS3ConfigKey::RoleSessionName),
    ("AWS_ENDPOINT_URL_STS", AmazonS3ConfigKey::StsEndpoint),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", AmazonS3ConfigKey::ContainerCredentialsRelativeUri),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", AmazonS3ConfigKey::ContainerCredentialsFullUri),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", AmazonS3ConfigKey::ContainerAuthorizationTokenFile),
    ("AWS_METADATA_ENDPOINT", AmazonS3ConfigKey::MetadataEndpoint),
];

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The number and time of repetitions of a request.
pub(super) fn retry(settings: &RemoteSettings) -> RetryConfig {
    let backoff = BackoffConfig { max_backoff: Duration::from_secs(10), ..BackoffConfig::default() };
    RetryConfig { backoff, max_retries: settings.retries, retry_timeout: RETRY_TIMEOUT }
}

/// The region of the settings, the environment or the profile.
fn region(settings: &RemoteSettings) -> String {
    let of_profile = || (settings.credentials == Credentials::Profile).then(|| profile::region(settings)).flatten();
    let of_environment = || variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    settings.region.clone().or_else(of_profile).or_else(of_environment).unwrap_or_else(|| "us-east-1".to_owned())
}

/// Whether the bucket stands in the path of addresses.
fn is_path_style(settings: &RemoteSettings) -> bool {
    settings.path_style.unwrap_or(settings.endpoint.is_some())
}

/// The address of a bucket.
fn address(bucket: &str, settings: &RemoteSettings, region: &str) -> String {
    match (&settings.endpoint, is_path_style(settings)) {
        (Some(endpoint), true) => format!("{}/{bucket}", endpoint.trim_end_matches('/')),
        (Some(endpoint), false) => endpoint.trim_end_matches('/').replacen("://", &format!("://{bucket}."), 1),
        (None, true) => format!("https://s3.{region}.amazonaws.com/{bucket}"),
        (None, false) => format!("https://{bucket}.s3.{region}.amazonaws.com"),
    }
}

pub(super) fn open(bucket: &str, settings: &RemoteSettings, completion: Completion) -> Result<RemoteBucket> {
    let (connector, region) = (Connector::new(settings, completion), region(settings));
    let path_style = is_path_style(settings);
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(&region)
        .with_retry(retry(settings))
        .with_http_connector(connector.clone())
        .with_virtual_hosted_style_request(!path_style)
        .with_copy_if_not_exists(S3CopyIfNotExists::Multipart);
    let address = address(bucket, settings, &region);
    if let Some(endpoint) = &settings.endpoint {
        // The builder puts the bucket into the path alone.
        builder = builder.with_endpoint(if path_style { endpoint.as_str() } else { address.as_str() });
    }
    builder = match settings.credentials {
        Credentials::Anonymous => builder.with_skip_signature(true),
        Credentials::Profile => builder.with_credentials(Arc::new(ProfileKeys::open(settings)?)),
        Credentials::Environment => {
            let given = VARIABLES.iter().filter_map(|(name, key)| Some((*key, variable(name)?)));
            given.fold(builder, |builder, (key, value)| builder.with_config(key, value))
        }
    };
    builder = match (settings.encryption, &settings.kms_key_id) {
        (Some(Encryption::Kms), Some(key)) => builder.with_sse_kms_encryption(key),
        (Some(_), _) => {
            let key = "aws_server_side_encryption".parse().map_err(unusable(bucket))?;
            builder.with_config(key, "AES256")
        }
        (None, _) => builder,
    };
    let store = builder.build().map_err(unusable(bucket))?;
    let is_signed = settings.credentials != Credentials::Anonymous;
    let uploads = Uploads::new(store.clone(), &connector, address, region, is_signed).map_err(unusable(bucket))?;
    Ok(RemoteBucket { store: Arc::new(store), uploads: Some(uploads) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_stands_in_the_path_or_in_the_host() {
        let of = |endpoint: Option<&str>, path_style, region: Option<&str>| {
            let settings = RemoteSettings {
                endpoint: endpoint.map(str::to_owned),
                path_style,
                region: region.map(str::to_owned),
                ..RemoteSettings::default()
            };
            address("b", &settings, &self::region(&settings))
        };
        let own = Some("http://h:9/");
        assert_eq!(of(own, None, None), "http://h:9/b");
        assert_eq!(of(own, Some(false), None), "http://b.h:9");
        assert_eq!(of(None, None, Some("eu-west-1")), "https://b.s3.eu-west-1.amazonaws.com");
        assert_eq!(of(None, Some(true), Some("eu-west-1")), "https://s3.eu-west-1.amazonaws.com/b");
    }
}
