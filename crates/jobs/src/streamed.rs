//! Records of a dataset, imported and streamed, as rows.

use crate::arrival::ArrivalTimes;
use crate::context::JobsCtx;
use std::collections::{BTreeMap, VecDeque};
use tastemaker_compute::{BlobParquet, Cell, ImportError, ParquetRows, Rows, Visit};
use tastemaker_domain::resource::{ActionInteraction, Dataset, InteractionEvent, TimeMs};
use tastemaker_domain::row_properties::id_column;
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_store::damage::{Kind, skip_damaged};
use tastemaker_store::{BlobFile, Error, Events, StoredEvent, records};
use tokio::runtime::Handle;

/// The column of a request's session, where a schema has it.
const SESSION: &str = "SESSION_ID";

/// Records fetched at once.
pub(crate) const PAGE_LEN: usize = 1_000;

/// The stream with a dataset's streamed records.
pub(crate) fn stream_of(dataset: &Dataset) -> String {
    match dataset.dataset_type {
        DatasetType::Interactions => records::interactions_stream(&dataset.dataset_group_arn),
        DatasetType::ActionInteractions => records::action_interactions_stream(&dataset.dataset_group_arn),
        DatasetType::Items | DatasetType::Users | DatasetType::Actions => records::rows_stream(&dataset.arn),
    }
}

/// One streamed record by the columns of its dataset.
pub(crate) struct Record {
    columns: BTreeMap<String, Value>,
    /// When it came in; none for interactions, which replace nothing and come after all imports.
    received_ms: Option<TimeMs>,
}

enum Value {
    Text(String),
    Integer(i64),
    Number(f64),
}

impl Record {
    /// The record of a stream's entry.
    pub fn decode(stream: &str, dataset_type: DatasetType, stored: &StoredEvent) -> Result<Self, Error> {
        Ok(match dataset_type {
            DatasetType::Interactions => {
                let columns = of_interaction(records::decode_event(stream, stored)?);
                Self { columns, received_ms: None }
            }
            DatasetType::ActionInteractions => {
                let columns = of_action_interaction(records::decode_action_interaction(stream, stored)?);
                Self { columns, received_ms: None }
            }
            DatasetType::Items | DatasetType::Users | DatasetType::Actions => {
                let row = records::decode_row(stream, stored)?;
                let mut columns = texts(row.columns);
                columns.insert(id_column(dataset_type).to_owned(), Value::Text(row.id));
                Self { columns, received_ms: Some(row.received_ms) }
            }
        })
    }

    fn cell(&self, column: &str) -> Cell<'_> {
        match self.columns.get(column) {
            None => Cell::Null,
            Some(Value::Text(text)) => Cell::Text(text),
            Some(Value::Integer(number)) => Cell::Integer(*number),
            Some(Value::Number(number)) => Cell::Number(*number),
        }
    }
}

fn texts(columns: BTreeMap<String, String>) -> BTreeMap<String, Value> {
    columns.into_iter().map(|(column, text)| (column, Value::Text(text))).collect()
}

fn of_interaction(event: InteractionEvent) -> BTreeMap<String, Value> {
    let mut columns = texts(event.properties);
    // Events of before have it in no column.
    columns.entry(SESSION.to_owned()).or_insert(Value::Text(event.session_id));
    let mut set = |column: &str, value| columns.insert(column.to_owned(), value);
    set("USER_ID", Value::Text(event.user_id));
    set("ITEM_ID", Value::Text(event.item_id));
    set("TIMESTAMP", Value::Integer(event.timestamp_s));
    set("EVENT_TYPE", Value::Text(event.event_type));
    // By way of its decimal form, so that 3.7 is written as it came and not as the nearest f32.
    if let Some(value) = event.event_value.and_then(|value| value.to_string().parse().ok()) {
        set("EVENT_VALUE", Value::Number(value));
    }
    set_shown(&mut columns, event.recommendation_id, &event.impression);
    columns
}

fn of_action_interaction(event: ActionInteraction) -> BTreeMap<String, Value> {
    let mut columns = texts(event.properties);
    // Events of before have it in no column.
    columns.entry(SESSION.to_owned()).or_insert(Value::Text(event.session_id));
    let mut set = |column: &str, value| columns.insert(column.to_owned(), value);
    set("USER_ID", Value::Text(event.user_id));
    set("ACTION_ID", Value::Text(event.action_id));
    set("TIMESTAMP", Value::Integer(event.timestamp_s));
    set("EVENT_TYPE", Value::Text(event.event_type));
    set_shown(&mut columns, event.recommendation_id, &event.impression);
    columns
}

/// The impression, for schemas that keep it.
fn set_shown(columns: &mut BTreeMap<String, Value>, recommendation_id: Option<String>, impression: &[String]) {
    if let Some(id) = recommendation_id {
        columns.insert("RECOMMENDATION_ID".to_owned(), Value::Text(id));
    }
    if !impression.is_empty() {
        columns.insert("IMPRESSION".to_owned(), Value::Text(impression.join("|")));
    }
}

/// A dataset's records in the order of their arrival, for a blocking thread: an import's between the streamed ones that came
/// before and after it.
pub(crate) struct AllRows<'a> {
    pub ctx: &'a JobsCtx,
    pub schema: &'a Schema,
    /// Blob keys of imported files with the time of their import.
    pub bulk: Vec<(String, TimeMs)>,
    /// The stream and the position of its last record; later ones are left out, so that every reading sees the same.
    pub streamed: Option<(String, u64)>,
    pub handle: Handle,
}

impl Rows for AllRows<'_> {
    fn each(&mut self, visit: &mut Visit<'_>) -> Result<(), ImportError> {
        let mut imports = ArrivalTimes::of(self.ctx);
        let mut streamed = Cursor { rows: self, after: 0, page: VecDeque::new(), times: ArrivalTimes::of(self.ctx) };
        for (key, imported_ms) in &self.bulk {
            streamed.each_before(imports.next(*imported_ms), visit)?;
            let (blobs, handle) = (&self.ctx.stores.blobs, &self.handle);
            let open = || Ok(vec![BlobFile::open_blocking(blobs.clone(), key, handle.clone())?.into()]);
            ParquetRows::<BlobParquet> { schema: self.schema, files: Box::new(open) }.each(visit)?;
        }
        streamed.finish(visit)
    }
}

/// A place in the stream.
struct Cursor<'a> {
    rows: &'a AllRows<'a>,
    after: u64,
    page: VecDeque<Record>,
    times: ArrivalTimes,
}

impl Cursor<'_> {
    /// Gives the next records that came before `time_ms`.
    fn each_before(&mut self, time_ms: TimeMs, visit: &mut Visit<'_>) -> Result<(), ImportError> {
        while self.fill()? {
            while let Some(record) =
                self.page.pop_front_if(|record| record.received_ms.is_some_and(|received_ms| received_ms < time_ms))
            {
                self.give(&record, visit)?;
            }
            if !self.page.is_empty() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn finish(&mut self, visit: &mut Visit<'_>) -> Result<(), ImportError> {
        while self.fill()? {
            while let Some(record) = self.page.pop_front() {
                self.give(&record, visit)?;
            }
        }
        Ok(())
    }

    fn give(&self, record: &Record, visit: &mut Visit<'_>) -> Result<(), ImportError> {
        let cells: Vec<_> = self.rows.schema.fields.iter().map(|field| record.cell(&field.name)).collect();
        visit(&cells)
    }

    /// Fetches records if none wait; `false` at the end.
    fn fill(&mut self) -> Result<bool, ImportError> {
        let Some((stream, until)) = &self.rows.streamed else { return Ok(false) };
        while self.page.is_empty() && self.after < *until {
            let page = self.rows.handle.block_on(self.rows.ctx.stores.events.read(stream, self.after, PAGE_LEN))?;
            let Some(last) = page.last() else { break };
            self.after = last.position;
            for stored in page.iter().take_while(|stored| stored.position <= *until) {
                let decoded = Record::decode(stream, self.rows.schema.dataset_type, stored);
                let record = skip_damaged(Kind::Event, decoded)?;
                self.page.extend(record.map(|record| Record {
                    received_ms: record.received_ms.map(|received_ms| self.times.next(received_ms)),
                    ..record
                }));
            }
        }
        Ok(!self.page.is_empty())
    }
}

/// The number of records in the stream, and the position of the last.
pub(crate) async fn extent(events: &dyn Events, stream: &str) -> Result<(u64, u64), Error> {
    let (mut count, mut last) = (0, 0);
    loop {
        let page = events.read(stream, last, PAGE_LEN).await?;
        count += page.len() as u64;
        last = page.last().map_or(last, |stored| stored.position);
        if page.len() < PAGE_LEN {
            return Ok((count, last));
        }
    }
}
