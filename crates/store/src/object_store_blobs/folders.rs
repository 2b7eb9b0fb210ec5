//! Folders that survive a power loss.
//!
//! `object_store` syncs the parents of the folders that it makes itself. A folder that it finds may have been made a moment
//! ago by a writer that has not synced it yet, or by a process that died before it did; what is put there would be
//! acknowledged and lost. So the parent of each folder is synced once by each process that puts something into it.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

/// The folders below a root, each synced into its parent at its first use.
#[derive(Debug)]
pub(super) struct Folders {
    pub(super) root: PathBuf,
    durable: Mutex<HashSet<PathBuf>>,
}

impl Folders {
    /// The folders below `root`, which is durable.
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, durable: Mutex::default() }
    }

    /// Makes the folders of a key with a directory's syncs.
    pub(super) fn make_durable(&self, key: &str) -> io::Result<()> {
        self.make_durable_with(key, sync_folder)
    }

    /// As [`make_durable`](Self::make_durable); `sync` makes a folder's entries durable.
    fn make_durable_with(&self, key: &str, sync: impl Fn(&Path) -> io::Result<()>) -> io::Result<()> {
        let mut parent = self.root.clone();
        let mut segments = key.split('/');
        segments.next_back();
        for segment in segments {
            let folder = parent.join(segment);
            if !self.durable.lock().contains(&folder) {
                make_folder(&folder)?;
                sync(&parent)?;
                self.durable.lock().insert(folder.clone());
            }
            parent = folder;
        }
        Ok(())
    }
}

/// Like `create_dir_all`, and durable: each new folder's parent is synced.
pub(super) fn make_root(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Err(io::Error::from(ErrorKind::NotFound)),
    };
    make_root(parent)?;
    make_folder(path)?;
    sync_folder(parent)
}

/// Makes one folder, if it is not there.
fn make_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

/// Makes the entries of a folder durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The folders that were synced for a key, relative to the root.
    fn synced(folders: &Folders, key: &str) -> Vec<String> {
        let synced = Mutex::new(Vec::new());
        let sync = |folder: &Path| {
            assert!(folder.is_dir());
            let relative = folder.strip_prefix(&folders.root).expect("below the root");
            synced.lock().push(relative.to_string_lossy().into_owned());
            Ok(())
        };
        folders.make_durable_with(key, sync).expect("made");
        synced.into_inner()
    }

    #[test]
    fn the_parent_of_a_folder_is_synced_at_its_first_use() {
        let root = tempfile::tempdir().expect("directory");
        let folders = Folders::new(root.path().to_owned());
        assert_eq!(synced(&folders, "key"), [""; 0]);
        assert_eq!(
            synced(&folders, "a/b/c/key"),
            ["", "a", "a/b"],
            "from the top, so that each entry leads to the next"
        );
        assert_eq!(synced(&folders, "a/b/c/other"), [""; 0]);
        assert_eq!(synced(&folders, "a/d/key"), ["a"]);
        assert!(root.path().join("a/b/c").is_dir() && root.path().join("a/d").is_dir());
        let another_process = Folders::new(root.path().to_owned());
        assert_eq!(synced(&another_process, "a/b/key"), ["", "a"], "who made a folder may have died before the sync");
    }

    #[test]
    fn a_folder_that_could_not_be_synced_is_synced_again() {
        let root = tempfile::tempdir().expect("directory");
        let folders = Folders::new(root.path().to_owned());
        let failed = folders.make_durable_with("a/key", |_| Err(ErrorKind::StorageFull.into()));
        assert_eq!(failed.expect_err("told").kind(), ErrorKind::StorageFull);
        assert_eq!(synced(&folders, "a/key"), [""]);
    }

    #[test]
    fn a_file_is_no_folder() {
        let root = tempfile::tempdir().expect("directory");
        fs::write(root.path().join("a"), "x").expect("write");
        let folders = Folders::new(root.path().to_owned());
        assert_eq!(folders.make_durable("a/key").expect_err("refused").kind(), ErrorKind::AlreadyExists);
        assert_eq!(folders.make_durable("a/b/key").expect_err("refused").kind(), ErrorKind::AlreadyExists);
    }
}
