//! Settings of buckets that set-up scripts make: kept and given back. Only lifecycle rules are acted upon
//! ([`crate::lifecycle`]).

use s3s::S3Result;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tastemaker_store::objects::bucket_record_key;
use tastemaker_store::{Error, Precondition, put_json};

use crate::errors::storage;
use crate::state::State;

/// A setting that is made and read by the same type.
#[derive(Clone, Copy)]
pub(crate) enum Setting {
    Cors,
    Encryption,
    Lifecycle,
    PublicAccess,
    Tagging,
    Versioning,
}

impl Setting {
    fn name(self) -> &'static str {
        match self {
            Setting::Cors => "cors",
            Setting::Encryption => "encryption",
            Setting::Lifecycle => "lifecycle",
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
}
