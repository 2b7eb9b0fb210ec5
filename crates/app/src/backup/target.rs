//! The place of backups: a directory of this machine, or a prefix of a bucket.

use anyhow::{Context, Result, bail};
use std::fmt;
use std::path::{Path, PathBuf};
use tastemaker_store::ObjectStoreBlobs;
use tastemaker_store::remote::{Location, RemoteSettings};

/// The place of backups.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A directory of this machine.
    Directory(PathBuf),
    /// A prefix of a bucket.
    Bucket {
        /// Its location.
        location: Location,
        /// The settings by which it is reached.
        settings: RemoteSettings,
    },
}

impl Target {
    /// Reads a path, or a location as `s3://bucket/prefix`; `settings` are for buckets.
    pub fn parse(text: &str, settings: RemoteSettings) -> Result<Self> {
        match Location::parse(text) {
            None if text.is_empty() => bail!("the place of backups must not be empty"),
            None => Ok(Self::Directory(text.into())),
            Some(Ok(Location::File(path))) => Ok(Self::Directory(path)),
            Some(Ok(location @ Location::Bucket { provider, .. })) => {
                settings.check(provider).context("[backup.s3]")?;
                Ok(Self::Bucket { location, settings })
            }
            Some(Err(why)) => bail!("{why}"),
        }
    }

    /// The directory, where it is one.
    pub fn directory(&self) -> Option<&Path> {
        match self {
            Self::Directory(path) => Some(path),
            Self::Bucket { .. } => None,
        }
    }

    /// Its blobs. A directory is made when it is missing; to a bucket no request is sent.
    pub async fn open(&self) -> Result<ObjectStoreBlobs> {
        let opened = match self {
            Self::Directory(path) => ObjectStoreBlobs::open_directory(path).await,
            Self::Bucket { location, settings } => ObjectStoreBlobs::open_to_read(location, settings).await,
        };
        opened.with_context(|| format!("cannot open {self}"))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => path.display().fmt(f),
            Self::Bucket { location, .. } => f.write_str(location.to_string().trim_end_matches('/')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_path_or_a_location() {
        let parse = |text: &str| Target::parse(text, RemoteSettings::default());
        for (text, shown) in [
            ("backups", "backups"),
            ("/srv/backups", "/srv/backups"),
            ("file:///srv/backups", "/srv/backups"),
            ("s3://bucket/shop/", "s3://bucket/shop"),
            ("gs://bucket", "gs://bucket"),
            ("az://box/x", "az://box/x"),
        ] {
            let target = parse(text).expect(text);
            assert_eq!(target.to_string(), shown);
            assert_eq!(target.directory().is_some(), !shown.contains("://"), "{text}");
        }
        for (text, rule) in [("", "empty"), ("ftp://h", "ftp://"), ("s3:///x", "s3://bucket/key")] {
            let refused = parse(text).expect_err(text).to_string();
            assert!(refused.contains(rule), "{refused}");
        }
        let settings = RemoteSettings { account: Some("x".into()), ..RemoteSettings::default() };
        let refused = format!("{:#}", Target::parse("s3://b", settings).expect_err("Azure's"));
        assert!(refused.starts_with("[backup.s3]: ") && refused.contains("account"), "{refused}");
    }
}
