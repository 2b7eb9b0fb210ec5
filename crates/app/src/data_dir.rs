//! The data directory: its files, its lock and its credentials.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

/// An open data directory. At most one server uses a directory at a time; the lock ends with the process, however it
/// ends.
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory if needed and locks it.
    pub fn open(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("cannot make the data directory {}", path.display()))?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.with_context(|| format!("cannot open {}", lock_path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("the data directory {} is in use by another tastemaker process", path.display())
            }
            Err(TryLockError::Error(e)) => Err(e).with_context(|| format!("cannot lock {}", lock_path.display())),
        }
    }

    /// SQLite file of resource records.
    pub fn records(&self) -> PathBuf {
        self.path.join("records.sqlite")
    }

    /// SQLite file of streamed events.
    pub fn events(&self) -> PathBuf {
        self.path.join("events.sqlite")
    }

    /// Directory of blobs.
    pub fn blobs(&self) -> PathBuf {
        self.path.join("blobs")
    }
}

/// The keys of a data directory, made on first use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// For `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// For `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// For the `/recommendations` family on listeners that others can reach.
    pub recommendations_token: String,
}

impl Credentials {
    /// Reads the directory's credentials, or makes them (file mode 0600).
    pub fn load_or_create(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("cannot make the data directory {}", path.display()))?;
        let file = path.join("credentials.json");
        if let Some(found) = Self::load(&file)? {
            return Ok(found);
        }
        let made = Self::random();
        let fresh = path.join(format!("credentials.{}.tmp", std::process::id()));
        write_private(&fresh, &serde_json::to_vec_pretty(&made)?)?;
        // A hard link never replaces: of two processes that start at once, one wins and both read the same keys.
        let linked = fs::hard_link(&fresh, &file);
        fs::remove_file(&fresh).ok();
        match linked {
            Ok(()) => Ok(made),
            Err(_) => Self::load(&file)?.with_context(|| format!("cannot write {}", file.display())),
        }
    }

    fn load(file: &Path) -> Result<Option<Self>> {
        match fs::read(file) {
            Ok(bytes) => {
                let found = serde_json::from_slice(&bytes);
                Ok(Some(found.with_context(|| format!("{} is damaged; delete it to get new keys", file.display()))?))
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e).with_context(|| format!("cannot read {}", file.display())),
        }
    }

    fn random() -> Self {
        let random = || uuid::Uuid::new_v4().simple().to_string();
        Self {
            access_key_id: format!("TM{}", &random().to_uppercase()[..18]),
            secret_access_key: format!("{}{}", random(), &random()[..8]),
            recommendations_token: random(),
        }
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_made_once_and_private() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("data");
        let first = Credentials::load_or_create(&path)?;
        assert_eq!(first, Credentials::load_or_create(&path)?);
        assert_eq!(first.access_key_id.len(), 20);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path.join("credentials.json"))?.permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(path.join("credentials.json"), "{")?;
        let error = Credentials::load_or_create(&path).expect_err("damaged");
        assert!(error.to_string().contains("credentials.json is damaged"), "{error}");
        Ok(())
    }

    #[test]
    fn one_process_at_a_time() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let held = DataDir::open(dir.path())?;
        let error = DataDir::open(dir.path()).err().map(|e| e.to_string());
        assert!(error.is_some_and(|e| e.contains("in use by another tastemaker process")));
        drop(held);
        DataDir::open(dir.path()).map(|_| ())
    }
}
