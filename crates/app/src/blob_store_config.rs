//! `[store.s3]` and `[backup.s3]`: how the bucket of blobs, or that of backups, is reached.

use anyhow::{Context, Result, anyhow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;
use tastemaker_store::ObjectStoreBlobs;
use tastemaker_store::remote::{Credentials, Encryption, Location, RemoteSettings};

/// `[store.s3]` and `[backup.s3]`: how the bucket of `store.blobs`, or of a backup, is reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BlobStoreConfig {
    /// The server's address, such as `https://minio.example:9000`, for anything but the provider's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The region; without it that of `AWS_REGION` or `AWS_DEFAULT_REGION`, of the profile, or us-east-1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whether the bucket stands in the path of addresses rather than in the host's name; by default where there is an endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_style: Option<bool>,
    /// The source of credentials: `environment` (variables, web identity, container, instance), `profile` or `anonymous`.
    pub credentials: Credentials,
    /// The profile of `credentials = "profile"`; `default` without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The file with the profile, read again every minute; that of the AWS CLI without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-file" = true))]
    pub credentials_file: Option<PathBuf>,
    /// Encryption by the server: `AES256` or `aws:kms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
    /// The key of `encryption = "aws:kms"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    /// The storage account, at Azure; without it that of `AZURE_STORAGE_ACCOUNT_NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Repetitions of a request that failed in a way that may pass.
    pub retries: usize,
    /// Seconds without a byte after which a request has failed.
    pub timeout_s: u64,
    /// Hours after which an upload that nobody finished is removed: longer than any takes.
    pub abandoned_upload_hours: u64,
}

impl Default for BlobStoreConfig {
    fn default() -> Self {
        let settings = RemoteSettings::default();
        Self {
            endpoint: None,
            region: None,
            path_style: None,
            credentials: settings.credentials,
            profile: None,
            credentials_file: None,
            encryption: None,
            kms_key_id: None,
            account: None,
            retries: settings.retries,
            timeout_s: settings.timeout_s,
            abandoned_upload_hours: 24,
        }
    }
}

impl BlobStoreConfig {
    /// The settings of a client.
    pub fn settings(&self) -> RemoteSettings {
        RemoteSettings {
            endpoint: self.endpoint.clone(),
            region: self.region.clone(),
            path_style: self.path_style,
            credentials: self.credentials,
            profile: self.profile.clone(),
            credentials_file: self.credentials_file.clone(),
            encryption: self.encryption,
            kms_key_id: self.kms_key_id.clone(),
            account: self.account.clone(),
            retries: self.retries,
            timeout_s: self.timeout_s,
        }
    }

    /// The age at which an unfinished upload is one of a dead writer.
    pub fn abandoned(&self) -> Duration {
        Duration::from_secs(self.abandoned_upload_hours.saturating_mul(3600))
    }

    /// Refuses settings that contradict each other, the location, or each other's protocol.
    pub fn check(&self, location: Option<&Location>) -> Result<()> {
        match location {
            Some(Location::Bucket { provider, .. }) => Ok(self.settings().check(*provider).context("store.s3")?),
            _ if *self == Self::default() => Ok(()),
            _ => Err(anyhow!("store.s3 has settings, but store.blobs names no bucket as s3://bucket/prefix")),
        }
    }

    /// Opens the blobs at a location.
    pub async fn open(&self, location: &Location) -> Result<ObjectStoreBlobs> {
        let opened = ObjectStoreBlobs::open_location(location, &self.settings()).await;
        opened.with_context(|| format!("store.blobs: cannot open {location}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_config::config;

    #[test]
    fn every_key_reaches_the_client() -> Result<()> {
        let (_dir, config, _) = config(
            "[store]\nblobs = 's3://bucket/prefix'\n[store.s3]\nendpoint = 'http://127.0.0.1:9'\nregion = 'eu-west-1'\n\
             path_style = false\ncredentials = 'profile'\nprofile = 'shop'\ncredentials_file = 'DIR/token'\n\
             encryption = 'aws:kms'\nkms_key_id = 'k'\nretries = 1\ntimeout_s = 2\nabandoned_upload_hours = 3\n",
        )?;
        let (s3, settings) = (&config.store.s3, config.store.s3.settings());
        assert_eq!(
            (settings.endpoint.as_deref(), settings.region.as_deref(), settings.path_style, settings.credentials),
            (Some("http://127.0.0.1:9"), Some("eu-west-1"), Some(false), Credentials::Profile)
        );
        assert_eq!((settings.profile.as_deref(), settings.encryption), (Some("shop"), Some(Encryption::Kms)));
        assert!(settings.credentials_file.is_some_and(|file| file.ends_with("token")));
        assert_eq!((settings.kms_key_id.as_deref(), settings.retries, settings.timeout_s), (Some("k"), 1, 2));
        assert_eq!(s3.abandoned(), Duration::from_secs(3 * 3600));
        assert_eq!(BlobStoreConfig::default().settings(), RemoteSettings::default());
        Ok(())
    }

    #[test]
    fn settings_that_make_no_sense_are_refused_at_the_start() {
        for (store, words) in [
            ("blobs = 'directory'\n[store.s3]\nretries = 1", "store.blobs names no bucket"),
            ("blobs = 'file:///srv/blobs'\n[store.s3]\nregion = 'x'", "store.blobs names no bucket"),
            ("blobs = 's3://b'\n[store.s3]\naccount = 'x'", "account is a setting of az://"),
            ("blobs = 'gs://b'\n[store.s3]\nencryption = 'AES256'", "encryption is a setting of s3://"),
            ("blobs = 's3://b'\n[store.s3]\nregoin = 'x'", "regoin"),
            ("blobs = 's3://'", "s3://bucket/key"),
            ("blobs = 'ftp://h'", "store.blobs: 'ftp://h' begins with ftp://"),
            ("blobs = 'blobs'", "store.blobs must be directory"),
        ] {
            let refused = config(&format!("[store]\n{store}\n")).expect_err(store);
            assert!(format!("{refused:#}").contains(words), "{words}: {refused:#}");
        }
        for store in ["blobs = 'az://box/x'\n[store.s3]\naccount = 'x'", "blobs = 'file:///srv/blobs'", ""] {
            config(&format!("[store]\n{store}\n")).expect(store);
        }
    }
}
