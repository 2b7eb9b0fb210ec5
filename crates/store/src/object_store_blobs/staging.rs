//! The folders of unfinished uploads, one for each writer, with a lock that says whether the writer lives.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use object_store::path::Path;

use super::error::NAME;
use super::layout::INCOMING;
use crate::{Error, Result};

/// The file of a writer's folder that the writer has locked as long as it lives.
const LOCK: &str = "lock";

/// The folder of all unfinished uploads.
#[derive(Debug)]
pub(super) struct Staging {
    pub(super) incoming: PathBuf,
    next: AtomicU64,
}

impl Staging {
    pub(super) fn new(incoming: PathBuf) -> Self {
        Self { incoming, next: AtomicU64::new(0) }
    }

    /// A new folder, locked.
    pub(super) fn stage(&self) -> io::Result<Staged> {
        loop {
            let name = format!("{}-{}", std::process::id(), self.next.fetch_add(1, Ordering::Relaxed));
            let folder = self.incoming.join(&name);
            match fs::create_dir(&folder) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                made => made?,
            }
            // Until the lock is held, another process may take the folder for an abandoned one.
            let locked = File::options().write(true).create_new(true).open(folder.join(LOCK)).and_then(|lock| {
                lock.lock()?;
                Ok(lock)
            });
            match locked {
                Ok(lock) if folder.join(LOCK).exists() => return Ok(Staged { name, folder, _lock: lock }),
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    let _ = fs::remove_dir_all(&folder);
                    return Err(error);
                }
                _ => {}
            }
        }
    }

    /// Removes the uploads of writers that no longer live, also the files that earlier builds left.
    pub(super) fn remove_abandoned(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.incoming)? {
            let path = entry?.path();
            let folder = path.is_dir();
            let lock = if folder { path.join(LOCK) } else { path.clone() };
            // Held while the upload is removed.
            let _held = match File::options().write(true).open(lock) {
                Ok(lock) if lock.try_lock().is_ok() => Some(lock),
                Ok(_) => continue,
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            };
            let removed = if folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            match removed {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The folder of an unfinished upload, removed when let go of.
#[derive(Debug)]
pub(super) struct Staged {
    name: String,
    folder: PathBuf,
    _lock: File,
}

impl Staged {
    /// The object that is written.
    pub(super) fn object(&self) -> Result<Path> {
        Path::parse(format!("{INCOMING}/{}/blob", self.name)).map_err(|error| Error::backend(NAME, error))
    }

    #[cfg(test)]
    pub(super) fn folder(&self) -> &std::path::Path {
        &self.folder
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // What cannot be removed now is removed as abandoned at the next start.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_holds_is_abandoned() {
        let root = tempfile::tempdir().expect("directory");
        let staging = Staging::new(root.path().to_owned());
        let held: Vec<_> = (0..8).map(|_| staging.stage().expect("staged")).collect();
        for n in 0..8 {
            let folder = root.path().join(format!("dead-{n}"));
            fs::create_dir(&folder).expect("folder");
            if n % 2 == 0 {
                fs::write(folder.join(LOCK), "").expect("lock");
            }
            fs::write(root.path().join(format!("file-{n}")), "of an earlier build").expect("file");
        }
        staging.remove_abandoned().expect("removed");
        let mut left: Vec<_> =
            fs::read_dir(root.path()).expect("list").map(|entry| entry.expect("entry").path()).collect();
        let mut expected: Vec<_> = held.iter().map(|staged| staged.folder().to_owned()).collect();
        left.sort();
        expected.sort();
        assert_eq!(left, expected);
        drop(held);
        assert_eq!(fs::read_dir(root.path()).expect("list").count(), 0);
    }
}
