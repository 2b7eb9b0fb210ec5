//! [`Events`] in a SQLite file of their own, so that a burst of events and a commit of records never wait for each other.

use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;
use sqlx::{Row, SqliteConnection, SqlitePool};
use tastemaker_store::{Events, NewEvent, Result, StoredEvent};

use crate::database::{Database, failed, options, positive, stored};
use crate::group_commit::{Abort, Apply, Writer};

const MIGRATIONS: &[&str] = &[include_str!("../migrations/sqlite/events/0001_events.sql")];

/// Event streams in one SQLite file, durable before each answer.
pub struct SqliteEvents {
    writer: Writer<Streams>,
    readers: SqlitePool,
}

impl SqliteEvents {
    /// Opens or makes the file, whose directory must exist. Its writer runs on the current tokio runtime.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let Database { writer, readers } = Database::open(options(path.as_ref()), MIGRATIONS).await?;
        Ok(Self { writer: Writer::start(writer), readers })
    }
}

#[async_trait]
impl Events for SqliteEvents {
    async fn append(&self, stream: &str, events: Vec<NewEvent>) -> Result<Vec<u64>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let positions = self.writer.call(Change::Append { stream: stream.to_owned(), events }).await?;
        positions.into_iter().map(|position| positive(position, stream)).collect()
    }

    async fn read(&self, stream: &str, after: u64, limit: usize) -> Result<Vec<StoredEvent>> {
        const READ: &str = "SELECT position, id, body FROM events
            WHERE stream = (SELECT number FROM streams WHERE name = ?) AND position > ? ORDER BY position LIMIT ?";
        let query = sqlx::query(READ).bind(stream).bind(stored(after)).bind(stored(limit as u64));
        let rows = query.fetch_all(&self.readers).await.map_err(failed)?;
        let decode = |row: sqlx::sqlite::SqliteRow| {
            let position = positive(row.try_get(0).map_err(failed)?, stream)?;
            let id = row.try_get(1).map_err(failed)?;
            let body: Vec<u8> = row.try_get(2).map_err(failed)?;
            Ok(StoredEvent { position, id, body: Bytes::from(body) })
        };
        rows.into_iter().map(decode).collect()
    }

    async fn remove(&self, stream: &str, positions: Vec<u64>) -> Result<()> {
        if positions.is_empty() {
            return Ok(());
        }
        self.writer.call(Change::Remove { stream: stream.to_owned(), positions }).await.map(|_| ())
    }

    async fn delete_stream(&self, stream: &str) -> Result<()> {
        self.writer.call(Change::Delete { stream: stream.to_owned() }).await.map(|_| ())
    }
}

enum Change {
    Append { stream: String, events: Vec<NewEvent> },
    Remove { stream: String, positions: Vec<u64> },
    Delete { stream: String },
}

struct Streams;

impl Apply for Streams {
    type Input = Change;
    /// The positions of appended events.
    type Output = Vec<i64>;

    async fn apply(connection: &mut SqliteConnection, change: &Change) -> Result<Vec<i64>, Abort> {
        match change {
            Change::Append { stream, events } => {
                let number = stream_number(connection, stream).await?;
                let mut positions = Vec::with_capacity(events.len());
                for event in events {
                    positions.push(append(connection, number, event).await?);
                }
                Ok(positions)
            }
            Change::Remove { stream, positions } => {
                const REMOVE: &str =
                    "DELETE FROM events WHERE stream = (SELECT number FROM streams WHERE name = ?) AND position = ?";
                for position in positions {
                    sqlx::query(REMOVE).bind(stream).bind(stored(*position)).execute(&mut *connection).await?;
                }
                Ok(Vec::new())
            }
            Change::Delete { stream } => {
                const DELETE: &str = "DELETE FROM events WHERE stream = (SELECT number FROM streams WHERE name = ?)";
                sqlx::query(DELETE).bind(stream).execute(&mut *connection).await?;
                sqlx::query("DELETE FROM streams WHERE name = ?").bind(stream).execute(connection).await?;
                Ok(Vec::new())
            }
        }
    }
}

/// The stream's number, given at its first append.
async fn stream_number(connection: &mut SqliteConnection, stream: &str) -> sqlx::Result<i64> {
    let known = sqlx::query("SELECT number FROM streams WHERE name = ?").bind(stream);
    if let Some(row) = known.fetch_optional(&mut *connection).await? {
        return row.try_get(0);
    }
    let new = sqlx::query("INSERT INTO streams (name) VALUES (?) RETURNING number").bind(stream);
    new.fetch_one(connection).await?.try_get(0)
}

/// The event's position: a new one, or the one its id already has.
async fn append(connection: &mut SqliteConnection, stream: i64, event: &NewEvent) -> sqlx::Result<i64> {
    const INSERT: &str =
        "INSERT INTO events (stream, id, body) VALUES (?, ?, ?) ON CONFLICT (stream, id) DO NOTHING RETURNING position";
    let insert = sqlx::query(INSERT).bind(stream).bind(&event.id).bind(&event.body[..]);
    if let Some(row) = insert.fetch_optional(&mut *connection).await? {
        return row.try_get(0);
    }
    let first = sqlx::query("SELECT position FROM events WHERE stream = ? AND id = ?").bind(stream).bind(&event.id);
    first.fetch_one(connection).await?.try_get(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use tastemaker_store::conformance;

    #[tokio::test]
    async fn conforms() {
        let root = tempfile::tempdir().expect("directory");
        let next = AtomicU64::new(0);
        let factory = async || {
            let path = root.path().join(next.fetch_add(1, Ordering::Relaxed).to_string());
            Arc::new(SqliteEvents::open(path).await.expect("open")) as Arc<dyn Events>
        };
        conformance::events::run_all(factory).await;
    }
}
