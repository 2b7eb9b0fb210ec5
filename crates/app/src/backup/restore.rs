//! A backup put back into a data directory that is empty, and a backup compared with its digests.

use super::copy::{self, difference};
use super::manifest::{Content, Manifest};
use super::repository::{Repository, data_key, is_empty};
use super::{Progress, copy::through};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use tastemaker_backend_sql::{SqliteRecords, damage};
use tastemaker_store::{Blobs, Error, ObjectStoreBlobs, instance};

/// The file that says that a directory is what an interrupted restore left.
const UNFINISHED: &str = "restore-unfinished";

/// A data directory that was put back.
#[derive(Debug)]
pub struct Restored {
    /// The time of the backup.
    pub at: String,
    /// Blobs and files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Everything that was damaged or missing already when the backup was made.
    pub damaged: Vec<String>,
}

/// Puts the backup of `at`, or the newest, into `to`, which must be empty or absent. Everything is compared with its digest
/// before the directory gets its name.
pub async fn restore(repository: &Repository, at: Option<&str>, to: &Path, progress: Progress<'_>) -> Result<Restored> {
    if !is_empty(to)? {
        bail!("{} is not empty; nothing was written there", to.display());
    }
    let (at, manifest) = chosen(repository, at).await?;
    let partial = partial_directory(to)?;
    fs::create_dir_all(&partial).with_context(|| format!("cannot make {}", partial.display()))?;
    let marker = partial.join(UNFINISHED);
    File::create(&marker)
        .and_then(|file| file.sync_all())
        .with_context(|| format!("cannot write {}", marker.display()))?;
    let (all, free) = (manifest.bytes(), crate::disk::free_bytes(&partial)?);
    if all > free {
        fs::remove_dir_all(&partial)?;
        bail!("the backup has {all} bytes, and the disk of {} has {free} bytes free", to.display());
    }

    for file in &manifest.files {
        copy::into_file(repository.file(&at, &file.name).await?, &partial.join(&file.name), &file.content).await?;
    }
    let blobs = ObjectStoreBlobs::open_directory(partial.join("blobs")).await?;
    let mut done = 0;
    for blob in &manifest.blobs {
        progress(done, all);
        let stream = repository.blobs.read(&data_key(&blob.key), None).await?;
        let content = copy::into_blob(stream, &blobs, &blob.key).await?;
        same(&blob.key, &content, &blob.content)?;
        done += content.size;
    }
    progress(all, all);
    for file in ["records.sqlite", "events.sqlite"] {
        let damaged = damage(partial.join(file)).await?;
        if let Some(what) = damaged.first() {
            bail!("{file} of the backup is damaged: {what}");
        }
    }
    let records = SqliteRecords::open(partial.join("records.sqlite")).await?;
    if let Some(identity) = instance::bytes(&records).await? {
        blobs.put_marker(identity).await?;
    }
    drop(records);
    fs::remove_file(&marker)?;
    if to.exists() {
        fs::remove_dir(to).with_context(|| format!("cannot replace {}", to.display()))?;
    }
    fs::rename(&partial, to).with_context(|| format!("cannot name {}", to.display()))?;
    if let Some(parent) = to.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        File::open(parent)?.sync_all()?;
    }
    let files = manifest.files.len() + manifest.blobs.len();
    Ok(Restored { at, files, bytes: all, damaged: manifest.damaged })
}

/// Reads the backup of `at`, or the newest, and names every file that is not as it was written.
pub async fn verify(
    repository: &Repository,
    at: Option<&str>,
    progress: Progress<'_>,
) -> Result<(String, Vec<String>)> {
    let (at, manifest) = chosen(repository, at).await?;
    let (mut done, all, mut damaged) = (0, manifest.bytes(), manifest.damaged);
    let files = manifest.files.iter().map(|file| (super::repository::file_key(&at, &file.name), &file.content));
    let blobs = manifest.blobs.iter().map(|blob| (data_key(&blob.key), &blob.content));
    for (key, expected) in files.chain(blobs) {
        progress(done, all);
        let read = async { through(repository.blobs.read(&key, None).await?, async |_| Ok(())).await };
        match read.await {
            Ok(content) if content == *expected => {}
            Ok(content) => damaged.push(format!("{key}: {}", difference(&content, expected))),
            Err(error @ (Error::NotFound(_) | Error::Corrupt(_))) => damaged.push(format!("{key}: {error}")),
            Err(error) => return Err(error.into()),
        }
        done += expected.size;
    }
    progress(all, all);
    Ok((at, damaged))
}

fn same(key: &str, found: &Content, expected: &Content) -> Result<()> {
    if found != expected {
        bail!("{key}: the backup is damaged: {}", difference(found, expected));
    }
    Ok(())
}

async fn chosen(repository: &Repository, at: Option<&str>) -> Result<(String, Manifest)> {
    let backups = repository.backups().await?;
    let at = match at {
        Some(at) if backups.iter().any(|backup| backup == at) => at.to_owned(),
        Some(at) => bail!(
            "{} has no backup of {at}; it has {}",
            repository.target(),
            if backups.is_empty() { "none".to_owned() } else { backups.join(", ") }
        ),
        None => match backups.into_iter().next_back() {
            Some(at) => at,
            None => bail!("{} has no finished backup", repository.target()),
        },
    };
    let manifest = repository.manifest(&at).await?;
    Ok((at, manifest))
}

/// The directory beside `to` that is filled first; what an interrupted restore left there goes.
fn partial_directory(to: &Path) -> Result<PathBuf> {
    let name = to.file_name().with_context(|| format!("{} has no name of its own", to.display()))?;
    let mut partial = name.to_owned();
    partial.push(".restoring");
    let partial = to.with_file_name(partial);
    if partial.join(UNFINISHED).exists() || (partial.exists() && is_empty(&partial)?) {
        fs::remove_dir_all(&partial).with_context(|| format!("cannot empty {}", partial.display()))?;
    } else if partial.exists() {
        bail!("{} is in the way: the backup is put there before it gets its name", partial.display());
    }
    Ok(partial)
}
