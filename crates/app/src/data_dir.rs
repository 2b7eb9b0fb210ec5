//! The data directory: its files, its lock and its credentials.

use crate::auth_config::FirstKey;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tastemaker_console::secrets::Secrets;
use tastemaker_service::ParameterKey;

/// An open data directory. At most one server uses a directory at a time; the lock ends with the process, however it
/// ends.
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory if needed, takes others' rights to it away, locks it, and looks whether its disk has room.
    pub fn open(path: &Path) -> Result<Self> {
        make_private(path)?;
        make_private(&path.join(BLOBS))?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.with_context(|| format!("cannot open {}", lock_path.display()))?;
        match lock_soon(&lock) {
            Ok(()) => {
                check_room(path)?;
                Ok(Self { path: path.to_owned(), _lock: lock })
            }
            Err(TryLockError::WouldBlock) => {
                bail!("the data directory {} is in use by another tastemaker process", path.display())
            }
            Err(TryLockError::Error(e)) => Err(e).with_context(|| format!("cannot lock {}", lock_path.display())),
        }
    }

    /// Notes where the server that uses the directory listens, for the commands that look for it.
    pub fn note_address(&self, address: &str) -> Result<()> {
        let (file, fresh) = (self.path.join(ADDRESS), self.path.join("address.tmp"));
        let written = fs::write(&fresh, address).and_then(|()| fs::rename(&fresh, &file));
        written.with_context(|| format!("cannot write {}", file.display()))
    }

    /// `HOST:PORT` of the server that uses the directory now; `None` when none does. An empty text when it is of an earlier
    /// build, which did not say.
    pub fn running_address(path: &Path) -> Result<Option<String>> {
        let lock_path = path.join("lock");
        let lock = match OpenOptions::new().write(true).open(&lock_path) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot open {}", lock_path.display())),
        };
        match lock.try_lock() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => {
                Ok(Some(fs::read_to_string(path.join(ADDRESS)).unwrap_or_default().trim().to_owned()))
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot look at {}", lock_path.display()))
            }
        }
    }

    /// The secret behind logins to the console, made on first use (file mode 0600). Deleting the file logs everybody out.
    pub fn console_secrets(&self) -> Result<Secrets> {
        if let Some(found) = Self::existing_console_secrets(&self.path)? {
            return Ok(found);
        }
        self.replace_console_secrets(&Secrets::random())?;
        Self::existing_console_secrets(&self.path)?.context("the key of the console cannot be read again")
    }

    /// Puts a secret in the place of the directory's own.
    pub fn replace_console_secrets(&self, secrets: &[u8]) -> Result<()> {
        let fresh = self.path.join("console.key.tmp");
        write_private(&fresh, secrets)?;
        fs::rename(&fresh, self.path.join(CONSOLE_KEY)).context("cannot write the key of the console")?;
        Ok(File::open(&self.path)?.sync_all()?)
    }

    /// The secret of a directory that has one.
    pub fn existing_console_secrets(path: &Path) -> Result<Option<Secrets>> {
        let file = path.join(CONSOLE_KEY);
        match fs::read(&file) {
            Ok(bytes) => {
                let found = Secrets::of(bytes);
                let found =
                    found.with_context(|| format!("{} is damaged; delete it to get a new one", file.display()))?;
                Ok(Some(found))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
        }
    }

    /// The key of SecureString parameters, made on first use (file mode 0600). Without the file their values cannot be read any more.
    pub fn parameter_key(&self) -> Result<ParameterKey> {
        let file = self.path.join(PARAMETER_KEY);
        match fs::read(&file) {
            Ok(bytes) => ParameterKey::of(&bytes).with_context(|| {
                format!("{} is damaged; put it back from a backup, or delete it to get a new one", file.display())
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let made = ParameterKey::random();
                let fresh = self.path.join("parameters.key.tmp");
                write_private(&fresh, made.bytes())?;
                fs::rename(&fresh, &file).with_context(|| format!("cannot write {}", file.display()))?;
                File::open(&self.path)?.sync_all()?;
                Ok(made)
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
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
        self.path.join(BLOBS)
    }
}

/// Locks a file that a command may be holding for the moment in which it looks whether a server runs.
fn lock_soon(lock: &File) -> std::result::Result<(), TryLockError> {
    for _ in 0..LOCK_TRIES {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            locked => return locked,
        }
    }
    lock.try_lock()
}

/// Further tries to lock a directory, and the time between them.
const LOCK_TRIES: usize = 5;
const LOCK_PAUSE: Duration = Duration::from_millis(20);
/// The file with the address of the server that uses the directory.
const ADDRESS: &str = "address";
/// The file with the secret behind logins to the console.
const CONSOLE_KEY: &str = "console.key";
/// The file with the key of SecureString parameters.
const PARAMETER_KEY: &str = "parameters.key";
/// The directory of blobs.
const BLOBS: &str = "blobs";

/// Bytes that a start wants to find free on the disk: what the first commits take.
const ROOM_BYTES: usize = 256 * 1024;

/// Like `create_dir_all`, durable, and with mode 0700. A directory of another owner keeps its mode.
fn make_private(path: &Path) -> Result<()> {
    make_durable(path).with_context(|| format!("cannot make the data directory {}", path.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0
            && let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))
        {
            tracing::warn!(directory = %path.display(), %error, "others may read the data directory");
        }
    }
    Ok(())
}

/// Makes the directory and syncs the entry of each new one into its parent.
fn make_durable(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Err(io::ErrorKind::NotFound.into()),
    };
    make_durable(parent)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        made => made?,
    }
    File::open(parent)?.sync_all()
}

/// Refuses a full disk in plain words, before a database meets it.
fn check_room(path: &Path) -> Result<()> {
    let probe = path.join("room.tmp");
    let written = File::create(&probe).and_then(|mut file| {
        file.write_all(&vec![0x5a; ROOM_BYTES])?;
        file.sync_all()
    });
    fs::remove_file(&probe).ok();
    match written {
        Err(error) if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => bail!(
            "disk full: the data directory {} has no room for {ROOM_BYTES} bytes more; free some space and start again ({error})",
            path.display()
        ),
        Err(error) => Err(error).with_context(|| format!("cannot write to the data directory {}", path.display())),
        Ok(()) => Ok(()),
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
    /// For logins to the console. Files of earlier builds have none, and get one.
    #[serde(default)]
    pub console_token: String,
}

impl Credentials {
    /// The credentials of a directory that has some.
    pub fn existing(path: &Path) -> Result<Option<Self>> {
        Self::load(&path.join("credentials.json"))
    }

    /// Reads the directory's credentials, or makes them (file mode 0600): with the first access key where one is given.
    pub fn load_or_create(path: &Path, first: Option<&FirstKey>) -> Result<Self> {
        make_private(path)?;
        let file = path.join("credentials.json");
        let fresh = path.join(format!("credentials.{}.tmp", std::process::id()));
        if let Some(mut found) = Self::load(&file)? {
            if found.console_token.is_empty() {
                found.console_token = Self::random().console_token;
                found.replace(path)?;
            }
            return Ok(found);
        }
        let made = Self::beginning_with(first);
        write_private(&fresh, &serde_json::to_vec_pretty(&made)?)?;
        // A hard link never replaces: of two processes that start at once, one wins and both read the same keys.
        let linked = fs::hard_link(&fresh, &file);
        fs::remove_file(&fresh).ok();
        match linked {
            Ok(()) => {
                File::open(path)?.sync_all()?;
                Ok(made)
            }
            Err(_) => Self::load(&file)?.with_context(|| format!("cannot write {}", file.display())),
        }
    }

    /// Puts these credentials in the place of those of a directory (file mode 0600).
    pub fn replace(&self, path: &Path) -> Result<()> {
        let file = path.join("credentials.json");
        let fresh = path.join(format!("credentials.{}.tmp", std::process::id()));
        write_private(&fresh, &serde_json::to_vec_pretty(self)?)?;
        fs::rename(&fresh, &file).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(File::open(path)?.sync_all()?)
    }

    /// New ones with the first access key, where one is given.
    fn beginning_with(first: Option<&FirstKey>) -> Self {
        let random = Self::random();
        match first {
            None => random,
            Some(first) => {
                Self { access_key_id: first.id.clone(), secret_access_key: first.secret.reveal().to_owned(), ..random }
            }
        }
    }

    /// Says in the log that the configuration gives another first access key than the data has.
    pub fn tell_of_other_key(&self, first: Option<&FirstKey>) {
        let Some(first) = first else { return };
        let what = if first.id != self.access_key_id {
            "auth.first_access_key_id names another key than the data has, which goes on"
        } else if first.secret.reveal() != self.secret_access_key {
            "auth.first_secret_access_key is not the secret that the key has in the data, which goes on"
        } else {
            return;
        };
        tracing::warn!(
            given = first.id,
            in_use = self.access_key_id,
            "{what}; `tastemaker keys create` makes further keys"
        );
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

    /// New ones, of no directory.
    pub fn random() -> Self {
        let random = || uuid::Uuid::new_v4().simple().to_string();
        Self {
            access_key_id: format!("TM{}", &random().to_uppercase()[..18]),
            secret_access_key: format!("{}{}", random(), &random()[..8]),
            recommendations_token: random(),
            console_token: random() + &random(),
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
        let first = Credentials::load_or_create(&path, None)?;
        assert_eq!(first, Credentials::load_or_create(&path, None)?);
        assert_eq!(first.access_key_id.len(), 20);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path.join("credentials.json"))?.permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let mut earlier = serde_json::to_value(&first)?;
        earlier.as_object_mut().expect("an object").remove("console_token");
        fs::write(path.join("credentials.json"), earlier.to_string())?;
        let later = Credentials::load_or_create(&path, None)?;
        assert_eq!((later.console_token.len(), &later.secret_access_key), (64, &first.secret_access_key));
        assert_eq!(Some(later), Credentials::existing(&path)?);
        fs::write(path.join("credentials.json"), "{")?;
        let error = Credentials::load_or_create(&path, None).expect_err("damaged");
        assert!(error.to_string().contains("credentials.json is damaged"), "{error}");
        Ok(())
    }

    #[test]
    fn the_first_key_is_for_a_directory_without_one() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("data");
        let key = |id: &str| FirstKey { id: id.into(), secret: format!("secret of {id}").into() };
        let (one, other) = (key("AKIAIOSFODNN7EXAMPLE"), key("AKIAI44QH8DHBEXAMPLE"));
        let made = Credentials::load_or_create(&path, Some(&one))?;
        assert_eq!(
            (made.access_key_id.as_str(), made.secret_access_key.as_str()),
            ("AKIAIOSFODNN7EXAMPLE", "secret of AKIAIOSFODNN7EXAMPLE")
        );
        assert!(made.console_token.len() == 64 && made.recommendations_token.len() == 32, "the others are random");
        for later in [None, Some(&one), Some(&other)] {
            assert_eq!(Credentials::load_or_create(&path, later)?, made);
        }
        Ok(())
    }

    #[test]
    fn the_secret_of_the_console_is_kept_and_private() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("data");
        assert!(DataDir::existing_console_secrets(&path)?.is_none());
        let data = DataDir::open(&path)?;
        let made = data.console_secrets()?;
        assert!(made == data.console_secrets()? && Some(made) == DataDir::existing_console_secrets(&path)?);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(path.join("console.key"))?.permissions().mode() & 0o777, 0o600);
        }
        fs::write(path.join("console.key"), "short")?;
        let error = data.console_secrets().expect_err("damaged").to_string();
        assert!(error.contains("console.key is damaged"), "{error}");
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn directories_are_the_owners_alone_also_those_of_earlier_builds() -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("a/data");
        for before in [None, Some(0o755)] {
            if let Some(mode) = before {
                fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
                fs::set_permissions(path.join("blobs"), fs::Permissions::from_mode(mode))?;
            }
            drop(DataDir::open(&path)?);
            for made in [path.clone(), path.join("blobs")] {
                assert_eq!(fs::metadata(&made)?.permissions().mode() & 0o777, 0o700, "{}", made.display());
            }
        }
        assert_eq!(fs::metadata(dir.path().join("a"))?.permissions().mode() & 0o700, 0o700);
        assert!(!path.join("room.tmp").exists());
        Ok(())
    }

    #[test]
    fn a_directory_knows_where_its_server_listens() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("data");
        assert_eq!(DataDir::running_address(&path)?, None);
        assert!(!path.exists(), "looking makes nothing");
        let held = DataDir::open(&path)?;
        assert_eq!(DataDir::running_address(&path)?.as_deref(), Some(""), "of an earlier build");
        held.note_address("127.0.0.1:4100")?;
        held.note_address("127.0.0.1:4101")?;
        assert_eq!(DataDir::running_address(&path)?.as_deref(), Some("127.0.0.1:4101"));
        drop(held);
        assert_eq!(DataDir::running_address(&path)?, None, "what is left of a server that ended");
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
