//! A directory or prefix of a bucket with backups.

use super::lock::Lock;
use super::manifest::{FORMAT, Manifest};
use super::target::Target;
use anyhow::{Context, Result, bail};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;
use tastemaker_store::{BlobStream, Blobs, Error, ObjectStoreBlobs};

/// The folder of blobs.
const DATA: &str = "data";
/// The folder of backups.
const BACKUPS: &str = "backups";
/// The file that a finished backup has.
const MANIFEST: &str = "manifest.json";

/// Backups of one data directory.
#[derive(Debug)]
pub struct Repository {
    target: Target,
    /// The files.
    pub blobs: ObjectStoreBlobs,
    lock: Option<Lock>,
}

/// The content of `instance.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Owner {
    v: u32,
    backups_of: String,
}

/// The key of a blob of the data directory.
pub fn data_key(key: &str) -> String {
    format!("{DATA}/{key}")
}

/// The key of a file of a backup.
pub fn file_key(at: &str, name: &str) -> String {
    format!("{BACKUPS}/{at}/{name}")
}

impl Repository {
    /// Opens or makes the repository of the data directory of `instance`, for writing. A place with anything else in it is
    /// refused, and nothing is written there.
    pub async fn open_for(target: &Target, instance: &str) -> Result<Self> {
        match target {
            Target::Directory(path) => Self::directory_for(target, path, instance).await,
            Target::Bucket { location, settings } => {
                let blobs = target.open().await?;
                let known = blobs.marker().await.with_context(|| format!("cannot read {target}"))?;
                match &known {
                    Some(bytes) => owner_is(target, bytes, instance)?,
                    None if blobs.is_empty().await.with_context(|| format!("cannot list {target}"))? => {}
                    None => bail!("{target} is neither empty nor a place of backups: it has no instance.json"),
                }
                // Refuses what cannot be written to, and a server that replaces what it must not.
                let blobs = ObjectStoreBlobs::open_location(location, settings).await?;
                if known.is_none() {
                    match blobs.put_first_marker(marker(instance)?.into()).await {
                        Err(Error::Conflict(_)) => bail!("another backup began to write {target} at the same moment"),
                        put => put.with_context(|| format!("cannot write to {target}"))?,
                    }
                }
                let lock = Lock::object(&blobs).await.with_context(|| target.to_string())?;
                Ok(Self { target: target.clone(), blobs, lock: Some(lock) })
            }
        }
    }

    async fn directory_for(target: &Target, path: &Path, instance: &str) -> Result<Self> {
        let fresh = is_empty(path)?;
        if !fresh && !path.join("instance.json").exists() {
            bail!("{} is neither empty nor a directory of backups", path.display());
        }
        if !fresh {
            owner_is(target, &marker_file(path)?, instance)?;
        }
        fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))?;
        make_private(path);
        let lock = Lock::file(&path.join("lock"))?;
        let blobs = target.open().await?;
        if fresh {
            blobs.put_marker(marker(instance)?.into()).await?;
        }
        Ok(Self { target: target.clone(), blobs, lock: Some(lock) })
    }

    /// Whether there is a repository, or anything else, at a place.
    pub async fn exists(target: &Target) -> Result<bool> {
        match target {
            Target::Directory(path) => Ok(!is_empty(path)?),
            Target::Bucket { .. } => {
                let empty = target.open().await?.is_empty().await;
                Ok(!empty.with_context(|| format!("cannot list {target}"))?)
            }
        }
    }

    /// Opens an existing repository for reading.
    pub async fn open(target: &Target) -> Result<Self> {
        let (blobs, bytes) = match target {
            Target::Directory(path) => {
                if !path.join("instance.json").exists() {
                    bail!("{target} is no directory of backups: it has no instance.json");
                }
                let bytes = marker_file(path)?;
                owner(target, &bytes)?;
                (target.open().await?, bytes)
            }
            Target::Bucket { .. } => {
                let blobs = target.open().await?;
                match blobs.marker().await.with_context(|| format!("cannot read {target}"))? {
                    Some(bytes) => (blobs, bytes.to_vec()),
                    None => bail!("{target} is no place of backups: it has no instance.json"),
                }
            }
        };
        owner(target, &bytes)?;
        Ok(Self { target: target.clone(), blobs, lock: None })
    }

    /// Its place.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Fails when another process may be writing it.
    pub fn check_lock(&self) -> Result<()> {
        self.lock.as_ref().map_or(Ok(()), Lock::check)
    }

    /// Lets others write.
    pub async fn close(mut self) -> Result<()> {
        match self.lock.take() {
            Some(lock) => lock.release().await.with_context(|| self.target.to_string()),
            None => Ok(()),
        }
    }

    /// Ends uploads to a bucket that dead writers left; their number.
    pub async fn remove_abandoned(&self, age: Duration) -> Result<usize> {
        Ok(self.blobs.remove_abandoned(age).await?)
    }

    /// The times of all finished backups, the oldest first.
    pub async fn backups(&self) -> Result<Vec<String>> {
        let listed = self.blobs.list(&format!("{BACKUPS}/")).await?;
        let times: BTreeSet<String> = listed.iter().filter_map(|file| time_of(&file.key, Some(MANIFEST))).collect();
        Ok(times.into_iter().collect())
    }

    /// The manifest of a backup.
    pub async fn manifest(&self, at: &str) -> Result<Manifest> {
        let key = file_key(at, MANIFEST);
        let mut bytes = Vec::new();
        let mut stream = match self.blobs.read(&key, None).await {
            Err(Error::NotFound(_)) => bail!("{} has no backup of {at}", self.target),
            other => other?,
        };
        while let Some(part) = stream.try_next().await? {
            bytes.extend_from_slice(&part);
        }
        let manifest: Manifest =
            serde_json::from_slice(&bytes).with_context(|| format!("{}: {key} is damaged", self.target))?;
        if manifest.v != FORMAT {
            bail!("{}: {key} has format {}, this build reads {FORMAT}", self.target, manifest.v);
        }
        Ok(manifest)
    }

    /// Finishes a backup.
    pub async fn put_manifest(&self, at: &str, manifest: &Manifest) -> Result<()> {
        Ok(self.blobs.put(&file_key(at, MANIFEST), serde_json::to_vec(manifest)?.into()).await?)
    }

    /// The bytes of a file of a backup.
    pub async fn file(&self, at: &str, name: &str) -> Result<BlobStream, Error> {
        self.blobs.read(&file_key(at, name), None).await
    }

    /// Deletes all but the newest `keep` backups, then the blobs and files that no finished backup names; the number of
    /// backups that went. Also what unfinished backups left goes.
    pub async fn prune(&self, keep: Option<usize>) -> Result<usize> {
        let backups = self.backups().await?;
        let gone = keep.map_or(0, |keep| backups.len().saturating_sub(keep.max(1)));
        let (old, kept) = backups.split_at(gone);
        for at in old {
            // Without its manifest it is none.
            self.blobs.delete(&file_key(at, MANIFEST)).await?;
        }
        let mut named = HashSet::new();
        for at in kept {
            named.extend(self.manifest(at).await?.blobs.into_iter().map(|blob| data_key(&blob.key)));
        }
        for file in self.blobs.list(&format!("{BACKUPS}/")).await? {
            if time_of(&file.key, None).is_none_or(|at| !kept.contains(&at)) {
                self.blobs.delete(&file.key).await?;
            }
        }
        for blob in self.blobs.list(&format!("{DATA}/")).await? {
            if !named.contains(&blob.key) {
                self.blobs.delete(&blob.key).await?;
            }
        }
        Ok(old.len())
    }
}

/// The time in the key of a backup's file; only of those called `name`.
fn time_of(key: &str, name: Option<&str>) -> Option<String> {
    let (at, file) = key.strip_prefix(BACKUPS)?.strip_prefix('/')?.split_once('/')?;
    name.is_none_or(|name| name == file).then(|| at.to_owned())
}

fn marker(instance: &str) -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(&Owner { v: FORMAT, backups_of: instance.to_owned() })?)
}

fn marker_file(path: &Path) -> Result<Vec<u8>> {
    let file = path.join("instance.json");
    fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
}

fn owner(target: &Target, marker: &[u8]) -> Result<Owner> {
    let owner: Owner = serde_json::from_slice(marker)
        .with_context(|| format!("{target} is no directory of backups: its instance.json does not say so"))?;
    if owner.v != FORMAT {
        bail!("{target} has format {}, this build reads {FORMAT}", owner.v);
    }
    Ok(owner)
}

fn owner_is(target: &Target, marker: &[u8], instance: &str) -> Result<()> {
    let found = owner(target, marker)?.backups_of;
    if found != instance {
        bail!("{target} holds backups of instance {found}, and this data directory is of instance {instance}");
    }
    Ok(())
}

/// Whether a directory has nothing in it, or is not there.
pub fn is_empty(path: &Path) -> Result<bool> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// The backups hold the keys of the server.
fn make_private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(0o700)) {
            tracing::warn!(directory = %path.display(), %error, "others may read the backups");
        }
    }
}
