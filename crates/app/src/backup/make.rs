//! The making of a backup beside a server that goes on.
//!
//! Blobs never change and records name them, so most blobs are copied first, by a copy of the records of that time. Then the
//! records are copied again, and the few blobs that came meanwhile. A blob that was deleted in between makes it another
//! round. The events are copied last: they may know more than the records, never less.

use super::manifest::{BlobEntry, Content, FORMAT, FileEntry, Manifest};
use super::repository::{Repository, data_key, file_key};
use super::target::Target;
use super::{Progress, copy};
use anyhow::{Context, Result, bail};
use futures::{StreamExt, TryStreamExt};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tastemaker_backend_sql::{SqliteRecords, snapshot};
use tastemaker_store::{Blobs, ChecksummedBlobs, Error, ObjectStoreBlobs, Records, RecordsExt, instance};
use time::OffsetDateTime;
use time::macros::format_description;

/// Copies of the records before blobs that come and go make them damage.
const ROUNDS_MAX: usize = 5;
/// The first part of the keys of records with a blob's checksums.
const CHECKSUMS: &str = "blob/";
/// Blobs that are copied to a bucket at once.
const UPLOADS: usize = 8;
/// The files with keys of a server.
const SECRETS: [&str; 3] = ["credentials.json", "console.key", "parameters.key"];

/// A finished backup.
#[derive(Debug)]
pub struct Made {
    /// Its time, which is its name.
    pub at: String,
    /// Blobs and files in it.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes that the repository did not have before.
    pub new_bytes: u64,
    /// Blobs that could not be copied as they were written.
    pub damaged: Vec<String>,
    /// Older backups that were deleted.
    pub pruned: usize,
}

/// Makes a backup of the data directory `from` at the place `to`, and then deletes all but the newest `keep`.
///
/// A blob that is damaged does not end it; it is named in the result and in the manifest.
pub async fn make(from: &Path, to: &Target, keep: Option<usize>, progress: Progress<'_>) -> Result<Made> {
    let records_file = from.join("records.sqlite");
    if !records_file.exists() {
        bail!("{} is no data directory: it has no records.sqlite", from.display());
    }
    if let Some(directory) = to.directory() {
        refuse_inside(from, directory)?;
    }
    let scratch = tempfile::Builder::new().prefix("tastemaker-backup-").tempdir();
    let scratch = scratch.context("cannot make a directory for temporary files")?;
    let instance = instance_of(&records_file, scratch.path()).await?;
    let repository = Repository::open_for(to, &instance).await?;
    let written = write(from, &repository, scratch.path(), instance, progress).await;
    let made = match written.with_context(|| format!("no backup was made at {to}")) {
        Ok(made) => prune(&repository, made, keep).await,
        failed => failed,
    };
    let closed = repository.close().await;
    let made = made?;
    closed?;
    Ok(made)
}

async fn prune(repository: &Repository, made: Made, keep: Option<usize>) -> Result<Made> {
    repository.check_lock()?;
    let pruned = repository.prune(keep).await;
    let pruned =
        pruned.with_context(|| format!("the backup {} is made, but older files cannot be deleted", made.at))?;
    Ok(Made { pruned, ..made })
}

async fn write(
    from: &Path,
    repository: &Repository,
    scratch: &Path,
    instance: String,
    progress: Progress<'_>,
) -> Result<Made> {
    let records_file = from.join("records.sqlite");
    let snapshots = Scratch::new(repository, scratch)?;
    let at = free_time(repository).await?;
    let mut making = Making::of(repository, progress).await?;
    let snapshots = &snapshots.path;

    let source = ObjectStoreBlobs::open_directory(from.join("blobs")).await?;
    for round in 1.. {
        let copy_of_records = snapshots.join("records.sqlite");
        let wanted = making.snapshot_records(&records_file, &copy_of_records).await?;
        making.room(from, snapshots, &wanted)?;
        let records: Arc<dyn Records> = Arc::new(SqliteRecords::open(snapshots.join("reading.sqlite")).await?);
        let missed = making.copy_blobs(&ChecksummedBlobs::new(source.clone(), records), &wanted).await?;
        if (round > 1 && missed.is_empty()) || round == ROUNDS_MAX {
            making.wanted = wanted;
            making.missed = missed;
            break;
        }
    }
    snapshot(from.join("events.sqlite"), snapshots.join("events.sqlite")).await?;
    making.finish(from, snapshots, at, instance).await
}

/// A backup within what it is a backup of would grow by itself; the other way round, the next one would find a stranger.
fn refuse_inside(from: &Path, to: &Path) -> Result<()> {
    let real = |path: &Path| -> Result<PathBuf> {
        let existing = path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
        let existing = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
        let rest = path.strip_prefix(existing).unwrap_or(path);
        Ok(fs::canonicalize(existing).with_context(|| format!("cannot find {}", path.display()))?.join(rest))
    };
    let (real_from, real_to) = (real(from)?, real(to)?);
    if real_to.starts_with(&real_from) || real_from.starts_with(&real_to) {
        bail!("{} and the data directory {} must lie beside each other", to.display(), from.display());
    }
    Ok(())
}

async fn instance_of(records: &Path, scratch: &Path) -> Result<String> {
    let copy = scratch.join("records.sqlite");
    snapshot(records, &copy).await?;
    let records = SqliteRecords::open(&copy).await?;
    match instance::id(&records).await? {
        Some(id) => Ok(id),
        None => bail!("no server has ever used this data directory: its records have no identity"),
    }
}

/// The folder of the databases' copies before they get their names: within a repository that is a directory, on the disk that
/// has room for them; else among the system's temporary files. It goes with the value.
struct Scratch {
    path: PathBuf,
    is_own: bool,
}

impl Scratch {
    fn new(repository: &Repository, temporary: &Path) -> Result<Self> {
        let Some(directory) = repository.target().directory() else {
            return Ok(Self { path: temporary.to_owned(), is_own: false });
        };
        let path = directory.join("snapshots");
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("cannot empty {}", path.display()))?;
        }
        fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self { path, is_own: true })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.is_own {
            return;
        }
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(directory = %self.path.display(), %error, "temporary files of a backup are left");
        }
    }
}

/// Now, in UTC and to the second, as a name that no backup has.
async fn free_time(repository: &Repository) -> Result<String> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let taken = repository.backups().await?;
    loop {
        let now = OffsetDateTime::now_utc().format(format)?;
        if !taken.contains(&now) {
            return Ok(now);
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

/// A blob that the records name.
#[derive(Debug, Clone)]
struct Wanted {
    size: u64,
    record: String,
}

struct Making<'a> {
    repository: &'a Repository,
    progress: Progress<'a>,
    /// Blobs of earlier backups and of this one.
    known: HashMap<String, BlobEntry>,
    /// Bytes of the blobs that lie in the repository, by their key there.
    present: HashMap<String, u64>,
    wanted: BTreeMap<String, Wanted>,
    missed: BTreeMap<String, String>,
    new_bytes: u64,
}

impl<'a> Making<'a> {
    async fn of(repository: &'a Repository, progress: Progress<'a>) -> Result<Self> {
        let mut known = HashMap::new();
        for at in repository.backups().await? {
            // A manifest that cannot be read costs copies, and no backup.
            match repository.manifest(&at).await {
                Ok(manifest) => known.extend(manifest.blobs.into_iter().map(|blob| (blob.key.clone(), blob))),
                Err(error) => tracing::warn!(%error, "an earlier backup is passed over"),
            }
        }
        let listed = repository.blobs.list("data/").await?;
        let present = listed.into_iter().map(|blob| (blob.key, blob.size)).collect();
        let (wanted, missed) = Default::default();
        Ok(Self { repository, progress, known, present, wanted, missed, new_bytes: 0 })
    }

    /// Copies the records to `to`, and returns the blobs that they name. A second copy, `reading.sqlite`, is for reading:
    /// opening a database may write to it.
    async fn snapshot_records(&self, from: &Path, to: &Path) -> Result<BTreeMap<String, Wanted>> {
        let reading = to.with_file_name("reading.sqlite");
        for old in [to, &reading] {
            for end in ["", "-wal", "-shm"] {
                let mut name = old.as_os_str().to_owned();
                name.push(end);
                match fs::remove_file(&name) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                    _ => {}
                }
            }
        }
        snapshot(from, to).await?;
        fs::copy(to, &reading).with_context(|| format!("cannot copy to {}", reading.display()))?;
        let records = SqliteRecords::open(&reading).await?;
        let mut wanted = BTreeMap::new();
        let mut pages = RecordsExt::pages(&records, CHECKSUMS);
        while let Some(page) = pages.try_next().await? {
            for (key, found) in page {
                let Some(blob) = key.strip_prefix(CHECKSUMS) else { continue };
                let size = ChecksummedBlobs::<ObjectStoreBlobs>::size_in(&key, &found.value).unwrap_or_default();
                wanted.insert(blob.to_owned(), Wanted { size, record: copy::sha256(&found.value) });
            }
        }
        Ok(wanted)
    }

    /// Whether the repository has the blob already.
    fn has(&self, key: &str, wanted: &Wanted) -> bool {
        let known = self.known.get(key).filter(|blob| blob.record == wanted.record);
        known.is_some_and(|blob| self.present.get(&data_key(key)) == Some(&blob.content.size))
    }

    /// Refuses a disk that has no room, before a blob is copied. A bucket has as much as it is paid for; the copies of the
    /// databases are files in any case.
    fn room(&self, from: &Path, snapshots: &Path, wanted: &BTreeMap<String, Wanted>) -> Result<()> {
        let databases = file_bytes(&from.join("events.sqlite")) + file_bytes(&from.join("records.sqlite"));
        let (need, place) = match self.repository.target().directory() {
            Some(directory) => {
                let missing = wanted.iter().filter(|(key, blob)| !self.has(key, blob));
                // The databases once as they are copied, once under their names.
                (missing.map(|(_, blob)| blob.size).sum::<u64>() + 2 * databases, directory)
            }
            None => (databases, snapshots),
        };
        let free = crate::disk::free_bytes(place)?;
        if need > free {
            bail!("the backup needs {need} bytes, and {} has {free} bytes free", place.display());
        }
        Ok(())
    }

    /// Copies the blobs that the repository lacks; those that could not be, with what was wrong.
    async fn copy_blobs(
        &mut self,
        source: &ChecksummedBlobs<ObjectStoreBlobs>,
        wanted: &BTreeMap<String, Wanted>,
    ) -> Result<BTreeMap<String, String>> {
        let missing: Vec<_> = wanted.iter().filter(|(key, blob)| !self.has(key, blob)).collect();
        let all = missing.iter().map(|(_, blob)| blob.size).sum();
        let (mut done, mut missed) = (0, BTreeMap::new());
        let at_once = if self.repository.target().directory().is_some() { 1 } else { UPLOADS };
        let (to, present, progress) = (&self.repository.blobs, self.present.clone(), self.progress);
        progress(0, all);
        let copies = missing.into_iter().map(|(key, blob)| {
            let taken = present.contains_key(&data_key(key));
            async move { (key, blob, copy_blob(source, to, key, taken).await) }
        });
        let mut copies = futures::stream::iter(copies).buffer_unordered(at_once);
        while let Some((key, blob, copied)) = copies.next().await {
            match copied {
                Ok(content) => {
                    self.new_bytes += content.size;
                    self.present.insert(data_key(key), content.size);
                    let entry = BlobEntry { key: key.clone(), content, record: blob.record.clone() };
                    self.known.insert(key.clone(), entry);
                }
                Err(error @ (Error::Corrupt(_) | Error::NotFound(_))) => {
                    missed.insert(key.clone(), error.to_string());
                }
                Err(error) => return Err(error.into()),
            }
            done += blob.size;
            progress(done, all);
        }
        progress(all, all);
        Ok(missed)
    }

    async fn finish(mut self, from: &Path, snapshots: &Path, at: String, instance: String) -> Result<Made> {
        let databases = ["records.sqlite", "events.sqlite"].map(|name| (name, snapshots.join(name)));
        let secrets = SECRETS.map(|name| (name, from.join(name))).into_iter().filter(|(_, path)| path.exists());
        let mut files = Vec::new();
        for (name, path) in databases.into_iter().chain(secrets) {
            let stream = copy::of_file(&path).await?;
            let content = copy::into_blob(stream, &self.repository.blobs, &file_key(&at, name)).await?;
            self.new_bytes += content.size;
            files.push(FileEntry { name: name.to_owned(), content });
        }
        let wanted = std::mem::take(&mut self.wanted);
        let copied = wanted.into_iter().filter(|(key, _)| !self.missed.contains_key(key));
        let blobs = copied.filter_map(|(key, _)| self.known.remove(&key)).collect();
        let damaged: Vec<String> = self.missed.into_iter().map(|(key, what)| format!("{key}: {what}")).collect();
        let made_by = env!("CARGO_PKG_VERSION").to_owned();
        let manifest = Manifest { v: FORMAT, made_by, instance, files, blobs, damaged: damaged.clone() };
        self.repository.check_lock()?;
        self.repository.put_manifest(&at, &manifest).await?;
        Ok(Made {
            at,
            files: manifest.files.len() + manifest.blobs.len(),
            bytes: manifest.bytes(),
            new_bytes: self.new_bytes,
            damaged,
            pruned: 0,
        })
    }
}

/// Copies a blob. One that is `taken` there is of a backup that was not finished, or of other content.
async fn copy_blob(
    source: &ChecksummedBlobs<ObjectStoreBlobs>,
    to: &ObjectStoreBlobs,
    key: &str,
    taken: bool,
) -> Result<Content, Error> {
    let target = data_key(key);
    if taken {
        to.delete(&target).await?;
    }
    copy::into_blob(source.read(key, None).await?, to, &target).await
}

fn file_bytes(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}
