//! A database's file: its private mode, its name in the errors of damage, and the check of all its pages.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions, Connection, Row};
use tastemaker_store::{Error, Result};

use super::database::{NAME, failed, options};

/// The files of a database beside its own: the write-ahead log and its index.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// The path of a database, for its errors.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseFile(PathBuf);

impl DatabaseFile {
    /// Makes the file if it is missing, and gives it and its companions to its owner alone.
    pub(crate) fn prepare(path: &Path) -> Result<Self> {
        let file = Self(path.to_owned());
        let failed = |error| Error::from_io(NAME, &path.display().to_string(), error);
        make_private(path).map_err(failed)?;
        for companion in COMPANIONS {
            let mut name = path.as_os_str().to_owned();
            name.push(companion);
            match restrict(Path::new(&name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                restricted => restricted.map_err(failed)?,
            }
        }
        Ok(file)
    }

    /// Adds the file and the way out to an error of damage.
    pub(crate) fn named(&self, error: Error) -> Error {
        let Error::Corrupt(what) = error else { return error };
        let file = self.0.display();
        Error::Corrupt(format!(
            "{file}: {what}. Stop the server and put a backup of the file in its place, or save what can be read: \
             sqlite3 {file} .recover | sqlite3 repaired.sqlite"
        ))
    }
}

/// Makes the file with mode 0600, or gives an existing one that mode. SQLite gives its companions the same.
fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => path.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), sync_folder),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => restrict(path),
        Err(error) => Err(error),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Takes everybody else's rights to a file away. A file of another owner stays as it is.
fn restrict(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            match fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700)) {
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    tracing::warn!(file = %path.display(), "others may read the file, and its mode cannot be changed");
                }
                changed => changed?,
            }
        }
    }
    #[cfg(not(unix))]
    fs::metadata(path)?;
    Ok(())
}

/// Reads every page of a database and names what is damaged; nothing if it is whole. The file must exist.
pub async fn damage(path: impl AsRef<Path>) -> Result<Vec<String>> {
    let opened = options(path.as_ref()).create_if_missing(false).connect().await;
    let mut connection = match opened.map_err(failed) {
        Err(Error::Corrupt(what)) => return Ok(vec![what]),
        other => other?,
    };
    let rows = sqlx::query("PRAGMA integrity_check").fetch_all(&mut connection).await.map_err(failed);
    let _ = connection.close().await;
    let rows = match rows {
        Err(Error::Corrupt(what)) => return Ok(vec![what]),
        other => other?,
    };
    let lines: sqlx::Result<Vec<String>> = rows.iter().map(|row| row.try_get(0)).collect();
    let mut lines = lines.map_err(failed)?;
    lines.retain(|line| line != "ok");
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SqliteEvents, SqliteRecords};
    use tastemaker_store::{Events, NewEvent, Records, RecordsExt};

    #[cfg(unix)]
    #[tokio::test]
    async fn files_are_the_owners_alone_also_those_of_earlier_builds() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().expect("directory");
        let path = root.path().join("d.sqlite");
        for before in [None, Some(0o644)] {
            if let Some(mode) = before {
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("mode");
            }
            let records = SqliteRecords::open(&path).await.expect("open");
            records.put_json("a", &1).await.expect("put");
            for entry in fs::read_dir(root.path()).expect("list") {
                let entry = entry.expect("entry");
                let mode = entry.metadata().expect("metadata").permissions().mode() & 0o777;
                assert_eq!(mode, 0o600, "{:?}", entry.file_name());
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn companions_that_others_may_read_become_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().expect("directory");
        let path = root.path().join("d.sqlite");
        let companions = COMPANIONS.map(|companion| root.path().join(format!("d.sqlite{companion}")));
        for companion in &companions {
            fs::write(companion, "x").expect("write");
            fs::set_permissions(companion, fs::Permissions::from_mode(0o644)).expect("mode");
        }
        DatabaseFile::prepare(&path).expect("prepare");
        for file in companions.iter().chain([&path]) {
            assert_eq!(fs::metadata(file).expect("metadata").permissions().mode() & 0o777, 0o600, "{}", file.display());
        }
    }

    /// Overwrites the middle of every page behind the first two.
    fn spoil(path: &Path) {
        let mut bytes = fs::read(path).expect("read");
        assert!(bytes.len() > 5 * 4096, "{}", bytes.len());
        for page in bytes.chunks_mut(4096).skip(2) {
            page[..64].fill(0xa5);
        }
        fs::write(path, bytes).expect("write");
    }

    #[tokio::test]
    async fn damage_names_the_file_and_the_way_out() {
        let root = tempfile::tempdir().expect("directory");
        let (records_path, events_path) = (root.path().join("records.sqlite"), root.path().join("events.sqlite"));
        let records = SqliteRecords::open(&records_path).await.expect("open");
        for n in 0..400 {
            records.put_json(&format!("key {n}"), &"x".repeat(200)).await.expect("put");
        }
        let events = SqliteEvents::open(&events_path).await.expect("open");
        let event = |n: i32| NewEvent { id: n.to_string(), body: vec![b'x'; 200].into() };
        events.append("s", (0..400).map(event).collect()).await.expect("append");
        assert!(damage(&records_path).await.expect("read").is_empty());
        drop((records, events));
        for path in [&records_path, &events_path] {
            let mut connection = options(path).connect().await.expect("connect");
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await.expect("checkpoint");
            connection.close().await.expect("close");
            spoil(path);
            assert!(!damage(path).await.expect("read").is_empty());
        }
        let records = SqliteRecords::open(&records_path).await;
        let error = match records {
            Ok(records) => records.scan("", None, 1_000).await.expect_err("damaged"),
            Err(error) => error,
        };
        let events = SqliteEvents::open(&events_path).await;
        let other = match events {
            Ok(events) => events.read("s", 0, 1_000).await.expect_err("damaged"),
            Err(error) => error,
        };
        for (error, path) in [(error, records_path), (other, events_path)] {
            let text = error.to_string();
            assert!(text.starts_with(&format!("stored data is corrupt: {}: ", path.display())), "{text}");
            assert!(text.contains("put a backup of the file in its place, or save what can be read"), "{text}");
        }
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_damaged() {
        let root = tempfile::tempdir().expect("directory");
        let path = root.path().join("d");
        fs::write(&path, "no database ".repeat(1_000)).expect("write");
        assert_eq!(damage(&path).await.expect("read").len(), 1);
    }

    #[tokio::test]
    async fn a_check_makes_no_file() {
        let root = tempfile::tempdir().expect("directory");
        let path = root.path().join("d");
        assert!(matches!(damage(&path).await, Err(Error::Unavailable(_))));
        assert!(!path.exists());
    }

    #[test]
    fn a_file_may_stand_in_the_working_directory() {
        let path = PathBuf::from(format!("made-by-a-test-{}.sqlite", std::process::id()));
        let prepared = DatabaseFile::prepare(&path);
        fs::remove_file(&path).expect("made");
        prepared.expect("prepared");
    }

    #[test]
    fn a_folder_that_is_missing_cannot_be_synced() {
        let root = tempfile::tempdir().expect("directory");
        sync_folder(root.path()).expect("synced");
        assert_eq!(sync_folder(&root.path().join("none")).expect_err("missing").kind(), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn a_companion_that_cannot_be_looked_at_is_an_error() {
        let root = tempfile::tempdir().expect("directory");
        let wal = root.path().join("d-wal");
        std::os::unix::fs::symlink(&wal, &wal).expect("a link to itself");
        assert!(DatabaseFile::prepare(&root.path().join("d")).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_whose_mode_nobody_may_change_is_used_as_it_is() {
        restrict(Path::new("/proc/self/status")).expect("a warning is enough");
    }
}
