//! `[store]`: the databases and the place of blobs.

use crate::blob_store_config::BlobStoreConfig;
use anyhow::{Result, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::num::NonZeroU32;
use tastemaker_backend_sql::PostgresUrl;
use tastemaker_store::remote::Location;

/// `[store]`: where resources, streamed events and files are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// Resources and jobs: `sqlite`, a file in the data directory, or the `postgres://` URL of a database.
    #[schemars(with = "String", extend("x-secret" = true))]
    pub records: Database,
    /// Streamed events and rows: `sqlite`, a file in the data directory, or the `postgres://` URL of a database, which may be that of
    /// `records`.
    #[schemars(with = "String", extend("x-secret" = true))]
    pub events: Database,
    /// Uploads, imported files and models: `directory`, the folder `blobs` of the data directory; another directory as
    /// `file:///directory`, which several processes may share; or a prefix of a bucket as `s3://bucket/prefix`, `gs://` or `az://`.
    pub blobs: String,
    /// The access to the bucket of `blobs`.
    pub s3: BlobStoreConfig,
    /// Seconds for which a start waits for a database that does not answer.
    pub wait_s: u64,
    /// Connections that records, and that events, may each have open to read from PostgreSQL. Each has another one to write.
    pub connections: NonZeroU32,
}

/// The value of `store.blobs` that means a folder of the data directory.
pub const DIRECTORY: &str = "directory";

/// The value of `store.records` and `store.events` that means a file of the data directory.
const SQLITE: &str = "sqlite";

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            records: Database::Sqlite,
            events: Database::Sqlite,
            blobs: DIRECTORY.to_owned(),
            s3: BlobStoreConfig::default(),
            wait_s: 60,
            connections: NonZeroU32::new(8).unwrap_or(NonZeroU32::MIN),
        }
    }
}

impl StoreConfig {
    /// Refuses what cannot be used.
    pub fn check(&self) -> Result<()> {
        self.s3.check(self.place_of_blobs()?.as_ref())
    }

    /// The location of blobs; `None` for the folder of the data directory.
    pub fn place_of_blobs(&self) -> Result<Option<Location>> {
        match Location::parse(&self.blobs) {
            _ if self.blobs == DIRECTORY => Ok(None),
            Some(Ok(location)) => Ok(Some(location)),
            Some(Err(why)) => bail!("store.blobs: {why}"),
            None => bail!(
                "store.blobs must be {DIRECTORY}, or a location as file:///directory or s3://bucket/prefix, not '{}'",
                self.blobs
            ),
        }
    }
}

/// A database.
#[derive(Debug, Clone, PartialEq)]
pub enum Database {
    /// A file in the data directory.
    Sqlite,
    /// A database on a server. It is shown without its password.
    Postgres(PostgresUrl),
}

impl Serialize for Database {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Sqlite => serializer.serialize_str(SQLITE),
            Self::Postgres(url) => serializer.collect_str(url),
        }
    }
}

impl<'de> Deserialize<'de> for Database {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            SQLITE => Ok(Self::Sqlite),
            url => match url.parse() {
                Ok(url) => Ok(Self::Postgres(url)),
                Err(why) => Err(D::Error::custom(format!("is {SQLITE} or a URL: {why}"))),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::test_config::config;

    fn store(toml: &str) -> StoreConfig {
        config(toml).expect(toml).1.store
    }

    #[test]
    fn databases_are_files_or_urls() {
        assert_eq!(store(""), StoreConfig::default());
        assert_eq!(store("[store]\nrecords = 'sqlite'\nblobs = 'directory'"), StoreConfig::default());
        let both =
            store("[store]\nrecords = 'postgres://u:p@h/d'\nevents = 'postgresql://h/e'\nwait_s = 5\nconnections = 2");
        let url = |text: &str| Database::Postgres(text.parse().expect(text));
        assert_eq!((both.records, both.events), (url("postgres://u:p@h/d"), url("postgresql://h/e")));
        assert_eq!((both.wait_s, both.connections.get()), (5, 2));
    }

    #[test]
    fn a_password_stands_in_no_setting_that_is_shown() {
        let (_dir, config, _) = config("[store]\nrecords = 'postgres://u:s3cret@h/d'").expect("settings");
        let shown = config.settings.iter().find(|setting| setting.key == "store.records").expect("a setting");
        assert_eq!(shown.value, "\"postgres://u:***@h/d\"");
        assert!(!format!("{config:?}").contains("s3cret"));
    }

    #[test]
    fn other_places_are_refused_without_repeating_passwords() {
        for (value, why) in [
            (
                "records = 'mysql://u:s3cret@h/d'",
                "store.records: is sqlite or a URL: must be postgres://USER@HOST:PORT/DATABASE",
            ),
            ("events = 'postgres://u:s3cret@h:x/d'", "store.events: is sqlite or a URL: must be"),
            ("records = 'postgres://h/d?pw=s3cret'", "unknown parameter pw; there are sslmode"),
            ("blobs = 'ftp://h'", "store.blobs: 'ftp://h' begins with ftp://"),
            ("connections = 0", "store.connections"),
        ] {
            let error = format!("{:#}", config(&format!("[store]\n{value}")).expect_err(value));
            assert!(error.contains(why) && !error.contains("s3cret"), "{error}");
        }
        assert_eq!(Config::default().store, StoreConfig::default());
    }
}
