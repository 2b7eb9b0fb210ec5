//! [`Records`] on PostgreSQL.

use std::collections::HashMap;

use async_trait::async_trait;
use bytes::Bytes;
use sqlx::{PgConnection, PgPool, Row};
use tastemaker_store::{Error, Precondition, Records, Result, StoreClock, Versioned, Write};

use super::commits::{Transactions, Work};
use super::failure::NAME;
use super::session::{Opened, PostgresSettings, Readers, open};
use super::text::{escaped, unescaped};
use crate::group_commit::Writer;
use crate::key_range::after_prefix;
use crate::numbers::{positive, stored};

const MIGRATIONS: &[&str] = &[include_str!("../../migrations/postgres/records/0001_records.sql")];

/// The table of the migrations that were made.
const MIGRATED: &str = "tastemaker_records_migrations";

/// Records in tables of a PostgreSQL database, durable before each answer. Nothing is kept in memory: what another process commits is
/// read by the next call.
pub struct PostgresRecords {
    writer: Writer<Transactions<Commits>>,
    readers: Readers,
}

impl PostgresRecords {
    /// Connects, waiting for the database as the settings say, and brings the tables up to date. The writer runs on the current tokio
    /// runtime.
    pub async fn open(settings: &PostgresSettings) -> Result<Self> {
        let Opened { session, readers } = open(settings, MIGRATED, MIGRATIONS).await?;
        Ok(Self { writer: Writer::start(Transactions::of(session)), readers })
    }
}

/// The bounds of a prefix as `key >= $1 AND ($2 IS NULL OR key < $2)`.
fn bounds(prefix: &str) -> (String, Option<String>) {
    let prefix = escaped(prefix).into_owned();
    let upper = after_prefix(&prefix);
    (prefix, upper)
}

#[async_trait]
impl Records for PostgresRecords {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        let form = &*escaped(key);
        let query = |pool: PgPool| async move {
            let query = sqlx::query("SELECT version, value FROM tastemaker_records WHERE key = $1").bind(form);
            let row = query.fetch_optional(&pool).await?;
            row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
        };
        let found: Option<(i64, Vec<u8>)> = self.readers.read(query).await?;
        let versioned =
            |(version, value)| Ok(Versioned { version: positive(version, key)?, value: Bytes::from(value) });
        found.map(versioned).transpose()
    }

    async fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Versioned)>> {
        const SCAN: &str = "SELECT key, version, value FROM tastemaker_records \
                            WHERE key >= $1 AND key > $2 AND key < $3 ORDER BY key LIMIT $4";
        const SCAN_TO_THE_END: &str = "SELECT key, version, value FROM tastemaker_records \
                                       WHERE key >= $1 AND key > $2 ORDER BY key LIMIT $3";
        let (prefix, upper) = bounds(prefix);
        let after = after.map(|after| escaped(after).into_owned());
        // The empty text is less than every key but itself, which is never one.
        let (from, after) = match &after {
            Some(after) if *after >= prefix => (after.as_str(), after.as_str()),
            _ => (prefix.as_str(), ""),
        };
        let (upper, limit) = (upper.as_deref(), stored(limit as u64));
        let query = |pool: PgPool| async move {
            let query = match upper {
                Some(upper) => sqlx::query(SCAN).bind(from).bind(after).bind(upper).bind(limit),
                None => sqlx::query(SCAN_TO_THE_END).bind(from).bind(after).bind(limit),
            };
            let rows = query.fetch_all(&pool).await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
        };
        let found: Vec<(String, i64, Vec<u8>)> = self.readers.read(query).await?;
        let record = |(form, version, value)| {
            let key = unescaped(form)?;
            let version = positive(version, &key)?;
            Ok((key, Versioned { version, value: Bytes::from(value) }))
        };
        found.into_iter().map(record).collect()
    }

    async fn count(&self, prefix: &str) -> Result<usize> {
        let (from, upper) = bounds(prefix);
        let (from, upper) = (from.as_str(), upper.as_deref());
        let query = |pool: PgPool| async move {
            let query = match upper {
                Some(upper) => sqlx::query("SELECT COUNT(*) FROM tastemaker_records WHERE key >= $1 AND key < $2")
                    .bind(from)
                    .bind(upper),
                None => sqlx::query("SELECT COUNT(*) FROM tastemaker_records WHERE key >= $1").bind(from),
            };
            query.fetch_one(&pool).await?.try_get(0)
        };
        Ok(positive(self.readers.read(query).await?, prefix)? as usize)
    }

    async fn commit(&self, preconditions: Vec<Precondition>, writes: Vec<Write>) -> Result<()> {
        if let Some(empty) = writes.iter().find(|write| write.key().is_empty()) {
            return Err(Error::backend(NAME, format!("a record key may not be empty: {empty:?}")));
        }
        self.writer.call(Batch { preconditions, writes }).await
    }
}

#[async_trait]
impl StoreClock for PostgresRecords {
    async fn now_ms(&self) -> Result<i64> {
        let query = |pool: PgPool| async move {
            let query = sqlx::query("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint");
            query.fetch_one(&pool).await?.try_get(0)
        };
        self.readers.read(query).await
    }
}

struct Batch {
    preconditions: Vec<Precondition>,
    writes: Vec<Write>,
}

/// Batches are judged in memory, on what the first query of their transaction read, and written together: a group of any size takes
/// few round trips. That the transaction is serializable makes this the same as one after another, for other processes, too.
struct Commits;

impl Work for Commits {
    type Input = Batch;
    type Output = ();

    /// With anything less than serializable two rivals that each require `NoneWithPrefix` would both commit.
    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL SERIALIZABLE";

    const REPEATABLE: bool = false;

    fn key(batch: &Batch) -> &str {
        let key = batch.preconditions.first().map(Precondition::key);
        key.or_else(|| batch.writes.first().map(Write::key)).unwrap_or_default()
    }

    async fn apply(connection: &mut PgConnection, batches: &[&Batch]) -> sqlx::Result<Vec<Result<()>>> {
        let mut group = Group { versions: versions(connection, batches).await?, written: HashMap::new() };
        let mut outcomes = Vec::with_capacity(batches.len());
        let mut commits = 0;
        for batch in batches {
            match group.first_failed(connection, &batch.preconditions).await? {
                Some(failed) => outcomes.push(Err(Error::Conflict(failed.key().to_owned()))),
                None => {
                    outcomes.push(Ok(()));
                    if !batch.writes.is_empty() {
                        // Told apart now, numbered when all of them are known.
                        group.write(commits, &batch.writes);
                        commits += 1;
                    }
                }
            }
        }
        if commits > 0 {
            group.store(connection, commits).await?;
        }
        Ok(outcomes)
    }
}

/// A record as the group has left it.
#[derive(Clone, Copy)]
enum Written<'a> {
    Deleted,
    /// By the commit of this place in the group.
    Put(usize, &'a Bytes),
}

/// The state that the batches of a group see one after another.
struct Group<'a> {
    /// The stored versions of the keys that preconditions name.
    versions: HashMap<String, i64>,
    written: HashMap<&'a str, Written<'a>>,
}

/// The stored versions of all keys that preconditions name.
async fn versions(connection: &mut PgConnection, batches: &[&Batch]) -> sqlx::Result<HashMap<String, i64>> {
    let named = batches.iter().flat_map(|batch| &batch.preconditions).filter_map(|precondition| match precondition {
        Precondition::Absent(key) | Precondition::Exists(key) | Precondition::Version(key, _) => Some(key.as_str()),
        Precondition::NoneWithPrefix(_) => None,
    });
    let mut keys: Vec<_> = named.map(escaped).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let query = sqlx::query("SELECT key, version FROM tastemaker_records WHERE key = ANY($1)").bind(keys);
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

impl<'a> Group<'a> {
    async fn first_failed<'p>(
        &self,
        connection: &mut PgConnection,
        preconditions: &'p [Precondition],
    ) -> sqlx::Result<Option<&'p Precondition>> {
        for precondition in preconditions {
            let holds = match precondition {
                Precondition::Absent(key) => !self.exists(key),
                Precondition::Exists(key) => self.exists(key),
                // What this group has written has a version that nobody has read.
                Precondition::Version(key, version) => {
                    !self.written.contains_key(key.as_str())
                        && self.versions.get(&*escaped(key)) == Some(&stored(*version))
                }
                Precondition::NoneWithPrefix(prefix) => self.none_with(connection, prefix).await?,
            };
            if !holds {
                return Ok(Some(precondition));
            }
        }
        Ok(None)
    }

    fn exists(&self, key: &str) -> bool {
        match self.written.get(key) {
            Some(Written::Deleted) => false,
            Some(Written::Put(..)) => true,
            None => self.versions.contains_key(&*escaped(key)),
        }
    }

    async fn none_with(&self, connection: &mut PgConnection, prefix: &str) -> sqlx::Result<bool> {
        let (mut deleted, mut put) = (Vec::new(), false);
        for (key, written) in self.written.iter().filter(|(key, _)| key.starts_with(prefix)) {
            match written {
                Written::Deleted => deleted.push(escaped(key)),
                Written::Put(..) => put = true,
            }
        }
        if put {
            return Ok(false);
        }
        let (from, upper) = bounds(prefix);
        const FIRST: &str = "SELECT 1 FROM tastemaker_records WHERE key >= $1 AND key < $2 AND key <> ALL($3) LIMIT 1";
        const FIRST_TO_THE_END: &str = "SELECT 1 FROM tastemaker_records WHERE key >= $1 AND key <> ALL($2) LIMIT 1";
        let query = match upper {
            Some(upper) => sqlx::query(FIRST).bind(from).bind(upper).bind(deleted),
            None => sqlx::query(FIRST_TO_THE_END).bind(from).bind(deleted),
        };
        Ok(query.fetch_optional(connection).await?.is_none())
    }

    fn write(&mut self, commit: usize, writes: &'a [Write]) {
        for write in writes {
            let written = match write {
                Write::Put { value, .. } => Written::Put(commit, value),
                Write::Delete { .. } => Written::Deleted,
            };
            self.written.insert(write.key(), written);
        }
    }

    /// Writes what the group has left, each record with the version of its commit.
    async fn store(self, connection: &mut PgConnection, commits: usize) -> sqlx::Result<()> {
        let query = sqlx::query("SELECT nextval('tastemaker_versions') FROM generate_series(1, $1)");
        let rows = query.bind(stored(commits as u64)).fetch_all(&mut *connection).await?;
        let numbers = rows.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<Vec<i64>>>()?;
        let (mut keys, mut versions, mut values, mut deleted) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        // In the order of keys, so that processes that write the same ones meet at the first.
        let mut written: Vec<_> = self.written.into_iter().collect();
        written.sort_unstable_by_key(|(key, _)| *key);
        for (key, written) in written {
            match written {
                Written::Put(commit, value) => {
                    let version = numbers.get(commit).copied();
                    versions.push(version.ok_or_else(|| sqlx::Error::Protocol("a sequence ended early".to_owned()))?);
                    keys.push(escaped(key));
                    values.push(&value[..]);
                }
                Written::Deleted => deleted.push(escaped(key)),
            }
        }
        if !keys.is_empty() {
            const PUT: &str = "INSERT INTO tastemaker_records (key, version, value) \
                               SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[]) \
                               ON CONFLICT (key) DO UPDATE SET version = excluded.version, value = excluded.value";
            sqlx::query(PUT).bind(keys).bind(versions).bind(values).execute(&mut *connection).await?;
        }
        if !deleted.is_empty() {
            const DELETE: &str = "DELETE FROM tastemaker_records WHERE key = ANY($1)";
            sqlx::query(DELETE).bind(deleted).execute(connection).await?;
        }
        Ok(())
    }
}
