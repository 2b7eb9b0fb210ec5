//! [`Events`] on PostgreSQL.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use bytes::Bytes;
use sqlx::{PgConnection, PgPool, Row};
use tastemaker_store::{Events, NewEvent, Result, StoredEvent};

use super::commits::{Transactions, Work};
use super::session::{Opened, PostgresSettings, Readers, open};
use super::text::{escaped, unescaped};
use crate::group_commit::Writer;
use crate::numbers::{positive, stored};

const MIGRATIONS: &[&str] = &[include_str!("../../migrations/postgres/events/0001_events.sql")];

/// The table of the migrations that were made.
const MIGRATED: &str = "tastemaker_events_migrations";

/// Events of a stream that one transaction of its deletion forgets, so that appends to other streams get their turns.
const DELETED_AT_ONCE: i64 = 10_000;

/// Event streams in tables of a PostgreSQL database, durable before each answer.
pub struct PostgresEvents {
    writer: Writer<Transactions<Streams>>,
    readers: Readers,
}

impl PostgresEvents {
    /// Connects, waiting for the database as the settings say, and brings the tables up to date. The writer runs on the current tokio
    /// runtime.
    pub async fn open(settings: &PostgresSettings) -> Result<Self> {
        let Opened { session, readers } = open(settings, MIGRATED, MIGRATIONS).await?;
        Ok(Self { writer: Writer::start(Transactions::of(session)), readers })
    }

    /// Gives no position up to this one any more: readers may have been past them in a database that was lost.
    pub async fn skip_positions(&self, upto: u64) -> Result<()> {
        self.writer.call(Change::Skip { upto }).await.map(drop)
    }
}

#[async_trait]
impl Events for PostgresEvents {
    async fn append(&self, stream: &str, events: Vec<NewEvent>) -> Result<Vec<u64>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let positions = self.writer.call(Change::Append { stream: stream.to_owned(), events }).await?;
        positions.into_iter().map(|position| positive(position, stream)).collect()
    }

    async fn read(&self, stream: &str, after: u64, limit: usize) -> Result<Vec<StoredEvent>> {
        const READ: &str = "SELECT position, id, body FROM tastemaker_events \
                            WHERE stream = (SELECT number FROM tastemaker_streams WHERE name = $1) AND position > $2 \
                            ORDER BY position LIMIT $3";
        let name = &*escaped(stream);
        let query = |pool: PgPool| async move {
            let query = sqlx::query(READ).bind(name).bind(stored(after)).bind(stored(limit as u64));
            let rows = query.fetch_all(&pool).await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
        };
        let found: Vec<(i64, String, Vec<u8>)> = self.readers.read(query).await?;
        let event = |(position, id, body)| {
            Ok(StoredEvent { position: positive(position, stream)?, id: unescaped(id)?, body: Bytes::from(body) })
        };
        found.into_iter().map(event).collect()
    }

    async fn remove(&self, stream: &str, positions: Vec<u64>) -> Result<()> {
        if positions.is_empty() {
            return Ok(());
        }
        self.writer.call(Change::Remove { stream: stream.to_owned(), positions }).await.map(drop)
    }

    async fn delete_stream(&self, stream: &str) -> Result<()> {
        while !self.writer.call(Change::Delete { stream: stream.to_owned() }).await?.is_empty() {}
        Ok(())
    }
}

enum Change {
    Append { stream: String, events: Vec<NewEvent> },
    Remove { stream: String, positions: Vec<u64> },
    Delete { stream: String },
    Skip { upto: u64 },
}

impl Change {
    fn stream(&self) -> Option<&str> {
        match self {
            Self::Append { stream, .. } | Self::Remove { stream, .. } | Self::Delete { stream } => Some(stream),
            Self::Skip { .. } => None,
        }
    }

    fn appended(&self) -> &[NewEvent] {
        match self {
            Self::Append { events, .. } => events,
            _ => &[],
        }
    }
}

/// The row of each stream that is written is locked before its first position is given out and until the transaction is visible to
/// all. So nothing is ever inserted behind a position that a reader has seen, whichever process writes.
struct Streams;

impl Work for Streams {
    type Input = Change;
    /// The positions of appended events; of a deletion, whether there is more to delete.
    type Output = Vec<i64>;

    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED";

    /// An id that is there keeps its position, and what is gone is gone.
    const REPEATABLE: bool = true;

    fn key(change: &Change) -> &str {
        change.stream().unwrap_or("positions")
    }

    async fn apply(connection: &mut PgConnection, changes: &[&Change]) -> sqlx::Result<Vec<Result<Vec<i64>>>> {
        let appended: BTreeSet<&str> = changes
            .iter()
            .filter(|change| !change.appended().is_empty())
            .filter_map(|change| change.stream())
            .collect();
        let written: BTreeSet<&str> = changes.iter().filter_map(|change| change.stream()).collect();
        let mut numbers = lock(connection, &written).await?;
        let new: Vec<&str> = appended.into_iter().filter(|stream| !numbers.contains_key(*stream)).collect();
        if !new.is_empty() {
            make(connection, &new).await?;
            numbers = lock(connection, &written).await?;
        }
        let mut outcomes = Vec::with_capacity(changes.len());
        // Appends to the same stream that follow one another are one.
        for run in
            changes.chunk_by(|a, b| !a.appended().is_empty() && !b.appended().is_empty() && a.stream() == b.stream())
        {
            let Some(first) = run.first() else { continue };
            let number = first.stream().and_then(|stream| numbers.get(stream).copied());
            match (first, number) {
                (Change::Append { stream, .. }, None) => {
                    // Deleted by an earlier call of this group.
                    make(connection, &[stream]).await?;
                    numbers.extend(lock(connection, &BTreeSet::from([stream.as_str()])).await?);
                    let number = numbers.get(stream.as_str()).copied().ok_or(sqlx::Error::RowNotFound)?;
                    append_run(connection, number, run, &mut outcomes).await?;
                }
                (Change::Append { .. }, Some(number)) => append_run(connection, number, run, &mut outcomes).await?,
                (Change::Remove { positions, .. }, Some(number)) => {
                    let positions: Vec<i64> = positions.iter().map(|position| stored(*position)).collect();
                    sqlx::query("DELETE FROM tastemaker_events WHERE stream = $1 AND position = ANY($2)")
                        .bind(number)
                        .bind(positions)
                        .execute(&mut *connection)
                        .await?;
                    outcomes.push(Ok(Vec::new()));
                }
                (Change::Delete { stream }, Some(number)) => {
                    let more = delete(connection, number).await?;
                    if more.is_empty() {
                        numbers.remove(stream.as_str());
                    }
                    outcomes.push(Ok(more));
                }
                (Change::Skip { upto }, _) => {
                    skip(connection, stored(*upto)).await?;
                    outcomes.push(Ok(Vec::new()));
                }
                // A stream that is not there.
                (Change::Remove { .. } | Change::Delete { .. }, None) => outcomes.push(Ok(Vec::new())),
            }
        }
        Ok(outcomes)
    }
}

/// Locks the rows of streams, in the order of their names, so that two processes never wait for each other. The numbers of those that
/// are there.
async fn lock(connection: &mut PgConnection, streams: &BTreeSet<&str>) -> sqlx::Result<HashMap<String, i64>> {
    const LOCK: &str =
        "SELECT name, number FROM tastemaker_streams WHERE name = ANY($1) ORDER BY name FOR NO KEY UPDATE";
    if streams.is_empty() {
        return Ok(HashMap::new());
    }
    let forms: HashMap<_, _> = streams.iter().map(|stream| (escaped(stream), *stream)).collect();
    let names: Vec<_> = forms.keys().cloned().collect();
    let rows = sqlx::query(LOCK).bind(names).fetch_all(connection).await?;
    let mut numbers = HashMap::with_capacity(rows.len());
    for row in rows {
        let (form, number): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        if let Some(stream) = forms.get(form.as_str()) {
            numbers.insert((*stream).to_owned(), number);
        }
    }
    Ok(numbers)
}

/// Makes streams, unless another process does at the same time.
async fn make(connection: &mut PgConnection, streams: &[&str]) -> sqlx::Result<()> {
    const MAKE: &str = "INSERT INTO tastemaker_streams (name) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING";
    let names: Vec<_> = streams.iter().map(|stream| escaped(stream)).collect();
    sqlx::query(MAKE).bind(names).execute(connection).await.map(drop)
}

async fn append_run(
    connection: &mut PgConnection,
    number: i64,
    run: &[&Change],
    outcomes: &mut Vec<Result<Vec<i64>>>,
) -> sqlx::Result<()> {
    let events: Vec<&NewEvent> = run.iter().flat_map(|change| change.appended()).collect();
    let mut positions = append(connection, number, &events).await?.into_iter();
    outcomes.extend(run.iter().map(|change| Ok(positions.by_ref().take(change.appended().len()).collect())));
    Ok(())
}

/// The events' positions: new ones, or those that their ids already have.
async fn append(connection: &mut PgConnection, number: i64, events: &[&NewEvent]) -> sqlx::Result<Vec<i64>> {
    const INSERT: &str = "INSERT INTO tastemaker_events (stream, position, id, body) \
                          SELECT $1, nextval('tastemaker_positions'), id, body FROM \
                          (SELECT id, body FROM unnest($2::text[], $3::bytea[]) WITH ORDINALITY AS given (id, body, place) \
                           ORDER BY place) AS ordered \
                          ON CONFLICT (stream, id) DO NOTHING RETURNING position";
    let ids: Vec<_> = events.iter().map(|event| escaped(&event.id)).collect();
    let bodies: Vec<&[u8]> = events.iter().map(|event| &event.body[..]).collect();
    let inserted = sqlx::query(INSERT).bind(number).bind(&ids).bind(bodies).fetch_all(&mut *connection).await?;
    if inserted.len() == events.len() {
        return inserted.iter().map(|row| row.try_get(0)).collect();
    }
    const FIND: &str = "SELECT id, position FROM tastemaker_events WHERE stream = $1 AND id = ANY($2)";
    let found = sqlx::query(FIND).bind(number).bind(&ids).fetch_all(connection).await?;
    let found = found
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<sqlx::Result<HashMap<String, i64>>>()?;
    ids.iter().map(|id| found.get(&**id).copied().ok_or(sqlx::Error::RowNotFound)).collect()
}

/// Forgets the first events of a stream, and the stream after the last; something if there is more.
async fn delete(connection: &mut PgConnection, number: i64) -> sqlx::Result<Vec<i64>> {
    const DELETE: &str = "DELETE FROM tastemaker_events WHERE stream = $1 AND position <= \
                          (SELECT max(position) FROM (SELECT position FROM tastemaker_events WHERE stream = $1 \
                           ORDER BY position LIMIT $2) AS first)";
    let deleted = sqlx::query(DELETE).bind(number).bind(DELETED_AT_ONCE).execute(&mut *connection).await?;
    if stored(deleted.rows_affected()) == DELETED_AT_ONCE {
        return Ok(vec![number]);
    }
    sqlx::query("DELETE FROM tastemaker_streams WHERE number = $1").bind(number).execute(connection).await?;
    Ok(Vec::new())
}

/// Moves the positions on, while nobody is given one.
async fn skip(connection: &mut PgConnection, upto: i64) -> sqlx::Result<()> {
    sqlx::raw_sql("LOCK TABLE tastemaker_streams IN EXCLUSIVE MODE").execute(&mut *connection).await?;
    const SKIP: &str = "SELECT setval('tastemaker_positions', $1) FROM tastemaker_positions \
                        WHERE CASE WHEN is_called THEN last_value ELSE last_value - 1 END < $1";
    sqlx::query(SKIP).bind(upto).execute(connection).await.map(drop)
}
