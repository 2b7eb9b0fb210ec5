//! Blobs in a bucket: how one is opened, and what writers that died leave there.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::TryStreamExt;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutPayload};

use super::error::{NAME, of_reading, of_writing};
use super::layout::{BLOBS, INCOMING};
use super::objects::Objects;
use super::{ObjectStoreBlobs, REMOTE_PART_BYTES};
use crate::remote::{Completion, Location, RemoteSettings, is_passing, is_without_credentials, open, reason};
use crate::{Error, Result};

impl ObjectStoreBlobs {
    /// Opens the blobs below a location: a directory, or a prefix of a bucket that can be written to and whose server refuses a
    /// put where something is already.
    pub async fn open_location(location: &Location, settings: &RemoteSettings) -> Result<Self> {
        let blobs = Self::open_to_read(location, settings).await?;
        if !blobs.is_local() {
            blobs.0.probe(location).await?;
        }
        Ok(blobs)
    }

    /// As [`Self::open_location`], without a request: whether the bucket can be written to shows with the first write.
    pub async fn open_to_read(location: &Location, settings: &RemoteSettings) -> Result<Self> {
        let (provider, bucket, key) = match location {
            Location::File(path) => return Self::open_directory(path.clone()).await,
            Location::Bucket { provider, bucket, key } => (*provider, bucket, key.trim_matches('/')),
        };
        let opened = open(provider, bucket, settings, Completion::OnlyIfAbsent)?;
        let below = Path::parse(key).map_err(|error| Error::backend(NAME, format!("{location}: {error}")))?;
        let (store, prefix): (Arc<dyn ObjectStore>, _) = match below.as_ref() {
            "" => (opened.store, String::new()),
            below => (Arc::new(PrefixStore::new(opened.store, below)), format!("{below}/")),
        };
        Ok(Self(Objects { store, directory: None, part_bytes: REMOTE_PART_BYTES, uploads: opened.uploads, prefix }))
    }

    /// Whether a location holds nothing at all, whoever put it there.
    pub async fn is_empty(&self) -> Result<bool> {
        match self.0.store.list(None).try_next().await {
            Err(object_store::Error::NotFound { .. }) => Ok(true),
            found => Ok(found.map_err(of_reading(""))?.is_none()),
        }
    }

    /// Whether they are in a directory of this machine.
    pub fn is_local(&self) -> bool {
        self.0.directory.is_some()
    }

    /// Removes what writers that began before `age` ago have neither finished nor given up; the number of uploads. A directory
    /// knows whether a writer lives, and removes what dead ones left when it is opened.
    pub async fn remove_abandoned(&self, age: Duration) -> Result<usize> {
        if self.0.directory.is_some() {
            return Ok(0);
        }
        let now = SystemTime::now();
        let mut removed = match &self.0.uploads {
            Some(uploads) => {
                let prefix = format!("{}{BLOBS}/", self.0.prefix);
                uploads.abort_older(&prefix, age, now).await.map_err(of_reading(INCOMING))?
            }
            None => 0,
        };
        let listed: Vec<ObjectMeta> = match self.0.store.list(Some(&Path::from(INCOMING))).try_collect().await {
            Err(object_store::Error::NotFound { .. }) => Vec::new(),
            listed => listed.map_err(of_reading(INCOMING))?,
        };
        let old = |object: &ObjectMeta| {
            now.duration_since(SystemTime::from(object.last_modified)).is_ok_and(|since| since >= age)
        };
        for object in listed.into_iter().filter(old) {
            match self.0.store.delete(&object.location).await {
                Err(object_store::Error::NotFound { .. }) => {}
                deleted => {
                    deleted.map_err(of_writing(object.location.as_ref()))?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

impl Objects {
    /// Refuses a bucket that cannot be written to, and a server that would let a put replace a blob.
    async fn probe(&self, location: &Location) -> Result<()> {
        let path = Path::from_iter([INCOMING, &format!("probe-{}", uuid::Uuid::new_v4().simple())]);
        let put = || self.store.put_opts(&path, PutPayload::from_static(b"probe"), PutMode::Create.into());
        let refused = |error: object_store::Error| match reason(&error) {
            why if is_without_credentials(&error) => Error::backend(
                NAME,
                format!("there are no credentials for {location}, and the instance gives none: {why}"),
            ),
            why if is_passing(&error) => Error::Unavailable(format!("{location}: {why}")),
            why => Error::backend(NAME, format!("{location} cannot be written to: {why}")),
        };
        put().await.map_err(refused)?;
        let again = put().await;
        let _ = self.store.delete(&path).await;
        match again {
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => Ok(()),
            Ok(_) => Err(Error::backend(
                NAME,
                format!(
                    "the server of {location} lets a put with If-None-Match replace an object, so blobs are not safe there"
                ),
            )),
            Err(error) => Err(refused(error)),
        }
    }
}
