//! The settings of a client of object storage.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::failure::NAME;
use super::location::Provider;
use crate::{Error, Result};

/// The source of a client's credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Credentials {
    /// The usual chain. S3: the variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, then a web
    /// identity, then those of a container, then those of the instance. Google: `GOOGLE_SERVICE_ACCOUNT`, application
    /// credentials, the instance. Azure: `AZURE_STORAGE_...`, workload and managed identities.
    #[default]
    Environment,
    /// A profile of a file as the AWS CLI has it.
    Profile,
    /// None: requests are not signed.
    Anonymous,
}

/// Encryption by the server, at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Encryption {
    /// With keys that S3 manages.
    #[serde(rename = "AES256")]
    Aes256,
    /// With a key of AWS KMS.
    #[serde(rename = "aws:kms")]
    Kms,
}

/// The settings of a client. The default reaches Amazon S3 with the usual credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteSettings {
    /// The server's address, for anything but the provider's own.
    pub endpoint: Option<String>,
    /// The region; without it that of `AWS_REGION` or `AWS_DEFAULT_REGION`, of the profile, or us-east-1.
    pub region: Option<String>,
    /// Whether the bucket stands in the path of an address rather than in its host name; without it, where an endpoint is
    /// given.
    pub path_style: Option<bool>,
    /// The source of credentials.
    pub credentials: Credentials,
    /// The profile's name; `default` without it.
    pub profile: Option<String>,
    /// The file of profiles; that of the AWS CLI without it.
    pub credentials_file: Option<PathBuf>,
    /// Encryption by the server.
    pub encryption: Option<Encryption>,
    /// The key of AWS KMS.
    pub kms_key_id: Option<String>,
    /// The storage account, at Azure.
    pub account: Option<String>,
    /// Repetitions of a request that failed in a way that may pass.
    pub retries: usize,
    /// Seconds without a byte after which a request has failed.
    pub timeout_s: u64,
}

impl Default for RemoteSettings {
    fn default() -> Self {
        Self {
            endpoint: None,
            region: None,
            path_style: None,
            credentials: Credentials::Environment,
            profile: None,
            credentials_file: None,
            encryption: None,
            kms_key_id: None,
            account: None,
            retries: 6,
            timeout_s: 30,
        }
    }
}

impl RemoteSettings {
    /// Refuses settings that contradict each other or the protocol, since one that is ignored misleads.
    pub fn check(&self, provider: Provider) -> Result<()> {
        let refuse = |text: String| Err(Error::backend(NAME, text));
        let of_s3_alone = [
            ("region", self.region.is_some()),
            ("path_style", self.path_style.is_some()),
            ("profile", self.profile.is_some()),
            ("credentials_file", self.credentials_file.is_some()),
            ("encryption", self.encryption.is_some()),
            ("credentials = \"profile\"", self.credentials == Credentials::Profile),
        ];
        if provider != Provider::S3
            && let Some((name, _)) = of_s3_alone.iter().find(|(_, given)| *given)
        {
            return refuse(format!("{name} is a setting of s3:// and not of {}://", provider.scheme()));
        }
        if self.account.is_some() && provider != Provider::Azure {
            return refuse(format!("account is a setting of az:// and not of {}://", provider.scheme()));
        }
        let of_profiles = [("profile", self.profile.is_some()), ("credentials_file", self.credentials_file.is_some())];
        if self.credentials != Credentials::Profile
            && let Some((name, _)) = of_profiles.iter().find(|(_, given)| *given)
        {
            return refuse(format!("{name} needs credentials = \"profile\""));
        }
        if self.kms_key_id.is_some() != (self.encryption == Some(Encryption::Kms)) {
            return refuse("encryption = \"aws:kms\" and kms_key_id belong together".to_owned());
        }
        if let Some(endpoint) = &self.endpoint {
            let host = endpoint.strip_prefix("http://").or_else(|| endpoint.strip_prefix("https://"));
            if !host.is_some_and(|host| !host.is_empty() && !host.contains(['@', '?', '#', ' '])) {
                return refuse(format!("endpoint '{endpoint}' must have the form https://HOST or http://HOST:PORT"));
            }
        }
        if self.timeout_s == 0 {
            return refuse("timeout_s must be at least 1".to_owned());
        }
        Ok(())
    }

    /// Whether requests may go over connections without TLS: the endpoint says so.
    pub(super) fn is_plain(&self) -> bool {
        self.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_would_be_ignored_is_refused() {
        let refused = |provider, change: fn(&mut RemoteSettings)| {
            let mut settings = RemoteSettings::default();
            change(&mut settings);
            settings.check(provider).err().map(|error| error.to_string()).unwrap_or_default()
        };
        for (provider, change, words) in [
            (Provider::Google, (|s| s.region = Some("x".into())) as fn(&mut RemoteSettings), "region"),
            (Provider::Azure, |s| s.credentials = Credentials::Profile, "credentials"),
            (Provider::S3, |s| s.account = Some("x".into()), "account"),
            (Provider::S3, |s| s.profile = Some("x".into()), "profile needs credentials"),
            (Provider::S3, |s| s.encryption = Some(Encryption::Kms), "kms_key_id"),
            (Provider::S3, |s| s.kms_key_id = Some("x".into()), "kms_key_id"),
            (Provider::S3, |s| s.endpoint = Some("127.0.0.1:9".into()), "127.0.0.1:9"),
            (Provider::S3, |s| s.endpoint = Some("https://key:secret@host".into()), "endpoint"),
            (Provider::S3, |s| s.timeout_s = 0, "timeout_s"),
        ] {
            let text = refused(provider, change);
            assert!(text.contains(words), "{words}: {text}");
        }
        assert_eq!(refused(Provider::S3, |_| ()), "");
        assert_eq!(refused(Provider::Azure, |s| s.account = Some("x".into())), "");
    }
}
