//! `[backup]`: the place of backups, and the times at which a server makes them.

use crate::backup::Target;
use crate::blob_store_config::BlobStoreConfig;
use crate::store_config::{DIRECTORY, Database, StoreConfig};
use anyhow::{Context, Result, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

/// The least time between two backups.
const EVERY_MIN: Duration = Duration::from_secs(1);

/// `[backup]`: the place of backups, and the times at which the server makes them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BackupConfig {
    /// The place: a directory, or a prefix of a bucket as `s3://bucket/prefix`, `gs://` or `az://`. `tastemaker backup` and
    /// `tastemaker restore` use it where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The times at which the server makes a backup by itself: a duration since the last one, as `6h` or `30m`, or a time of
    /// day in UTC, as `daily 03:30`. Without it there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub every: Option<Every>,
    /// Backups that are kept, the newest ones; all of them without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<NonZeroUsize>,
    /// The access to buckets of backups.
    pub s3: BlobStoreConfig,
}

impl BackupConfig {
    /// Refuses what cannot be used.
    pub fn check(&self, store: &StoreConfig) -> Result<()> {
        match (&self.target, &self.every) {
            (Some(target), _) => drop(self.place(target).context("backup.target")?),
            (None, Some(_)) => bail!("backup.every is set, and backup.target, the place of the backups, is not"),
            (None, None) => {}
        }
        if self.every.is_some() {
            refuse_elsewhere(store).context("backup.every is set")?;
        }
        Ok(())
    }

    /// The place that a text names.
    pub fn place(&self, text: &str) -> Result<Target> {
        Target::parse(text, self.s3.settings())
    }

    /// The place of the backups that the server makes by itself, and when; `None` without such.
    pub fn scheduled(&self) -> Result<Option<(Target, Every)>> {
        match (&self.target, self.every) {
            (Some(target), Some(every)) => Ok(Some((self.place(target)?, every))),
            _ => Ok(None),
        }
    }
}

/// Refuses data that is not in the data directory.
pub fn refuse_elsewhere(store: &StoreConfig) -> Result<()> {
    for (key, here) in [
        ("store.records", store.records == Database::Sqlite),
        ("store.events", store.events == Database::Sqlite),
        ("store.blobs", store.blobs == DIRECTORY),
    ] {
        if !here {
            bail!(
                "{key} is kept outside the data directory, and only what is in it is backed up; use the tools of the database \
                 and of the bucket, the records first"
            );
        }
    }
    Ok(())
}

/// The times of backups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// A duration after the last one.
    Interval(Duration),
    /// Once a day, at this many minutes after midnight in UTC.
    Daily(u32),
}

/// Seconds of a day.
const DAY_S: i64 = 24 * 60 * 60;

impl Every {
    /// The time in seconds since the Unix epoch at which the next backup is due, by that of the last one; `None` for at once.
    pub fn due_s(self, last_s: Option<i64>) -> Option<i64> {
        let last_s = last_s?;
        Some(match self {
            Self::Interval(interval) => last_s.saturating_add(i64::try_from(interval.as_secs()).unwrap_or(i64::MAX)),
            Self::Daily(minutes) => {
                let of_its_day = last_s - last_s.rem_euclid(DAY_S) + 60 * i64::from(minutes);
                if of_its_day > last_s { of_its_day } else { of_its_day + DAY_S }
            }
        })
    }
}

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || {
            format!(
                "must be a duration of at least 1s as 6h or 30m, or a time of day in UTC as daily 03:30, not '{text}'"
            )
        };
        if let Some(time) = text.strip_prefix("daily ") {
            let (hours, minutes) = time.split_once(':').ok_or_else(refused)?;
            let number = |text: &str, below: u32| {
                let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
                text.parse::<u32>().ok().filter(|number| digits && *number < below).ok_or_else(refused)
            };
            return Ok(Self::Daily(60 * number(hours, 24)? + number(minutes, 60)?));
        }
        let interval = humantime::parse_duration(text).map_err(|_| refused())?;
        if interval < EVERY_MIN || interval.subsec_nanos() != 0 {
            return Err(refused());
        }
        Ok(Self::Interval(interval))
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interval(interval) => humantime::format_duration(*interval).fmt(f),
            Self::Daily(minutes) => write!(f, "daily {:02}:{:02}", minutes / 60, minutes % 60),
        }
    }
}

impl Serialize for Every {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Every {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_config::config;

    #[test]
    fn every_key_is_read() -> Result<()> {
        let (_dir, config, _) = config(
            "[backup]\ntarget = 's3://b/shop'\nevery = '6h'\nkeep = 3\n[backup.s3]\nendpoint = 'http://127.0.0.1:9'\n",
        )?;
        let (target, every) = config.backup.scheduled()?.expect("scheduled");
        assert_eq!((target.to_string().as_str(), every), ("s3://b/shop", Every::Interval(Duration::from_secs(21_600))));
        let Target::Bucket { settings, .. } = target else { panic!("a bucket") };
        assert_eq!(settings.endpoint.as_deref(), Some("http://127.0.0.1:9"));
        assert_eq!(config.backup.keep.map(NonZeroUsize::get), Some(3));
        assert_eq!(BackupConfig::default().scheduled()?, None);
        Ok(())
    }

    #[test]
    fn what_makes_no_sense_is_refused_at_the_start() {
        for (toml, words) in [
            ("every = '6h'", "backup.target, the place of the backups, is not"),
            ("target = 'b'\nevery = '6'", "backup.every: must be a duration of at least 1s"),
            ("target = 'b'\nevery = '0s'", "not '0s'"),
            ("target = 'b'\nevery = 'daily 24:00'", "not 'daily 24:00'"),
            ("target = 'b'\nevery = 'daily 3:30'", "not 'daily 3:30'"),
            ("target = 'b'\nkeep = 0", "backup.keep"),
            ("target = 'ftp://h'", "backup.target: 'ftp://h' begins with ftp://"),
            ("target = ''", "backup.target: the place of backups must not be empty"),
            ("target = 's3://b'\ns3.account = 'x'", "account is a setting of az://"),
            ("targt = 'b'", "did you mean target?"),
            (
                "target = 'b'\nevery = '1h'\n[store]\nblobs = 's3://b/x'",
                "backup.every is set: store.blobs is kept outside",
            ),
        ] {
            let refused = config(&format!("[backup]\n{toml}\n")).expect_err(toml);
            assert!(format!("{refused:#}").contains(words), "{words}: {refused:#}");
        }
    }

    #[test]
    fn a_backup_is_due_after_the_interval_or_at_the_time_of_day() {
        let hour = 3600;
        let day = 86_400;
        for (every, last_s, due_s) in [
            ("6h", Some(10 * day), Some(10 * day + 6 * hour)),
            ("6h", None, None),
            ("daily 03:30", Some(10 * day), Some(10 * day + 3 * hour + 1800)),
            ("daily 03:30", Some(10 * day + 3 * hour + 1800), Some(11 * day + 3 * hour + 1800)),
            ("daily 03:30", Some(10 * day + 20 * hour), Some(11 * day + 3 * hour + 1800)),
            ("daily 00:00", Some(10 * day), Some(11 * day)),
        ] {
            let parsed: Every = every.parse().expect(every);
            assert_eq!(parsed.due_s(last_s), due_s, "{every} {last_s:?}");
            assert_eq!(parsed.to_string(), every);
        }
    }

    #[test]
    fn data_that_is_elsewhere_is_refused_by_its_setting() {
        assert!(refuse_elsewhere(&StoreConfig::default()).is_ok());
        let url = || Database::Postgres("postgres://u@h/d".parse().expect("a URL"));
        for (key, store) in [
            ("store.records", StoreConfig { records: url(), ..StoreConfig::default() }),
            ("store.events", StoreConfig { events: url(), ..StoreConfig::default() }),
            ("store.blobs", StoreConfig { blobs: "file:///srv".into(), ..StoreConfig::default() }),
        ] {
            let error = refuse_elsewhere(&store).expect_err(key).to_string();
            assert!(error.starts_with(key), "{error}");
        }
    }
}
