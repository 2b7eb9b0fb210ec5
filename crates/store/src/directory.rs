//! Blobs as files in a local directory.
//!
//! A blob is written to `incoming/`, synced, linked to its name below `blobs/`, and the directories that lead to it are
//! synced, before it is acknowledged: it is either absent or whole, also after a power loss. Own code, because
//! `object_store`'s local store syncs nothing before 0.14.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::task::spawn_blocking;

use crate::{BlobMeta, BlobStream, BlobWriter, Blobs, Error, Result, check_blob_key};

const NAME: &str = "directory";

/// Bytes read from a file at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// [`Blobs`] in a local directory, safe against power loss where `fsync` is honest. Several processes may share it.
#[derive(Clone, Debug)]
pub struct DirectoryBlobs {
    paths: Arc<Paths>,
}

#[derive(Debug)]
struct Paths {
    blobs: PathBuf,
    incoming: PathBuf,
    next_incoming: AtomicU64,
}

impl DirectoryBlobs {
    /// Opens or makes the directory, and removes what writers that died had not finished.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let root = path.into();
        blocking(move || {
            let paths =
                Paths { blobs: root.join("blobs"), incoming: root.join("incoming"), next_incoming: AtomicU64::new(0) };
            for directory in [&paths.blobs, &paths.incoming] {
                create_directory(directory).map_err(|error| at(directory, error))?;
            }
            remove_abandoned(&paths.incoming).map_err(|error| at(&paths.incoming, error))?;
            Ok(Self { paths: Arc::new(paths) })
        })
        .await
    }
}

fn at(path: &Path, error: io::Error) -> Error {
    Error::from_io(NAME, &path.display().to_string(), error)
}

/// Runs file work on a thread that may wait.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(error) => Err(Error::backend(NAME, error)),
    }
}

fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Like `create_dir_all`, and durable: each new directory's parent is synced.
fn create_directory(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Err(io::Error::from(ErrorKind::NotFound)),
    };
    create_directory(parent)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => {}
        other => other?,
    }
    sync_directory(parent)
}

/// Removes the unfinished files of writers that no longer live: a living one holds a lock on its file.
fn remove_abandoned(incoming: &Path) -> io::Result<()> {
    for entry in fs::read_dir(incoming)? {
        let path = entry?.path();
        match File::open(&path) {
            Ok(file) if file.try_lock().is_ok() => match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            },
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

impl Paths {
    fn blob(&self, key: &str) -> PathBuf {
        self.blobs.join(key)
    }

    /// A new, locked file in `incoming/`.
    fn create_incoming(&self) -> Result<(File, Incoming)> {
        loop {
            let n = self.next_incoming.fetch_add(1, Ordering::Relaxed);
            let path = self.incoming.join(format!("{}-{n}", std::process::id()));
            match File::options().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    file.lock().map_err(|error| at(&path, error))?;
                    return Ok((file, Incoming { path }));
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(at(&path, error)),
            }
        }
    }

    /// Makes a complete file durable, then visible under its key.
    fn publish(&self, file: &File, incoming: &Incoming, key: &str) -> Result<BlobMeta> {
        let target = self.blob(key);
        let told = |error: io::Error| match error.kind() {
            // A parent that is a file is a blob whose key is a directory of this one.
            ErrorKind::AlreadyExists | ErrorKind::NotADirectory => Error::Conflict(key.to_owned()),
            _ => Error::from_io(NAME, key, error),
        };
        file.sync_all().map_err(told)?;
        let size = file.metadata().map_err(told)?.len();
        let directory = target.parent().unwrap_or(&self.blobs);
        create_directory(directory).map_err(told)?;
        match fs::hard_link(&incoming.path, &target) {
            Ok(()) => {}
            // File systems without links: a rename is as durable, and keys are fresh, so no rival is replaced in practice.
            Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {
                if target.exists() {
                    return Err(Error::Conflict(key.to_owned()));
                }
                fs::rename(&incoming.path, &target).map_err(told)?;
            }
            Err(error) => return Err(told(error)),
        }
        sync_directory(directory).map_err(told)?;
        Ok(BlobMeta { key: key.to_owned(), size })
    }
}

/// An unfinished file, removed when let go of.
struct Incoming {
    path: PathBuf,
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // What cannot be removed now is removed as abandoned at the next start.
        let _ = fs::remove_file(&self.path);
    }
}

struct Writer {
    paths: Arc<Paths>,
    key: String,
    file: tokio::fs::File,
    incoming: Incoming,
}

#[async_trait]
impl BlobWriter for Writer {
    async fn write(&mut self, chunk: Bytes) -> Result<()> {
        self.file.write_all(&chunk).await.map_err(|error| Error::from_io(NAME, &self.key, error))
    }

    async fn finish(mut self: Box<Self>) -> Result<BlobMeta> {
        self.file.flush().await.map_err(|error| Error::from_io(NAME, &self.key, error))?;
        let Self { paths, key, file, incoming } = *self;
        let file = file.into_std().await;
        blocking(move || paths.publish(&file, &incoming, &key)).await
    }
}

#[async_trait]
impl Blobs for DirectoryBlobs {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        check_blob_key(key)?;
        let (paths, key) = (self.paths.clone(), key.to_owned());
        blocking(move || {
            let (mut file, incoming) = paths.create_incoming()?;
            io::Write::write_all(&mut file, &body).map_err(|error| Error::from_io(NAME, &key, error))?;
            paths.publish(&file, &incoming, &key).map(|_| ())
        })
        .await
    }

    async fn writer(&self, key: &str) -> Result<Box<dyn BlobWriter>> {
        check_blob_key(key)?;
        let (paths, key) = (self.paths.clone(), key.to_owned());
        blocking(move || {
            let (file, incoming) = paths.create_incoming()?;
            let file = tokio::fs::File::from_std(file);
            Ok(Box::new(Writer { paths, key, file, incoming }) as Box<dyn BlobWriter>)
        })
        .await
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<BlobStream> {
        let (file, size) = self.open_blob(key).await?;
        let (start, end) = range.map_or((0, size), |range| (range.start.min(size), range.end.min(size)));
        let left = end.saturating_sub(start);
        let key = key.to_owned();
        let chunks = futures::stream::try_unfold((file, start, left), move |(mut file, start, left)| {
            let key = key.clone();
            async move {
                if left == 0 {
                    return Ok(None);
                }
                let read = blocking(move || {
                    let mut chunk = vec![0; left.min(CHUNK_BYTES as u64) as usize];
                    let filled = file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut chunk));
                    match filled {
                        Ok(()) => Ok((Bytes::from(chunk), file)),
                        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                            Err(Error::Corrupt(format!("{key}: the file became shorter than {size} bytes")))
                        }
                        Err(error) => Err(Error::from_io(NAME, &key, error)),
                    }
                });
                let (chunk, file) = read.await?;
                let len = chunk.len() as u64;
                Ok(Some((chunk, (file, start + len, left - len))))
            }
        });
        Ok(chunks.boxed())
    }

    async fn head(&self, key: &str) -> Result<BlobMeta> {
        let (_, size) = self.open_blob(key).await?;
        Ok(BlobMeta { key: key.to_owned(), size })
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobMeta>> {
        let (paths, prefix) = (self.paths.clone(), prefix.to_owned());
        blocking(move || {
            let directory = prefix.rsplit_once('/').map_or("", |(directory, _)| directory);
            if !directory.is_empty() && check_blob_key(directory).is_err() {
                return Ok(Vec::new());
            }
            let mut found = Vec::new();
            walk(&paths.blob(directory), directory, &prefix, &mut found)
                .map_err(|error| Error::from_io(NAME, &prefix, error))?;
            found.sort_unstable_by(|a, b| a.key.cmp(&b.key));
            Ok(found)
        })
        .await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        if check_blob_key(key).is_err() {
            return Ok(());
        }
        let (path, key) = (self.paths.blob(key), key.to_owned());
        blocking(move || match fs::remove_file(path) {
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Err(Error::from_io(NAME, &key, error))
            }
            _ => Ok(()),
        })
        .await
    }
}

impl DirectoryBlobs {
    async fn open_blob(&self, key: &str) -> Result<(File, u64)> {
        if check_blob_key(key).is_err() {
            return Err(Error::NotFound(key.to_owned()));
        }
        let (path, key) = (self.paths.blob(key), key.to_owned());
        blocking(move || {
            let told = |error: io::Error| match error.kind() {
                ErrorKind::NotADirectory => Error::NotFound(key.clone()),
                _ => Error::from_io(NAME, &key, error),
            };
            let file = File::open(path).map_err(told)?;
            let meta = file.metadata().map_err(told)?;
            if meta.is_file() { Ok((file, meta.len())) } else { Err(Error::NotFound(key)) }
        })
        .await
    }
}

/// Gathers the blobs below `directory`, whose key is `name`, that start with `prefix`.
fn walk(directory: &Path, name: &str, prefix: &str, found: &mut Vec<BlobMeta>) -> io::Result<()> {
    let entries = match fs::read_dir(directory) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        let Ok(part) = entry.file_name().into_string() else { continue };
        let key = if name.is_empty() { part } else { format!("{name}/{part}") };
        let meta = match entry.metadata() {
            // Deleted while the directory was read.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            other => other?,
        };
        if meta.is_dir() {
            let may_hold = format!("{key}/");
            if may_hold.starts_with(prefix) || prefix.starts_with(&may_hold) || key.starts_with(prefix) {
                walk(&entry.path(), &key, prefix, found)?;
            }
        } else if key.starts_with(prefix) {
            found.push(BlobMeta { key, size: meta.len() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BlobsExt;

    #[tokio::test]
    async fn conforms() {
        let root = tempfile::tempdir().expect("directory");
        let next = AtomicU64::new(0);
        let factory = async || {
            let path = root.path().join(next.fetch_add(1, Ordering::Relaxed).to_string());
            Arc::new(DirectoryBlobs::open(path).await.expect("open")) as Arc<dyn Blobs>
        };
        crate::conformance::blobs::run_all(factory).await;
    }

    #[tokio::test]
    async fn opening_again_keeps_blobs_and_removes_only_abandoned_writers() {
        let root = tempfile::tempdir().expect("directory");
        let blobs = DirectoryBlobs::open(root.path()).await.expect("open");
        blobs.put("a/b", "kept".into()).await.expect("put");
        let mut writer = blobs.writer("c").await.expect("writer");
        writer.write("half".into()).await.expect("write");
        fs::write(root.path().join("incoming/0-0"), "left by a process that died").expect("write");

        let again = DirectoryBlobs::open(root.path()).await.expect("open again");
        let left = fs::read_dir(root.path().join("incoming")).expect("list").count();
        assert_eq!(left, 1, "the living writer's file stays, the abandoned one goes");
        writer.finish().await.expect("finish");
        assert_eq!(&again.read_all("c").await.expect("read")[..], b"half");
        assert_eq!(&again.read_all("a/b").await.expect("read")[..], b"kept");
        assert_eq!(fs::read_dir(root.path().join("incoming")).expect("list").count(), 0);
    }

    #[tokio::test]
    async fn a_key_is_no_directory_of_another() {
        let root = tempfile::tempdir().expect("directory");
        let blobs = DirectoryBlobs::open(root.path()).await.expect("open");
        blobs.put("a", "x".into()).await.expect("put");
        assert!(matches!(blobs.put("a/b", "x".into()).await, Err(Error::Conflict(_))));
        blobs.put("d/e", "x".into()).await.expect("put");
        assert!(matches!(blobs.put("d", "x".into()).await, Err(Error::Conflict(_))));
    }
}
