//! The log of events and rows, as serving has taken it in: in the order of the log, whichever process appended.
//!
//! A process that is alone shows serving what it appends itself. Where several share the log, each that serves reads it: whatever
//! another appended it finds by a notification, and at the latest by its next look, and what it appended itself it takes in by
//! the same reading before it answers. So every process has the same events in the same order.

use crate::blobs::dataset_arn;
use crate::context::JobsCtx;
use crate::folded_log;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tastemaker_domain::resource::{Dataset, DatasetGroup, PlacedRow, SchemaResource, Streamed};
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_store::damage::{Kind, skip_damaged};
use tastemaker_store::records::{self, EVENTS_CHANNEL};
use tastemaker_store::{Error, StoredEvent};
use tokio::sync::watch;

/// Time between looks at the log when no notification comes.
const LOOK: Duration = Duration::from_millis(500);
/// Time between searches for streams that are new.
const SEARCH: Duration = Duration::from_secs(1);
/// Entries read at once.
const PAGE_LEN: usize = 1_000;

/// A stream of the log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LogStream {
    /// The group that the stream is of.
    pub dataset_group_arn: String,
    /// The dataset type of its entries.
    pub dataset_type: DatasetType,
}

impl LogStream {
    fn name(&self) -> String {
        match self.dataset_type {
            DatasetType::Interactions => records::interactions_stream(&self.dataset_group_arn),
            DatasetType::ActionInteractions => records::action_interactions_stream(&self.dataset_group_arn),
            rows => records::rows_stream(&dataset_arn(&self.dataset_group_arn, rows)),
        }
    }
}

/// The position up to which a stream was taken in; locked while it is read.
type Position = Arc<tokio::sync::Mutex<u64>>;

/// The positions up to which serving has the streams.
#[derive(Debug, Default)]
pub struct Tail {
    positions: Mutex<HashMap<LogStream, Position>>,
    /// When the whole log was taken in last.
    at_end: Mutex<Option<tokio::time::Instant>>,
}

impl Tail {
    /// Takes a stream in, in its order, up to a position at least.
    pub async fn reach(&self, ctx: &JobsCtx, stream: &LogStream, position: u64) -> Result<(), Error> {
        let held = self.positions.lock().entry(stream.clone()).or_default().clone();
        let mut taken = held.lock().await;
        if *taken >= position {
            return Ok(());
        }
        let name = stream.name();
        let schema = schema_of(ctx, stream).await?;
        loop {
            let page = ctx.stores.events.read(&name, *taken, PAGE_LEN).await?;
            let Some(last) = page.last().map(|entry| entry.position) else { return Ok(()) };
            let full = page.len() == PAGE_LEN;
            if full && *taken == 0 && stream.dataset_type == DatasetType::Interactions {
                let folded = folded_log::begin_with(ctx, &ctx.serving, &stream.dataset_group_arn).await?;
                if let Some(folded) = folded {
                    *taken = folded.position;
                    continue;
                }
            }
            let (serving, stream, name, until_s) = (ctx.serving.clone(), stream.clone(), name.clone(), ctx.until_s());
            let take_in = TakeIn { serving, stream, name, schema: schema.clone(), until_s };
            // Few are taken in faster than a thread is woken for them.
            if full {
                crate::blobs::blocking(move || take_in.page(&page)).await??
            } else {
                take_in.page(&page)?
            }
            *taken = last;
            if !full {
                return Ok(());
            }
        }
    }

    /// Time since the whole log was taken in last; `None` where it is not followed.
    pub fn lag(&self) -> Option<Duration> {
        self.at_end.lock().map(|at| at.elapsed())
    }

    /// Has the stream read from its beginning again.
    pub fn begin_anew(&self) {
        self.positions.lock().clear();
    }

    /// Follows the log until `shutdown` becomes true.
    pub(crate) async fn keep(&self, ctx: JobsCtx, mut shutdown: watch::Receiver<bool>) {
        let mut streams = Vec::new();
        let mut searched: Option<tokio::time::Instant> = None;
        while !*shutdown.borrow() {
            if searched.is_none_or(|searched| searched.elapsed() >= SEARCH) {
                searched = Some(tokio::time::Instant::now());
                match streams_of(&ctx).await {
                    Ok(found) => {
                        self.positions.lock().retain(|stream, _| found.contains(stream));
                        streams = found;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the streams of the log cannot be listed");
                        searched = None;
                    }
                }
            }
            let mut whole = searched.is_some();
            for stream in &streams {
                if let Err(error) = self.reach(&ctx, stream, u64::MAX).await {
                    tracing::warn!(%error, stream = stream.name(), "the log cannot be followed");
                    whole = false;
                }
            }
            if whole {
                *self.at_end.lock() = Some(tokio::time::Instant::now());
            }
            tokio::select! {
                () = ctx.stores.wakeups.wait(EVENTS_CHANNEL, LOOK) => {}
                _ = shutdown.changed() => break,
            }
        }
    }

    /// Takes every stream in to its end.
    pub(crate) async fn reach_all(&self, ctx: &JobsCtx) -> Result<(), Error> {
        for stream in streams_of(ctx).await? {
            self.reach(ctx, &stream, u64::MAX).await?;
        }
        Ok(())
    }
}

async fn streams_of(ctx: &JobsCtx) -> Result<Vec<LogStream>, Error> {
    let mut streams = HashSet::new();
    for (_, group) in records::list::<DatasetGroup>(&*ctx.stores.records).await? {
        for dataset_type in [DatasetType::Interactions, DatasetType::ActionInteractions] {
            streams.insert(LogStream { dataset_group_arn: group.arn.clone(), dataset_type });
        }
    }
    for (_, dataset) in records::list::<Dataset>(&*ctx.stores.records).await? {
        streams.insert(LogStream { dataset_group_arn: dataset.dataset_group_arn, dataset_type: dataset.dataset_type });
    }
    Ok(streams.into_iter().collect())
}

/// The schema of a stream's rows; none where it holds no rows, or of a dataset that is gone.
async fn schema_of(ctx: &JobsCtx, stream: &LogStream) -> Result<Option<Arc<Schema>>, Error> {
    if matches!(stream.dataset_type, DatasetType::Interactions | DatasetType::ActionInteractions) {
        return Ok(None);
    }
    let arn = dataset_arn(&stream.dataset_group_arn, stream.dataset_type);
    let Some((_, dataset)) = records::load::<Dataset>(&*ctx.stores.records, &arn).await? else { return Ok(None) };
    let schema = records::load::<SchemaResource>(&*ctx.stores.records, &dataset.schema_arn).await?;
    Ok(schema.and_then(|(_, schema)| schema.parsed().ok()).map(Arc::new))
}

/// Entries to be taken in, with what that needs.
struct TakeIn {
    serving: Arc<tastemaker_serving::Serving>,
    stream: LogStream,
    name: String,
    schema: Option<Arc<Schema>>,
    /// Times later than this are of a clock that ran ahead.
    until_s: i64,
}

impl TakeIn {
    fn page(&self, page: &[StoredEvent]) -> Result<(), Error> {
        let group = &self.stream.dataset_group_arn;
        match self.stream.dataset_type {
            DatasetType::Interactions => {
                let mut events = decoded(page, |entry| records::decode_event(&self.name, entry))?;
                events.retain(|event| event.timestamp_s <= self.until_s);
                self.serving.ingest(group, Streamed::Interactions(&events));
            }
            DatasetType::ActionInteractions => {
                let mut responses = decoded(page, |entry| records::decode_action_interaction(&self.name, entry))?;
                responses.retain(|response| response.timestamp_s <= self.until_s);
                self.serving.ingest(group, Streamed::ActionInteractions(&responses));
            }
            dataset_type => {
                let Some(schema) = &self.schema else { return Ok(()) };
                let placed = |entry: &StoredEvent| Ok((entry.position, records::decode_row(&self.name, entry)?));
                let rows: Vec<PlacedRow> = decoded(page, placed)?;
                self.serving.ingest(group, Streamed::Rows { dataset_type, schema, rows: &rows });
            }
        }
        Ok(())
    }
}

fn decoded<T>(page: &[StoredEvent], decode: impl Fn(&StoredEvent) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    page.iter().filter_map(|entry| skip_damaged(Kind::Event, decode(entry)).transpose()).collect()
}
