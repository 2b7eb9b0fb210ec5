//! [`Events`] on SQLite, in a file of their own, so that a burst of events and a commit of records never wait for each
//! other.

use std::ops::RangeInclusive;
use std::path::Path;

use async_trait::async_trait;
use sqlx::{Row, SqliteConnection, SqlitePool};
use tastemaker_store::{Events, NewEvent, Result, StoredEvent};

use super::database::{Database, failed, options};
use super::database_file::DatabaseFile;
use super::packed::{packed, rows};
use super::transactions::{Abort, Apply, Transactions, one_by_one};
use crate::group_commit::Writer;
use crate::numbers::{positive, stored};

const MIGRATIONS: &[&str] = &[include_str!("../../migrations/sqlite/events/0001_events.sql")];

/// Rows that one statement inserts, largest first: few shapes, so that each is prepared once.
const ROWS: [usize; 4] = [64, 16, 4, 1];

/// Event streams in one SQLite file, durable before each answer.
pub struct SqliteEvents {
    tables: EventTables,
    file: DatabaseFile,
}

/// The tables of the file.
struct EventTables {
    writer: Writer<Transactions<Streams>>,
    readers: SqlitePool,
}

impl SqliteEvents {
    /// Opens or makes the file, whose directory must exist. Its writer runs on the current tokio runtime.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = DatabaseFile::prepare(path)?;
        let opened = Database::open(options(path), MIGRATIONS).await;
        let Database { writer, readers } = opened.map_err(|error| file.named(error))?;
        Ok(Self { tables: EventTables { writer: Writer::start(Transactions::of(writer)), readers }, file })
    }

    /// Gives no position up to this one any more: readers may have been past them in a file that was lost.
    pub async fn skip_positions(&self, upto: u64) -> Result<()> {
        let skipped = self.tables.writer.call(Change::Skip { upto }).await;
        skipped.map(|_| ()).map_err(|error| self.file.named(error))
    }
}

#[async_trait]
impl Events for SqliteEvents {
    async fn append(&self, stream: &str, events: Vec<NewEvent>) -> Result<Vec<u64>> {
        self.tables.append(stream, events).await.map_err(|error| self.file.named(error))
    }

    async fn read(&self, stream: &str, after: u64, limit: usize) -> Result<Vec<StoredEvent>> {
        self.tables.read(stream, after, limit).await.map_err(|error| self.file.named(error))
    }

    async fn remove(&self, stream: &str, positions: Vec<u64>) -> Result<()> {
        self.tables.remove(stream, positions).await.map_err(|error| self.file.named(error))
    }

    async fn delete_stream(&self, stream: &str) -> Result<()> {
        self.tables.delete_stream(stream).await.map_err(|error| self.file.named(error))
    }
}

#[async_trait]
impl Events for EventTables {
    async fn append(&self, stream: &str, events: Vec<NewEvent>) -> Result<Vec<u64>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let positions = self.writer.call(Change::Append { stream: stream.to_owned(), events }).await?;
        positions.into_iter().map(|position| positive(position, stream)).collect()
    }

    async fn read(&self, stream: &str, after: u64, limit: usize) -> Result<Vec<StoredEvent>> {
        const READ: &str = packed!(
            "position",
            "id",
            "body",
            "FROM events WHERE stream = (SELECT number FROM streams WHERE name = ?) AND position > ? ORDER BY position LIMIT ?"
        );
        let query = sqlx::query(READ).bind(stream).bind(stored(after)).bind(stored(limit as u64));
        let found = query.fetch_one(&self.readers).await.map_err(failed)?;
        let event = |(position, id, body)| Ok(StoredEvent { position: positive(position, stream)?, id, body });
        rows(&found)?.into_iter().map(event).collect()
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
    Skip { upto: u64 },
}

impl Change {
    fn appended(&self) -> &[NewEvent] {
        match self {
            Self::Append { events, .. } => events,
            _ => &[],
        }
    }
}

struct Streams;

impl Apply for Streams {
    type Input = Change;
    /// The positions of appended events.
    type Output = Vec<i64>;

    async fn apply_all(connection: &mut SqliteConnection, changes: &[&Change]) -> sqlx::Result<Vec<Result<Vec<i64>>>> {
        append_together(connection, changes).await
    }

    async fn apply(connection: &mut SqliteConnection, change: &Change) -> Result<Vec<i64>, Abort> {
        match change {
            Change::Append { stream, events } => {
                let events: Vec<&NewEvent> = events.iter().collect();
                Ok(append(connection, stream, &events).await?)
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
            Change::Skip { upto } => {
                const SKIP: &str = "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'events'";
                let skipped = sqlx::query(SKIP).bind(stored(*upto)).execute(&mut *connection).await?;
                // SQLite makes the row with the table's first row.
                if skipped.rows_affected() == 0 {
                    const BEGIN: &str = "INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)";
                    sqlx::query(BEGIN).bind(stored(*upto)).execute(connection).await?;
                }
                Ok(Vec::new())
            }
        }
    }
}

/// Appends to the same stream that follow one another in a group are one append.
async fn append_together(
    connection: &mut SqliteConnection,
    changes: &[&Change],
) -> sqlx::Result<Vec<Result<Vec<i64>>>> {
    let mut outcomes = Vec::with_capacity(changes.len());
    let same = |a: &&Change, b: &&Change| match (a, b) {
        (Change::Append { stream: a, .. }, Change::Append { stream: b, .. }) => a == b,
        _ => false,
    };
    for run in changes.chunk_by(same) {
        let [Change::Append { stream, .. }, _, ..] = run else {
            outcomes.extend(one_by_one::<Streams>(connection, run).await?);
            continue;
        };
        let events: Vec<&NewEvent> = run.iter().flat_map(|change| change.appended()).collect();
        let mut positions = append(connection, stream, &events).await?.into_iter();
        outcomes.extend(run.iter().map(|change| Ok(positions.by_ref().take(change.appended().len()).collect())));
    }
    Ok(outcomes)
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

/// The events' positions: new ones, or those that their ids already have.
async fn append(connection: &mut SqliteConnection, stream: &str, events: &[&NewEvent]) -> sqlx::Result<Vec<i64>> {
    let number = stream_number(connection, stream).await?;
    let mut positions = Vec::with_capacity(events.len());
    let mut rest = events;
    while let Some(rows) = ROWS.into_iter().find(|rows| *rows <= rest.len()) {
        let (events, later) = rest.split_at(rows);
        rest = later;
        match insert(connection, number, events).await? {
            Some(inserted) => positions.extend(inserted),
            None => {
                for event in events {
                    positions.push(position_of(connection, number, &event.id).await?);
                }
            }
        }
    }
    Ok(positions)
}

/// Inserts those whose ids are not there yet; the positions if that are all of them. Rows of one statement get positions that
/// follow one another, each greater than any before (<https://sqlite.org/autoinc.html>).
async fn insert(
    connection: &mut SqliteConnection,
    stream: i64,
    events: &[&NewEvent],
) -> sqlx::Result<Option<RangeInclusive<i64>>> {
    let rows = vec!["(?, ?, ?)"; events.len()].join(", ");
    let sql = format!("INSERT INTO events (stream, id, body) VALUES {rows} ON CONFLICT (stream, id) DO NOTHING");
    // Only the number of rows varies.
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    for event in events {
        query = query.bind(stream).bind(&event.id).bind(&event.body[..]);
    }
    let done = query.execute(connection).await?;
    let last = done.last_insert_rowid();
    let all = usize::try_from(done.rows_affected()) == Ok(events.len());
    Ok(all.then(|| last - events.len() as i64 + 1..=last))
}

async fn position_of(connection: &mut SqliteConnection, stream: i64, id: &str) -> sqlx::Result<i64> {
    let first = sqlx::query("SELECT position FROM events WHERE stream = ? AND id = ?").bind(stream).bind(id);
    first.fetch_one(connection).await?.try_get(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use tastemaker_store::conformance;

    #[tokio::test]
    async fn skipped_positions_are_never_given() {
        let root = tempfile::tempdir().expect("directory");
        let events = SqliteEvents::open(root.path().join("e")).await.expect("open");
        let append = async |id: &str| {
            let event = NewEvent { id: id.to_owned(), body: b"x".to_vec().into() };
            events.append("s", vec![event]).await.expect("append")[0]
        };
        events.skip_positions(1 << 40).await.expect("skip");
        assert_eq!(append("a").await, (1 << 40) + 1);
        events.skip_positions(7).await.expect("skip");
        assert_eq!(append("b").await, (1 << 40) + 2);
        events.skip_positions(1 << 41).await.expect("skip");
        assert_eq!((append("c").await, append("a").await), ((1 << 41) + 1, (1 << 40) + 1));
    }

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

    fn event(id: &str) -> NewEvent {
        NewEvent { id: id.to_owned(), body: id.as_bytes().to_vec().into() }
    }

    async fn ids(events: &SqliteEvents, stream: &str) -> Vec<String> {
        events.read(stream, 0, 100).await.expect("read").into_iter().map(|event| event.id).collect()
    }

    #[tokio::test]
    async fn changes_of_one_group_keep_to_their_streams_and_their_order() {
        let root = tempfile::tempdir().expect("directory");
        let events = SqliteEvents::open(root.path().join("e")).await.expect("open");
        let old = events.append("a", vec![event("old")]).await.expect("append");
        // All of them wait for the writer before it looks for the first time.
        let (first, second, other, removed, last) = tokio::join!(
            events.append("a", vec![event("1"), event("2")]),
            events.append("a", vec![event("3")]),
            events.append("b", vec![event("4")]),
            events.remove("a", old.clone()),
            events.append("a", vec![event("5")]),
        );
        removed.expect("remove");
        let positions = [first, second, other, last].map(|appended| appended.expect("append"));
        let expected = [vec![2, 3], vec![4], vec![5], vec![6]];
        assert_eq!((old, positions), (vec![1], expected));
        assert_eq!(ids(&events, "a").await, ["1", "2", "3", "5"]);
        assert_eq!(ids(&events, "b").await, ["4"]);
    }

    #[tokio::test]
    async fn nothing_is_left_of_a_deleted_stream() {
        let root = tempfile::tempdir().expect("directory");
        let events = SqliteEvents::open(root.path().join("e")).await.expect("open");
        for stream in ["a", "b"] {
            events.append(stream, vec![event("1")]).await.expect("append");
        }
        events.delete_stream("a").await.expect("delete");
        for table in ["SELECT COUNT(*) FROM streams", "SELECT COUNT(*) FROM events"] {
            let row = sqlx::query(table).fetch_one(&events.tables.readers).await.expect("count");
            assert_eq!(row.try_get::<i64, _>(0).expect("a number"), 1, "{table}");
        }
        assert_eq!(ids(&events, "b").await, ["1"]);
    }
}
