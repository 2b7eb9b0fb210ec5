//! CSV to Parquet: one thread reads, splits and checks; another encodes and writes.
//!
//! - `column`: field text to typed columns, the only place that knows the value rules.
//! - `sink`: the Parquet side.

mod column;
mod sink;
#[cfg(test)]
mod tests;

use std::io::{Read, Write};
use std::sync::mpsc::{SyncSender, sync_channel};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use tastemaker_domain::limits::IMPORT_INTERACTIONS_MIN;
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_store as store;

use crate::ImportError;
use crate::csv::{Block, CsvReader, Fault, Span};
use column::Column;

pub(crate) use sink::properties as writer_properties;

/// Batches that wait between the two threads.
const BATCHES_WAITING_MAX: usize = 2;

/// Control totals of one file, or of several added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Data rows.
    pub rows: u64,
    /// Bytes of CSV read.
    pub bytes_in: u64,
    /// CSV files.
    pub files: usize,
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.bytes_in += other.bytes_in;
        self.files += other.files;
    }
}

/// Refuses a job of interactions with too few rows over all its files ([`IMPORT_INTERACTIONS_MIN`]).
pub fn check_totals(dataset_type: DatasetType, totals: &Totals) -> Result<(), ImportError> {
    let counted = matches!(dataset_type, DatasetType::Interactions | DatasetType::ActionInteractions);
    if counted && totals.rows < IMPORT_INTERACTIONS_MIN {
        return Err(ImportError::Data(format!(
            "an import of {} needs at least {IMPORT_INTERACTIONS_MIN} rows; found {} in {} {}",
            dataset_type.record_name(),
            totals.rows,
            totals.files,
            if totals.files == 1 { "file" } else { "files" }
        )));
    }
    Ok(())
}

/// Copies a CSV into a Parquet file with the schema's columns in the schema's order, checking every value.
///
/// The header may name the columns in any order and have others, which are ignored. Text is stored as UTF-8, int and long
/// as 64-bit integers, float and double as 64-bit floats, so that decimals keep the digits they were written with.
///
/// `progress(rows, bytes)` is told the totals so far and `cancelled()` is asked after every block (about 1 MiB); both run
/// on the calling thread, as does `source`. `sink` is written on a second thread and holds a complete Parquet file only
/// when the result is `Ok`.
///
/// # Errors
/// [`ImportError::Data`] for the first broken rule, naming `file_name`, line, column, rule and value.
pub fn import_csv(
    source: impl Read,
    file_name: &str,
    schema: &Schema,
    sink: impl Write + Send,
    progress: &dyn Fn(u64, u64),
    cancelled: &dyn Fn() -> bool,
) -> Result<Totals, ImportError> {
    let mut reader = CsvReader::open(source, file_name)?;
    let columns =
        column::bind(schema, &reader.header).map_err(|text| ImportError::Data(format!("{file_name}: {text}")))?;
    let batch_schema = sink::batch_schema(schema);

    std::thread::scope(|scope| {
        let (send, receive) = sync_channel(BATCHES_WAITING_MAX);
        let writer_schema = batch_schema.clone();
        let writer = scope.spawn(move || sink::write(sink, writer_schema, receive));
        let read = read_all(&mut reader, &columns, &batch_schema, &send, progress, cancelled);
        // Only a finished import may be completed by the writer; dropping the channel alone must not look like the end.
        let finished = match &read {
            Ok(Some(_)) => send.send(sink::Message::Finish).is_ok(),
            _ => false,
        };
        drop(send);
        let written =
            writer.join().unwrap_or_else(|_| Err(store::Error::backend("parquet", "the writer panicked").into()));
        match (read, written) {
            (Err(error), _) | (Ok(_), Err(error)) => Err(error),
            (Ok(Some(totals)), Ok(())) if finished => Ok(totals),
            _ => Err(store::Error::backend("parquet", "the writer ended early").into()),
        }
    })
}

/// Sends every batch; `None` when the writer has stopped listening.
fn read_all<R: Read>(
    reader: &mut CsvReader<R>,
    columns: &[Column],
    schema: &SchemaRef,
    send: &SyncSender<sink::Message>,
    progress: &dyn Fn(u64, u64),
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<Totals>, ImportError> {
    let header = reader.header.clone();
    let file = reader.file().to_owned();
    let mut spans: Vec<Span> = Vec::new();
    let mut rows = 0;
    loop {
        if cancelled() {
            return Err(ImportError::Cancelled);
        }
        let Some(block) = reader.next_block(Some(header.len()), &mut spans)? else { break };
        let batch = decode(&block, &spans, columns, header.len(), schema).map_err(|fault| match fault {
            Wrong::Value(fault) => block.error(&file, &header, &fault),
            Wrong::Batch(error) => error,
        })?;
        if let Some(fault) = &block.fault {
            return Err(block.error(&file, &header, fault));
        }
        rows += block.rows as u64;
        if send.send(sink::Message::Batch(batch)).is_err() {
            return Ok(None);
        }
        progress(rows, reader.bytes);
    }
    Ok(Some(Totals { rows, bytes_in: reader.bytes, files: 1 }))
}

enum Wrong {
    Value(Fault),
    Batch(ImportError),
}

/// The block as a batch, or the fault of the first row that has one.
fn decode(
    block: &Block<'_>,
    spans: &[Span],
    columns: &[Column],
    width: usize,
    schema: &SchemaRef,
) -> Result<RecordBatch, Wrong> {
    let mut first: Option<(usize, Fault)> = None;
    let mut arrays = Vec::with_capacity(columns.len());
    for column in columns {
        match column.decode(block.text, spans, width, block.rows) {
            Ok(array) => arrays.push(array),
            Err((row, text)) => {
                if first.as_ref().is_none_or(|(earliest, _)| row < *earliest) {
                    let at = spans[row * width + column.position].start();
                    first = Some((row, Fault { at, column: Some(column.position), text }));
                }
            }
        }
    }
    match first {
        Some((_, fault)) => Err(Wrong::Value(fault)),
        None => RecordBatch::try_new(schema.clone(), arrays)
            .map_err(|error| Wrong::Batch(store::Error::backend("arrow", error).into())),
    }
}
