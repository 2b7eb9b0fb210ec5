//! Settings of buckets that set-up scripts make: kept and given back. Only lifecycle rules are acted upon
//! ([`crate::lifecycle`]).

use s3s::dto::{ObjectOwnership, PutBucketNotificationConfigurationInput, PutBucketOwnershipControlsInput};
use s3s::{S3Result, s3_error};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tastemaker_store::objects::bucket_record_key;
use tastemaker_store::{Error, Precondition, put_json};

use crate::errors::storage;
use crate::state::State;

/// A setting that is made and read by the same type.
#[derive(Clone, Copy)]
pub(crate) enum Setting {
    Acl,
    Cors,
    Encryption,
    Lifecycle,
    Notification,
    Ownership,
    PublicAccess,
    Tagging,
    Versioning,
}

impl Setting {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Setting::Acl => "acl",
            Setting::Cors => "cors",
            Setting::Encryption => "encryption",
            Setting::Lifecycle => "lifecycle",
            Setting::Notification => "notification",
            Setting::Ownership => "ownership",
            Setting::PublicAccess => "public-access",
            Setting::Tagging => "tagging",
            Setting::Versioning => "versioning",
        }
    }
}

impl State {
    /// Keeps, or with `None` forgets, a setting.
    pub(crate) async fn set<T: Serialize>(&self, bucket: &str, setting: Setting, value: Option<&T>) -> S3Result<()> {
        let (version, mut record) = self.bucket(bucket).await?;
        let name = setting.name();
        match value {
            Some(value) => {
                let json = serde_json::to_value(value).map_err(|error| storage(Error::backend("json", error)))?;
                record.settings.insert(name.to_owned(), json);
            }
            None => drop(record.settings.remove(name)),
        }
        let key = bucket_record_key(bucket);
        let write = put_json(&key, &record).map_err(storage)?;
        self.records.commit(vec![Precondition::Version(key, version)], vec![write]).await.map_err(storage)
    }

    /// A setting, if it was made.
    pub(crate) async fn setting<T: DeserializeOwned>(&self, bucket: &str, setting: Setting) -> S3Result<Option<T>> {
        let (_, mut record) = self.bucket(bucket).await?;
        let Some(json) = record.settings.remove(setting.name()) else { return Ok(None) };
        let corrupt = |error| storage(Error::Corrupt(format!("bucket {bucket}, {}: {error}", setting.name())));
        serde_json::from_value(json).map(Some).map_err(corrupt)
    }

    /// Keeps where a bucket's changes should be told. Nothing here tells them: a destination is refused as S3 refuses one
    /// that does not answer, unless the request asks not to try it.
    pub(crate) async fn set_notifications(&self, input: PutBucketNotificationConfigurationInput) -> S3Result<()> {
        let configuration = input.notification_configuration;
        let count = |list: Option<usize>| list.unwrap_or_default();
        let destinations = count(configuration.lambda_function_configurations.as_ref().map(Vec::len))
            + count(configuration.queue_configurations.as_ref().map(Vec::len))
            + count(configuration.topic_configurations.as_ref().map(Vec::len));
        if destinations > 0 && !input.skip_destination_validation.unwrap_or(false) {
            self.bucket(&input.bucket).await?;
            return Err(s3_error!(
                InvalidArgument,
                "Unable to validate the following destination configurations: this server sends no notifications to \
                 functions, queues or topics. With x-amz-skip-destination-validation they are kept and shown."
            ));
        }
        let is_empty = destinations == 0 && configuration.event_bridge_configuration.is_none();
        let kept = Some(&configuration).filter(|_| !is_empty);
        self.set(&input.bucket, Setting::Notification, kept).await
    }

    /// Keeps who owns uploaded objects; there is one owner, whatever it says.
    pub(crate) async fn set_ownership(&self, input: PutBucketOwnershipControlsInput) -> S3Result<()> {
        let known = [
            ObjectOwnership::BUCKET_OWNER_ENFORCED,
            ObjectOwnership::BUCKET_OWNER_PREFERRED,
            ObjectOwnership::OBJECT_WRITER,
        ];
        let [rule] = input.ownership_controls.rules.as_slice() else {
            return Err(s3_error!(MalformedXML, "Ownership controls have exactly one rule."));
        };
        let ownership = rule.object_ownership.as_str();
        if !known.contains(&ownership) {
            return Err(s3_error!(MalformedXML, "There is no ObjectOwnership {ownership:?}."));
        }
        self.set(&input.bucket, Setting::Ownership, Some(&ownership)).await
    }
}
