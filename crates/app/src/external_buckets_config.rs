//! `[s3]`: buckets outside this server that import, export, deletion and batch jobs may name.

use anyhow::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tastemaker_store::external_buckets::{ExternalBuckets, ExternalRule};
use tastemaker_store::remote::{Credentials, Encryption, Provider, RemoteSettings};

/// `[s3]`: buckets that locations may name besides those of this server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct S3Config {
    /// Buckets outside. The first that matches a name counts, and without any no name leaves this machine. A bucket of this
    /// server comes before those outside.
    pub external: Vec<ExternalBucketConfig>,
}

/// `[[s3.external]]`: buckets outside, and how they are reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalBucketConfig {
    /// A bucket's name, in which each `*` stands for any characters.
    pub bucket: String,
    /// The protocol behind `s3://bucket/...`: `s3`, `gs` for Google Cloud Storage, or `az` for a container of Azure Blob Storage.
    #[serde(default)]
    pub provider: Provider,
    /// The server's address, such as `https://minio.example:9000`, for anything but the provider's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The region; without it that of `AWS_REGION` or `AWS_DEFAULT_REGION`, of the profile, or us-east-1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whether the bucket stands in the path of addresses rather than in the host's name; by default where there is an endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_style: Option<bool>,
    /// The source of credentials: `environment` (variables, web identity, container, instance), `profile` or `anonymous`.
    #[serde(default)]
    pub credentials: Credentials,
    /// The profile of `credentials = "profile"`; `default` without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The file with the profile, read again every minute; that of the AWS CLI without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials_file: Option<PathBuf>,
    /// Encryption of what is written, by the server: `AES256` or `aws:kms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
    /// The key of `encryption = "aws:kms"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    /// The storage account, at Azure; without it that of `AZURE_STORAGE_ACCOUNT_NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Repetitions of a request that failed in a way that may pass.
    #[serde(default = "retries")]
    pub retries: usize,
    /// Seconds without a byte after which a request has failed.
    #[serde(default = "timeout_s")]
    pub timeout_s: u64,
}

fn retries() -> usize {
    RemoteSettings::default().retries
}

fn timeout_s() -> u64 {
    RemoteSettings::default().timeout_s
}

impl ExternalBucketConfig {
    fn rule(&self) -> ExternalRule {
        let settings = RemoteSettings {
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
        };
        ExternalRule { bucket: self.bucket.clone(), provider: self.provider, settings }
    }
}

impl S3Config {
    /// The buckets that jobs may reach.
    pub fn external_buckets(&self) -> Result<ExternalBuckets> {
        let rules = self.external.iter().map(ExternalBucketConfig::rule).collect();
        Ok(ExternalBuckets::new(rules)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_config::config;

    #[test]
    fn every_key_reaches_the_rule() -> Result<()> {
        let (_dir, config, _) = config(
            "[[s3.external]]\nbucket = 'shop-*'\nendpoint = 'http://127.0.0.1:9'\nregion = 'eu-west-1'\npath_style = false\n\
             credentials = 'profile'\nprofile = 'shop'\ncredentials_file = 'DIR/token'\nencryption = 'aws:kms'\n\
             kms_key_id = 'k'\nretries = 1\ntimeout_s = 2\n[[s3.external]]\nbucket = 'box'\nprovider = 'az'\naccount = 'a'\n\
             credentials = 'anonymous'\n[[s3.external]]\nbucket = 'other'\n",
        )?;
        let rules: Vec<ExternalRule> = config.s3.external.iter().map(ExternalBucketConfig::rule).collect();
        let first = &rules[0].settings;
        assert_eq!((rules[0].bucket.as_str(), rules[0].provider), ("shop-*", Provider::S3));
        assert_eq!(
            (first.endpoint.as_deref(), first.region.as_deref(), first.path_style, first.credentials),
            (Some("http://127.0.0.1:9"), Some("eu-west-1"), Some(false), Credentials::Profile)
        );
        assert_eq!((first.profile.as_deref(), first.encryption), (Some("shop"), Some(Encryption::Kms)));
        assert!(first.credentials_file.as_ref().is_some_and(|file| file.ends_with("token")));
        assert_eq!((first.kms_key_id.as_deref(), first.retries, first.timeout_s), (Some("k"), 1, 2));
        assert_eq!((rules[1].provider, rules[1].settings.account.as_deref()), (Provider::Azure, Some("a")));
        assert_eq!(rules[1].settings.credentials, Credentials::Anonymous);
        assert_eq!(rules[2].settings, RemoteSettings::default());
        assert!(config.s3.external_buckets()?.find("elsewhere").is_ok_and(|found| found.is_none()));
        Ok(())
    }

    #[test]
    fn rules_that_make_no_sense_are_refused_at_the_start() {
        for (rule, words) in [
            ("bucket = 'b'\nregoin = 'x'", "regoin"),
            ("bucket = 'b'\nprovider = 'ftp'", "ftp"),
            ("bucket = 'b/c'", "bucket 'b/c'"),
            ("bucket = 'b'\nendpoint = 'host:1'", "endpoint 'host:1'"),
            ("bucket = 'b'\nprofile = 'x'", "profile needs credentials"),
            ("bucket = 'b'\nprovider = 'gs'\nregion = 'x'", "region"),
            ("endpoint = 'http://h'", "bucket"),
        ] {
            let refused = config(&format!("[[s3.external]]\n{rule}\n")).expect_err(rule);
            assert!(format!("{refused:#}").contains(words), "{words}: {refused:#}");
        }
    }
}
