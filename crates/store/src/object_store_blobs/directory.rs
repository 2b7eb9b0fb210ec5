//! Blobs as files in a local directory, safe against power loss where `fsync` is honest.
//!
//! `object_store` writes a file, syncs it, links it to its name and syncs the folder of that name. Here is what it leaves to
//! its user: new folders ([`Folders`]), and the files of writers that died ([`Staging`]).

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::NAME;
use super::file_work::blocking;
use super::folders::{Folders, make_root};
use super::layout::{BLOBS, INCOMING};
use super::staging::{Staged, Staging};
use crate::{BlobMeta, Error, Result, check_blob_key};
use object_store::local::LocalFileSystem;

/// The folders and locks of a local directory beside its object store.
#[derive(Debug)]
pub(super) struct Directory {
    folders: Folders,
    staging: Staging,
}

impl Directory {
    /// Opens or makes a directory with its object store, and removes what writers that died had not finished.
    pub(super) async fn open(root: PathBuf) -> Result<(LocalFileSystem, Self)> {
        blocking(move || {
            let (blobs, incoming) = (root.join(BLOBS), root.join(INCOMING));
            for directory in [&blobs, &incoming] {
                make_root(directory).map_err(|error| at(directory, error))?;
            }
            if root.to_str().is_none() {
                // The local store panics on such a path when a key is taken.
                return Err(at(&root, io::Error::new(ErrorKind::InvalidFilename, "the path is not valid UTF-8")));
            }
            let staging = Staging::new(incoming);
            staging.remove_abandoned().map_err(|error| at(&staging.incoming, error))?;
            let store = LocalFileSystem::new_with_prefix(&root).map_err(|error| Error::backend(NAME, error))?;
            Ok((store.with_fsync(true), Self { folders: Folders::new(blobs), staging }))
        })
        .await
    }

    /// A new folder for an upload.
    pub(super) async fn stage(self: &Arc<Self>) -> Result<Staged> {
        let directory = self.clone();
        blocking(move || directory.staging.stage().map_err(|error| at(&directory.staging.incoming, error))).await
    }

    /// Makes the folders that lead to a key.
    pub(super) async fn make_durable_folders(self: &Arc<Self>, key: &str) -> Result<()> {
        let (directory, key) = (self.clone(), key.to_owned());
        blocking(move || {
            directory.folders.make_durable(&key).map_err(|error| match error.kind() {
                // A parent that is a file is a blob whose key is a directory of this one.
                ErrorKind::AlreadyExists | ErrorKind::NotADirectory => Error::Conflict(key.clone()),
                _ => Error::from_io(NAME, &key, error),
            })
        })
        .await
    }

    /// The blobs below a folder. The list of the local store ends at the first name that is no text; this passes over it.
    pub(super) async fn walk(self: &Arc<Self>, folder: &str) -> Result<Vec<BlobMeta>> {
        let (directory, folder) = (self.clone(), folder.to_owned());
        blocking(move || {
            let mut found = Vec::new();
            walk(&directory.folders.root.join(&folder), &folder, &mut found)
                .map_err(|error| Error::from_io(NAME, &folder, error))?;
            Ok(found)
        })
        .await
    }
}

/// Gathers the blobs below `folder`, whose key is `name`.
fn walk(folder: &Path, name: &str, found: &mut Vec<BlobMeta>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        let Ok(part) = entry.file_name().into_string() else { continue };
        let key = if name.is_empty() { part } else { format!("{name}/{part}") };
        // Of what a link leads to.
        let meta = match fs::metadata(entry.path()) {
            // Deleted while the folder was read, or a link to nothing.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            other => other?,
        };
        if meta.is_dir() {
            // A linked folder may lead back to where it is.
            if entry.file_type()?.is_dir() {
                walk(&entry.path(), &key, found)?;
            }
        } else if meta.is_file() && check_blob_key(&key).is_ok() {
            found.push(BlobMeta { key, size: meta.len() });
        }
    }
    Ok(())
}

fn at(path: &Path, error: io::Error) -> Error {
    Error::from_io(NAME, &path.display().to_string(), error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Blobs, BlobsExt, ObjectStoreBlobs};
    use std::sync::atomic::{AtomicU64, Ordering};

    /// The size of a part of a file that is written.
    const PART_BYTES: usize = 1 << 20;

    #[tokio::test]
    async fn conforms() {
        let root = tempfile::tempdir().expect("directory");
        let next = AtomicU64::new(0);
        let factory = async || {
            let path = root.path().join(next.fetch_add(1, Ordering::Relaxed).to_string());
            Arc::new(ObjectStoreBlobs::open_directory(path).await.expect("open")) as Arc<dyn Blobs>
        };
        crate::conformance::blobs::run_all(factory).await;
    }

    #[tokio::test]
    async fn opening_again_keeps_blobs_and_removes_only_abandoned_writers() {
        let root = tempfile::tempdir().expect("directory");
        let blobs = ObjectStoreBlobs::open_directory(root.path()).await.expect("open");
        blobs.put("a/b", "kept".into()).await.expect("put");
        let mut writer = blobs.writer("c").await.expect("writer");
        writer.write("half".into()).await.expect("write");
        fs::write(root.path().join("incoming/0-0"), "left by a process that died").expect("write");

        let again = ObjectStoreBlobs::open_directory(root.path()).await.expect("open again");
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
        let blobs = ObjectStoreBlobs::open_directory(root.path()).await.expect("open");
        blobs.put("a", "x".into()).await.expect("put");
        assert!(matches!(blobs.put("a/b", "x".into()).await, Err(Error::Conflict(_))));
        blobs.put("d/e", "x".into()).await.expect("put");
        assert!(matches!(blobs.put("d", "x".into()).await, Err(Error::Conflict(_))));
    }

    /// A directory as builds before `object_store` wrote it.
    fn old_directory() -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("directory");
        for folder in ["incoming", "blobs/s3/0f", "blobs/models/v-1"] {
            fs::create_dir_all(root.path().join(folder)).expect("made");
        }
        for (file, body) in [
            ("blobs/top", "at the top"),
            ("blobs/s3/0f/0f1d2c3b", "an upload"),
            ("blobs/models/v-1/weights.safetensors", "a model"),
            ("blobs/models/v-1/empty", ""),
            ("incoming/4711-0", "of a writer that died"),
        ] {
            fs::write(root.path().join(file), body).expect("written");
        }
        root
    }

    fn files(root: &Path) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("list") {
                let path = entry.expect("entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path.strip_prefix(root).expect("below").display().to_string());
                }
            }
        }
        files.sort_unstable();
        files
    }

    #[tokio::test]
    async fn a_directory_of_earlier_builds_opens_unchanged() {
        let root = old_directory();
        let blobs = ObjectStoreBlobs::open_directory(root.path()).await.expect("open");
        let found: Vec<_> =
            blobs.list("").await.expect("list").into_iter().map(|BlobMeta { key, size }| (key, size)).collect();
        let expected =
            [("models/v-1/empty", 0), ("models/v-1/weights.safetensors", 7), ("s3/0f/0f1d2c3b", 9), ("top", 10)];
        assert_eq!(found, expected.map(|(key, size)| (key.to_owned(), size)));
        assert_eq!(&blobs.read_all("s3/0f/0f1d2c3b").await.expect("read")[..], b"an upload");
        assert!(matches!(blobs.put("top", "other".into()).await, Err(Error::Conflict(_))));
        blobs.delete("models/v-1/empty").await.expect("delete");
        blobs.put("models/v-2/weights.safetensors", "another model".into()).await.expect("put");
        let mut writer = blobs.writer("s3/0f/streamed").await.expect("writer");
        writer.write("piece".into()).await.expect("write");
        writer.finish().await.expect("finish");
        let left = [
            "blobs/models/v-1/weights.safetensors",
            "blobs/models/v-2/weights.safetensors",
            "blobs/s3/0f/0f1d2c3b",
            "blobs/s3/0f/streamed",
            "blobs/top",
        ];
        assert_eq!(files(root.path()), left, "the names that earlier builds give, and nothing beside them");
        assert_eq!(fs::read(root.path().join("blobs/s3/0f/streamed")).expect("read"), b"piece");
    }

    #[tokio::test]
    async fn the_path_of_a_directory_may_be_odd() {
        let root = tempfile::tempdir().expect("directory");
        let path = root.path().join("a #1 %20 ü?/data");
        let blobs = ObjectStoreBlobs::open_directory(&path).await.expect("open");
        blobs.put("a/b", "x".into()).await.expect("put");
        assert_eq!(fs::read(path.join("blobs/a/b")).expect("read"), b"x");
        assert_eq!(blobs.list("a/").await.expect("list").len(), 1);
        std::os::unix::fs::symlink(&path, root.path().join("link")).expect("link");
        let through = ObjectStoreBlobs::open_directory(root.path().join("link")).await.expect("open");
        through.put("a/c", "y".into()).await.expect("put");
        assert_eq!(blobs.list("a/").await.expect("list").len(), 2);
        let bytes = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"\xff");
        let refused = ObjectStoreBlobs::open_directory(root.path().join(bytes)).await.expect_err("refused");
        assert!(refused.to_string().contains("not valid UTF-8"), "{refused}");
    }

    #[tokio::test]
    async fn keys_do_not_leave_the_directory() {
        let root = tempfile::tempdir().expect("directory");
        fs::write(root.path().join("outside"), "mine").expect("write");
        let blobs = ObjectStoreBlobs::open_directory(root.path().join("data")).await.expect("open");
        for key in ["../../outside", "../incoming", "/outside", "%2e%2e/outside", "", "a/../../../outside"] {
            assert!(matches!(blobs.read(key, None).await.err(), Some(Error::NotFound(what)) if what == key), "{key}");
            assert!(matches!(blobs.head(key).await, Err(Error::NotFound(what)) if what == key), "{key}");
            assert!(blobs.put(key, "x".into()).await.is_err(), "{key}");
            blobs.delete(key).await.expect("an absent blob is no error");
            assert!(blobs.list(key).await.expect("list").is_empty(), "{key}");
        }
        assert_eq!(files(root.path()), ["outside"]);
    }

    #[tokio::test]
    async fn links_to_nothing_hide_no_blob_and_links_to_themselves_are_told() {
        let root = tempfile::tempdir().expect("directory");
        let blobs = ObjectStoreBlobs::open_directory(root.path()).await.expect("open");
        let folder = root.path().join("blobs/a");
        for n in 0..16 {
            blobs.put(&format!("a/{n}"), "x".into()).await.expect("put");
            std::os::unix::fs::symlink("nowhere", folder.join(format!("broken{n}"))).expect("link");
        }
        assert_eq!(blobs.list("a/").await.expect("list").len(), 16);
        std::os::unix::fs::symlink("itself", folder.join("itself")).expect("link");
        assert!(blobs.list("a/").await.is_err(), "a file that cannot be looked at may be a blob");
    }

    #[test]
    fn a_walk_passes_over_what_is_no_blob_and_tells_what_it_cannot_look_at() {
        use std::os::unix::ffi::OsStringExt;
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().expect("directory");
        let folder = folder.path();
        for n in 0..16_u8 {
            std::fs::write(folder.join(format!("{n}")), "xy").expect("write");
            symlink("nowhere", folder.join(format!("broken{n}"))).expect("link");
            let no_text = std::ffi::OsString::from_vec(vec![b'n', 0xff, b'a' + n]);
            std::fs::write(folder.join(no_text), "x").expect("write");
        }
        let mut found = Vec::new();
        walk(folder, "a", &mut found).expect("walked");
        let mut keys: Vec<_> = found.into_iter().map(|meta| (meta.key, meta.size)).collect();
        keys.sort();
        let mut expected: Vec<_> = (0..16).map(|n| (format!("a/{n}"), 2)).collect();
        expected.sort();
        assert_eq!(keys, expected);
        symlink("itself", folder.join("itself")).expect("link");
        assert!(walk(folder, "a", &mut Vec::new()).is_err());
    }

    #[tokio::test]
    async fn files_that_are_no_blobs_are_not_listed() {
        let root = tempfile::tempdir().expect("directory");
        let blobs = ObjectStoreBlobs::open_directory(root.path()).await.expect("open");
        blobs.put("a/b", "x".into()).await.expect("put");
        let folder = root.path().join("blobs/a");
        for name in ["with space", "ü", "b#1", "100%", "%2e%2e"] {
            fs::write(folder.join(name), "left by a tool").expect("write");
        }
        std::os::unix::fs::symlink("nowhere", folder.join("broken")).expect("link");
        let keys = |found: Vec<BlobMeta>| found.into_iter().map(|blob| blob.key).collect::<Vec<_>>();
        for prefix in ["", "a", "a/", "a/b"] {
            assert_eq!(keys(blobs.list(prefix).await.expect("list")), ["a/b"], "{prefix}");
        }
        let no_text = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"\xff");
        for name in [no_text, std::ffi::OsStr::new("new\nline")] {
            fs::write(folder.join(name), "left by a tool").expect("write");
            for prefix in ["", "a", "a/", "a/b"] {
                assert_eq!(keys(blobs.list(prefix).await.expect("list")), ["a/b"], "{prefix}");
            }
            assert!(blobs.list("b").await.expect("list").is_empty());
            fs::remove_file(folder.join(name)).expect("removed");
        }
    }

    #[tokio::test]
    async fn an_upload_without_a_living_writer_is_removed() {
        let root = tempfile::tempdir().expect("directory");
        let staging = || Staging::new(root.path().to_owned());
        let living = staging().stage().expect("staged");
        let other = staging().stage().expect("staged");
        assert_ne!(living.folder(), other.folder(), "two stores of one process");
        fs::create_dir(root.path().join("0-0")).expect("made");
        fs::write(root.path().join("0-0/blob#1"), "half").expect("written");
        fs::create_dir(root.path().join("0-1")).expect("made");
        fs::write(root.path().join("0-1/lock"), "").expect("written");
        drop(other);
        staging().remove_abandoned().expect("removed");
        let left: Vec<_> = fs::read_dir(root.path()).expect("list").map(|entry| entry.expect("entry").path()).collect();
        assert_eq!(left, [living.folder()]);
    }

    #[tokio::test]
    async fn a_writer_that_was_stopped_never_finishes() {
        let root = tempfile::tempdir().expect("directory");
        let blobs = ObjectStoreBlobs::open_directory(root.path()).await.expect("open");
        let mut writer = blobs.writer("k").await.expect("writer");
        {
            let part = writer.write(vec![1; PART_BYTES].into());
            futures::pin_mut!(part);
            let _ = futures::poll!(&mut part);
        }
        // The part was either written at once or its future was let go of in the middle.
        match writer.finish().await {
            Ok(meta) => assert_eq!(meta.size, PART_BYTES as u64),
            Err(_) => assert!(blobs.head("k").await.is_err()),
        }
        assert!(files(root.path()).len() <= 1);
    }
}
