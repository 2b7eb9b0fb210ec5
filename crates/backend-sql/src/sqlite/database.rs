//! A SQLite file as it is opened here: settings, migrations, one writing connection, a few reading ones, and the meaning of
//! its errors.

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};
use tastemaker_store::{Error, Result};

use crate::migrations::migrator;

pub(crate) const NAME: &str = "sqlite";

/// Connections that read beside the one that writes.
const READERS_MAX: u32 = 4;

/// The longest wait of a connection for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) struct Database {
    pub(crate) writer: SqliteConnection,
    pub(crate) readers: SqlitePool,
}

/// The settings of every connection; the file is made when missing.
pub(crate) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

impl Database {
    /// Opens the file and brings its tables up to date with `migrations`, numbered from 1.
    pub(crate) async fn open(options: SqliteConnectOptions, migrations: &[&'static str]) -> Result<Self> {
        let mut writer = options.connect().await.map_err(failed)?;
        migrator(migrations).run(&mut writer).await.map_err(|error| not_migrated(&options, error))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .connect_with(options.pragma("query_only", "ON"))
            .await
            .map_err(failed)?;
        Ok(Self { writer, readers })
    }
}

fn not_migrated(options: &SqliteConnectOptions, error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => failed(error),
        MigrateError::VersionMissing(_) => Error::Corrupt(format!(
            "{}: its tables were brought up to date by a newer release; start that one or a later one",
            options.get_filename().display()
        )),
        other => Error::Corrupt(format!("{}: {other}", options.get_filename().display())),
    }
}

/// Sorts SQLite's result codes (<https://sqlite.org/rescode.html>) into decisions.
pub(crate) fn failed(error: sqlx::Error) -> Error {
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const READ_ONLY: u32 = 8;
    const IO: u32 = 10;
    const CORRUPT: u32 = 11;
    const FULL: u32 = 13;
    const CANNOT_OPEN: u32 = 14;
    const NOT_A_DATABASE: u32 = 26;
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    // The low byte is the primary code, the rest says more about the cause.
    match code.map(|extended| extended & 0xff) {
        // A full disk may be an I/O error too, where SQLite grows the index of its log.
        Some(BUSY | LOCKED | READ_ONLY | IO | FULL | CANNOT_OPEN) => Error::Unavailable(error.to_string()),
        Some(CORRUPT | NOT_A_DATABASE) => Error::Corrupt(error.to_string()),
        Some(_) => Error::backend(NAME, error),
        None => match error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Error::Unavailable(error.to_string())
            }
            sqlx::Error::Io(error) => Error::from_io(NAME, "the database file", error),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Error::Corrupt(error.to_string()),
            other => Error::backend(NAME, other),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Row;

    const TABLE: &str = "CREATE TABLE t (n INTEGER)";

    #[tokio::test]
    async fn every_commit_is_synced() {
        let root = tempfile::tempdir().expect("directory");
        let mut database = Database::open(options(&root.path().join("d")), &[TABLE]).await.expect("open");
        for (pragma, expected) in [("PRAGMA synchronous", "2"), ("PRAGMA journal_mode", "wal")] {
            let row = sqlx::query(pragma).fetch_one(&mut database.writer).await.expect("pragma");
            let found = row.try_get::<i64, _>(0).map(|n| n.to_string()).or_else(|_| row.try_get::<String, _>(0));
            assert_eq!(found.expect("value"), expected, "{pragma}");
        }
    }

    #[tokio::test]
    async fn a_migration_that_fails_leaves_nothing_behind() {
        let root = tempfile::tempdir().expect("directory");
        let path = root.path().join("d");
        let faulty = "CREATE TABLE u (n INTEGER); CREATE TABLE t (n INTEGER)";
        assert!(Database::open(options(&path), &[TABLE, faulty]).await.is_err(), "t is there already");
        let mended = [TABLE, "CREATE TABLE u (n INTEGER)"];
        assert!(Database::open(options(&path), &mended).await.is_ok(), "no u is left of the first attempt");
    }

    #[tokio::test]
    async fn a_file_of_a_newer_release_or_no_database_is_corrupt() {
        let root = tempfile::tempdir().expect("directory");
        let path = root.path().join("d");
        let newer = [TABLE, "CREATE TABLE u (n INTEGER)"];
        drop(Database::open(options(&path), &newer).await.expect("open"));
        assert!(matches!(Database::open(options(&path), &newer[..1]).await.err(), Some(Error::Corrupt(_))));

        let path = root.path().join("text");
        std::fs::write(&path, "no database ".repeat(1_000)).expect("write");
        assert!(matches!(Database::open(options(&path), &[TABLE]).await.err(), Some(Error::Corrupt(_))));
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_made_is_unavailable() {
        let opened = Database::open(options(Path::new("/nowhere/at/all")), &[TABLE]).await;
        assert!(matches!(opened.err(), Some(Error::Unavailable(_))));
    }
}
