//! The directory of backups.

use super::manifest::{FORMAT, Manifest};
use anyhow::{Context, Result, bail};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
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
    path: PathBuf,
    /// The files.
    pub blobs: ObjectStoreBlobs,
    _lock: Option<File>,
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
    /// Opens or makes the repository of the data directory of `instance`, for writing. A directory with anything else in it
    /// is refused, and nothing is written there.
    pub async fn open_for(path: &Path, instance: &str) -> Result<Self> {
        let fresh = is_empty(path)?;
        if !fresh && !path.join("instance.json").exists() {
            bail!("{} is neither empty nor a directory of backups", path.display());
        }
        if !fresh {
            owner_is(path, instance)?;
        }
        fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))?;
        make_private(path);
        let lock = lock(&path.join("lock"))?;
        let blobs = open(path).await?;
        if fresh {
            let owner = Owner { v: FORMAT, backups_of: instance.to_owned() };
            blobs.put_marker(serde_json::to_vec(&owner)?.into()).await?;
        }
        Ok(Self { path: path.to_owned(), blobs, _lock: Some(lock) })
    }

    /// Opens an existing repository for reading.
    pub async fn open(path: &Path) -> Result<Self> {
        if !path.join("instance.json").exists() {
            bail!("{} is no directory of backups: it has no instance.json", path.display());
        }
        owner(path)?;
        Ok(Self { path: path.to_owned(), blobs: open(path).await?, _lock: None })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
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
            Err(Error::NotFound(_)) => bail!("{} has no backup of {at}", self.path.display()),
            other => other?,
        };
        while let Some(part) = stream.try_next().await? {
            bytes.extend_from_slice(&part);
        }
        let manifest: Manifest =
            serde_json::from_slice(&bytes).with_context(|| format!("{}: {key} is damaged", self.path.display()))?;
        if manifest.v != FORMAT {
            bail!("{}: {key} has format {}, this build reads {FORMAT}", self.path.display(), manifest.v);
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

async fn open(path: &Path) -> Result<ObjectStoreBlobs> {
    ObjectStoreBlobs::open_directory(path).await.with_context(|| format!("cannot open {}", path.display()))
}

fn owner(path: &Path) -> Result<Owner> {
    let file = path.join("instance.json");
    let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let owner: Owner = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is no directory of backups: its instance.json does not say so", path.display()))?;
    if owner.v != FORMAT {
        bail!("{} has format {}, this build reads {FORMAT}", path.display(), owner.v);
    }
    Ok(owner)
}

fn owner_is(path: &Path, instance: &str) -> Result<()> {
    let found = owner(path)?.backups_of;
    if found != instance {
        bail!(
            "{} holds backups of instance {found}, and this data directory is of instance {instance}",
            path.display()
        );
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

fn lock(path: &Path) -> Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("another backup is being written: {} is locked", path.display()),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}
