//! [`Records`] on SQLite, in a file of their own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Row, SqliteConnection, SqlitePool};
use tastemaker_store::{Error, Precondition, Records, Result, Versioned, Write};

use super::database::{Database, failed, options};
use super::database_file::DatabaseFile;
use super::packed::{packed, rows};
use super::record_cache::{Known, RecordCache};
use super::reserve::Reserve;
use super::transactions::{Abort, Apply, Transactions};
use crate::group_commit::Writer;
use crate::key_range::after_prefix;
use crate::numbers::{positive, stored};

const MIGRATIONS: &[&str] = &[include_str!("../../migrations/sqlite/records/0001_records.sql")];

/// The time from the use of the space in reserve to the attempt to take it again.
const REFILL_AFTER: Duration = Duration::from_secs(5);

/// Records in one SQLite file, durable before each answer.
pub struct SqliteRecords {
    tables: RecordTables,
    file: DatabaseFile,
    reserve: Arc<Reserve>,
}

impl SqliteRecords {
    /// Opens or makes the file, whose directory must exist. Its writer runs on the current tokio runtime.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = DatabaseFile::prepare(path)?;
        let tables = RecordTables::open_with(options(path)).await.map_err(|error| file.named(error))?;
        Ok(Self { tables, file, reserve: Arc::new(Reserve::beside(path)) })
    }

    /// Frees the space in reserve, if there is some, and takes it again a while later, when the bytes that were deleted
    /// have gone, too.
    async fn give_up_reserve(&self) -> bool {
        let reserve = self.reserve.clone();
        let given = tokio::task::spawn_blocking(move || reserve.give_up()).await.unwrap_or(false);
        if given {
            let reserve = self.reserve.clone();
            tokio::spawn(async move {
                tokio::time::sleep(REFILL_AFTER).await;
                let _ = tokio::task::spawn_blocking(move || reserve.refill()).await;
            });
        }
        given
    }
}

#[async_trait]
impl Records for SqliteRecords {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        self.tables.get(key).await.map_err(|error| self.file.named(error))
    }

    async fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Versioned)>> {
        self.tables.scan(prefix, after, limit).await.map_err(|error| self.file.named(error))
    }

    async fn count(&self, prefix: &str) -> Result<usize> {
        self.tables.count(prefix).await.map_err(|error| self.file.named(error))
    }

    /// On a full disk, a batch that only deletes gets the space in reserve.
    async fn commit(&self, preconditions: Vec<Precondition>, writes: Vec<Write>) -> Result<()> {
        let only_deletes = !writes.is_empty() && writes.iter().all(|write| matches!(write, Write::Delete { .. }));
        if !only_deletes {
            return self.tables.commit(preconditions, writes).await.map_err(|error| self.file.named(error));
        }
        let mut committed = self.tables.commit(preconditions.clone(), writes.clone()).await;
        if matches!(committed, Err(Error::Unavailable(_))) && self.give_up_reserve().await {
            tracing::warn!("the disk is full; a deletion takes the space in reserve");
            committed = self.tables.commit(preconditions, writes).await;
        }
        committed.map_err(|error| self.file.named(error))
    }
}

/// The tables of the file.
struct RecordTables {
    writer: Writer<Transactions<Commits>>,
    readers: SqlitePool,
    cache: Arc<RecordCache>,
}

impl RecordTables {
    async fn open_with(options: SqliteConnectOptions) -> Result<Self> {
        let Database { writer, readers } = Database::open(options, MIGRATIONS).await?;
        Ok(Self { writer: Writer::start(Transactions::of(writer)), readers, cache: Arc::default() })
    }
}

#[async_trait]
impl Records for RecordTables {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        let generation = match self.cache.get(key) {
            Known::Value(value) => {
                // A loop over known records would never let other tasks of its thread run.
                tokio::task::coop::consume_budget().await;
                return Ok(value);
            }
            Known::Unknown(generation) => generation,
        };
        let query = sqlx::query("SELECT version, value FROM records WHERE key = ?").bind(key);
        let row = query.fetch_optional(&self.readers).await.map_err(failed)?;
        let value = row.map(|row| versioned(key, row.try_get(0), row.try_get(1))).transpose()?;
        self.cache.keep(generation, key, &value);
        Ok(value)
    }

    async fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Versioned)>> {
        const SCAN: &str =
            packed!("version", "key", "value", "FROM records WHERE key >= ? AND key > ? ORDER BY key LIMIT ?");
        const SCAN_BELOW: &str = packed!(
            "version",
            "key",
            "value",
            "FROM records WHERE key >= ? AND key > ? AND key < ? ORDER BY key LIMIT ?"
        );
        let limit = stored(limit as u64);
        // The empty text is less than every key but itself, which only a scan of everything from its beginning may give.
        let (from, after) = match after {
            Some(after) if after >= prefix => (after, after),
            _ => (prefix, ""),
        };
        let upper = after_prefix(prefix);
        let query = match &upper {
            Some(upper) => sqlx::query(SCAN_BELOW).bind(from).bind(after).bind(upper).bind(limit),
            None => sqlx::query(SCAN).bind(from).bind(after).bind(limit),
        };
        let found = query.fetch_one(&self.readers).await.map_err(failed)?;
        let record = |(version, key, value): (i64, String, Bytes)| {
            let version = positive(version, &key)?;
            Ok((key, Versioned { version, value }))
        };
        rows(&found)?.into_iter().map(record).collect()
    }

    async fn count(&self, prefix: &str) -> Result<usize> {
        let upper = after_prefix(prefix);
        let query = match &upper {
            Some(upper) => {
                sqlx::query("SELECT COUNT(*) FROM records WHERE key >= ? AND key < ?").bind(prefix).bind(upper)
            }
            None => sqlx::query("SELECT COUNT(*) FROM records WHERE key >= ?").bind(prefix),
        };
        let row = query.fetch_one(&self.readers).await.map_err(failed)?;
        Ok(positive(row.try_get(0).map_err(failed)?, prefix)? as usize)
    }

    async fn commit(&self, preconditions: Vec<Precondition>, writes: Vec<Write>) -> Result<()> {
        if let Some(empty) = writes.iter().find(|write| write.key().is_empty()) {
            return Err(Error::backend(super::database::NAME, format!("a record key may not be empty: {empty:?}")));
        }
        self.writer.call(Batch { preconditions, writes, cache: self.cache.clone() }).await
    }
}

fn versioned(key: &str, version: sqlx::Result<i64>, value: sqlx::Result<Vec<u8>>) -> Result<Versioned> {
    let version = positive(version.map_err(failed)?, key)?;
    Ok(Versioned { version, value: Bytes::from(value.map_err(failed)?) })
}

struct Batch {
    preconditions: Vec<Precondition>,
    writes: Vec<Write>,
    cache: Arc<RecordCache>,
}

struct Commits;

impl Apply for Commits {
    type Input = Batch;
    type Output = ();

    fn begins(batches: &[&Batch]) {
        for batch in batches {
            batch.cache.begin(batch.writes.iter().map(Write::key));
        }
    }

    fn ended(batches: &[&Batch]) {
        for batch in batches {
            batch.cache.end();
        }
    }

    async fn apply(connection: &mut SqliteConnection, batch: &Batch) -> Result<(), Abort> {
        for precondition in &batch.preconditions {
            if !holds(connection, precondition).await? {
                return Err(Abort::Refused(Error::Conflict(precondition.key().to_owned())));
            }
        }
        if batch.writes.is_empty() {
            return Ok(());
        }
        let tick = sqlx::query("UPDATE clock SET version = version + 1 RETURNING version");
        let version: i64 = tick.fetch_one(&mut *connection).await?.try_get(0)?;
        for write in &batch.writes {
            let query = match write {
                Write::Put { key, value } => {
                    sqlx::query("INSERT OR REPLACE INTO records (key, version, value) VALUES (?, ?, ?)")
                        .bind(key)
                        .bind(version)
                        .bind(&value[..])
                }
                Write::Delete { key } => sqlx::query("DELETE FROM records WHERE key = ?").bind(key),
            };
            query.execute(&mut *connection).await?;
        }
        Ok(())
    }
}

async fn holds(connection: &mut SqliteConnection, precondition: &Precondition) -> sqlx::Result<bool> {
    match precondition {
        Precondition::Absent(key) => Ok(version_of(connection, key).await?.is_none()),
        Precondition::Exists(key) => Ok(version_of(connection, key).await?.is_some()),
        Precondition::Version(key, version) => Ok(version_of(connection, key).await? == Some(stored(*version))),
        Precondition::NoneWithPrefix(prefix) => {
            let upper = after_prefix(prefix);
            let query = match &upper {
                Some(upper) => {
                    sqlx::query("SELECT 1 FROM records WHERE key >= ? AND key < ? LIMIT 1").bind(prefix).bind(upper)
                }
                None => sqlx::query("SELECT 1 FROM records WHERE key >= ? LIMIT 1").bind(prefix),
            };
            Ok(query.fetch_optional(connection).await?.is_none())
        }
    }
}

async fn version_of(connection: &mut SqliteConnection, key: &str) -> sqlx::Result<Option<i64>> {
    let query = sqlx::query("SELECT version FROM records WHERE key = ?").bind(key);
    query.fetch_optional(connection).await?.map(|row| row.try_get(0)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};
    use tastemaker_store::{RecordsExt, conformance};

    #[tokio::test]
    async fn conforms() {
        let root = tempfile::tempdir().expect("directory");
        let next = AtomicU64::new(0);
        let factory = async || {
            let path = root.path().join(next.fetch_add(1, Ordering::Relaxed).to_string());
            Arc::new(SqliteRecords::open(path).await.expect("open")) as Arc<dyn Records>
        };
        conformance::records::run_all(factory).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_answered_is_read_whoever_reads_beside_and_whoever_stops_waiting() {
        let root = tempfile::tempdir().expect("directory");
        let records = Arc::new(SqliteRecords::open(root.path().join("d")).await.expect("open"));
        records.put_json("a", &0).await.expect("put");
        let reader = records.clone();
        let reading = tokio::spawn(async move {
            let mut last = 0;
            while last < 200 {
                let (_, now) = reader.require_json::<i32>("a").await.expect("read");
                assert!(now >= last, "{now} after {last}");
                last = now;
            }
        });
        for n in 1..=199 {
            records.put_json("a", &n).await.expect("put");
            assert_eq!(records.require_json::<i32>("a").await.expect("read").1, n);
        }
        // Its call is on its way and nobody waits for it.
        let _ = tokio::time::timeout(Duration::ZERO, records.put_json("a", &200)).await;
        tokio::time::timeout(Duration::from_secs(20), reading).await.expect("in time").expect("no panic");
    }

    #[tokio::test]
    async fn a_full_disk_is_unavailable_and_spares_what_is_there() {
        let root = tempfile::tempdir().expect("directory");
        let options = options(&root.path().join("d")).pragma("max_page_count", "20");
        let records = RecordTables::open_with(options).await.expect("open");
        records.put_json("small", &1).await.expect("fits");
        let large = "x".repeat(200_000);
        let (refused, fits) = tokio::join!(records.put_json("large", &large), records.put_json("other", &2));
        assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
        fits.expect("a neighbour in the same group is not harmed");
        assert_eq!(records.require_json::<i32>("small").await.expect("read").1, 1);
        assert!(records.get("large").await.expect("read").is_none());
        records.put_json("small", &3).await.expect("goes on");
    }

    #[tokio::test]
    async fn a_read_only_database_is_unavailable() {
        let root = tempfile::tempdir().expect("directory");
        let path = root.path().join("d");
        drop(SqliteRecords::open(&path).await.expect("make"));
        let Database { mut writer, readers } = Database::open(options(&path), MIGRATIONS).await.expect("open");
        sqlx::query("PRAGMA query_only = ON").execute(&mut writer).await.expect("pragma");
        let records = RecordTables { writer: Writer::start(Transactions::of(writer)), readers, cache: Arc::default() };
        assert!(matches!(records.put_json("a", &1).await, Err(Error::Unavailable(_))));
        assert!(records.get("a").await.expect("read").is_none());
    }

    #[tokio::test]
    async fn what_is_read_is_known_from_then_on() {
        let root = tempfile::tempdir().expect("directory");
        let records = SqliteRecords::open(root.path().join("d")).await.expect("open");
        records.put_json("a", &1).await.expect("put");
        for key in ["a", "none"] {
            assert!(matches!(records.tables.cache.get(key), Known::Unknown(_)));
            let found = records.get(key).await.expect("read");
            assert!(matches!(records.tables.cache.get(key), Known::Value(known) if known == found), "{key}");
        }
    }

    #[tokio::test]
    async fn a_loop_over_known_records_lets_others_run() {
        let root = tempfile::tempdir().expect("directory");
        let records = SqliteRecords::open(root.path().join("d")).await.expect("open");
        records.get("a").await.expect("read");
        let other = tokio::spawn(async {});
        for _ in 0..10_000 {
            records.get("a").await.expect("read");
        }
        assert!(other.is_finished());
    }

    #[tokio::test]
    async fn a_scan_of_everything_below_a_key_begins_behind_it() {
        let root = tempfile::tempdir().expect("directory");
        let records = SqliteRecords::open(root.path().join("d")).await.expect("open");
        for key in ["a", "b", "b/1", "b/2", "c"] {
            records.put_json(key, &1).await.expect("put");
        }
        for (after, expected) in [
            (None, &["b", "b/1", "b/2"][..]),
            (Some("a"), &["b", "b/1", "b/2"]),
            (Some("b"), &["b/1", "b/2"]),
            (Some("b/1"), &["b/2"]),
            (Some("c"), &[]),
        ] {
            let found = records.scan("b", after, 9).await.expect("scan");
            assert_eq!(found.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), expected, "{after:?}");
        }
    }

    /// Records whose writer is refused by SQLite as on a disk without room.
    async fn unwritable(path: &Path) -> SqliteRecords {
        let made = SqliteRecords::open(path).await.expect("make");
        let SqliteRecords { file, reserve, .. } = made;
        let Database { mut writer, readers } = Database::open(options(path), MIGRATIONS).await.expect("open");
        sqlx::query("PRAGMA query_only = ON").execute(&mut writer).await.expect("pragma");
        let tables = RecordTables { writer: Writer::start(Transactions::of(writer)), readers, cache: Arc::default() };
        SqliteRecords { tables, file, reserve }
    }

    #[tokio::test]
    async fn only_deletions_get_the_space_in_reserve_which_is_taken_again_later() {
        let root = tempfile::tempdir().expect("directory");
        let path = root.path().join("d");
        let reserve = root.path().join("d.reserve");
        let delete = || Write::Delete { key: "a".to_owned() };
        let put = || Write::Put { key: "b".to_owned(), value: Bytes::from_static(b"1") };
        let absent = || vec![Precondition::Absent("a".to_owned())];
        let exists = vec![Precondition::Exists("a".to_owned())];
        let records = SqliteRecords::open(&path).await.expect("open");
        records.commit(absent(), vec![delete()]).await.expect("there is room");
        assert!(matches!(records.commit(exists, vec![delete()]).await, Err(Error::Conflict(_))));
        let records = unwritable(&path).await;
        assert!(matches!(records.commit(absent(), vec![put()]).await, Err(Error::Unavailable(_))));
        assert!(matches!(records.commit(absent(), vec![delete(), put()]).await, Err(Error::Unavailable(_))));
        assert!(matches!(records.commit(absent(), Vec::new()).await, Err(Error::Unavailable(_))));
        assert!(reserve.exists());
        assert!(matches!(records.commit(absent(), vec![delete()]).await, Err(Error::Unavailable(_))));
        assert!(!reserve.exists());
        tokio::time::pause();
        let began = std::time::Instant::now();
        while !reserve.exists() {
            assert!(began.elapsed() < Duration::from_secs(20), "the space is taken again");
            // The task may begin to wait only after a first advance.
            tokio::time::advance(REFILL_AFTER).await;
        }
    }
}
