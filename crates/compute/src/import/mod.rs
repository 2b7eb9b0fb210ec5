//! Files of records to Parquet: one thread reads, splits and checks; another encodes and writes.
//!
//! - `json_lines`, `parquet_records`: the readers of records beside that of CSV.
//! - `formats`: the choice among them.
//! - `column`: field text to typed columns, the only place that knows the value rules.
//! - `left_out`: the values that were not kept.
//! - `readable`: a copy without the rows that end an import.
//! - `sink`: the Parquet side.

mod column;
#[cfg(test)]
mod file_tests;
pub(crate) mod formats;
mod json_lines;
mod left_out;
mod parquet_records;
mod readable;
mod sink;
#[cfg(test)]
mod tests;

use std::io::{Read, Write};
use std::sync::mpsc::{SyncSender, sync_channel};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::SchemaRef;
use arrow_select::filter::filter_record_batch;
use tastemaker_domain::csv_columns::FileFormat;
use tastemaker_domain::import_report::{REFUSED_LINES_MAX, RefusalReason, Refused, RefusedLine};
use tastemaker_domain::limits::IMPORT_INTERACTIONS_MIN;
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_store as store;

use crate::ImportError;
use crate::csv::{Block, CsvReader, Fault, RecordReader, Span};
use crate::read::ReadAt;
use column::{Broken, Column};
use json_lines::JsonLines;
use parquet_records::ParquetRecords;

pub use formats::IMPORT_UNPACKED_BYTES_MAX;
pub use left_out::LeftOut;
pub use readable::{Readable, copy_readable, copy_readable_file};
pub(crate) use sink::properties as writer_properties;

/// Batches that wait between the two threads.
const BATCHES_WAITING_MAX: usize = 2;

/// The column with the time of an interaction, in seconds.
const TIMESTAMP: &str = "TIMESTAMP";

/// Control totals of one file, or of several added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Data rows.
    pub rows: u64,
    /// Bytes of text read.
    pub bytes_in: u64,
    /// Files.
    pub files: usize,
    /// Rows left out because their TIMESTAMP is later than the import takes; they are not among `rows`.
    pub later_rows: u64,
    /// The latest TIMESTAMP among those, in seconds.
    pub latest_s: i64,
    /// The first of the rows that were left out.
    pub later_lines: Vec<RefusedLine>,
    /// Values that are null in the dataset, because they break the rule of their column.
    pub left_out: LeftOut,
}

impl Totals {
    /// The rows and values that were not imported, in words for the customer; `None` where all of them were.
    pub fn warning(&self) -> Option<String> {
        let sentences: Vec<String> = [later_rows(self), self.left_out.sentence()].into_iter().flatten().collect();
        (!sentences.is_empty()).then(|| sentences.join(". "))
    }

    /// The rows and values that were not imported, by column and reason.
    pub fn refused(&self) -> Vec<Refused> {
        let mut refused = self.left_out.refused();
        if self.later_rows > 0 {
            refused.push(Refused {
                column: TIMESTAMP.to_owned(),
                reason: RefusalReason::Future,
                count: self.later_rows,
                lines: self.later_lines.clone(),
            });
        }
        refused
    }
}

/// The rules of an import.
#[derive(Debug, Clone, Copy, Default)]
pub struct ImportRules {
    /// Rows of interactions with a TIMESTAMP after this, in seconds, are left out and counted.
    pub until_s: Option<i64>,
    /// Whether any value that breaks the rule of its column ends the import. Without it only values of ids and of the time of
    /// an interaction do; others are null in the dataset and counted.
    pub strict: bool,
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.bytes_in += other.bytes_in;
        self.files += other.files;
        self.later_rows += other.later_rows;
        self.latest_s = self.latest_s.max(other.latest_s);
        self.later_lines.extend(other.later_lines);
        self.later_lines.truncate(REFUSED_LINES_MAX);
        self.left_out += other.left_out;
    }
}

/// Refuses a job of interactions with too few rows over all its files ([`IMPORT_INTERACTIONS_MIN`]).
pub fn check_totals(dataset_type: DatasetType, totals: &Totals) -> Result<(), ImportError> {
    let counted = matches!(dataset_type, DatasetType::Interactions | DatasetType::ActionInteractions);
    if counted && totals.rows < IMPORT_INTERACTIONS_MIN {
        let later = later_rows(totals).map(|text| format!("; {text}")).unwrap_or_default();
        return Err(ImportError::Data(format!(
            "an import of {} needs at least {IMPORT_INTERACTIONS_MIN} rows; found {} in {} {}{later}",
            dataset_type.record_name(),
            totals.rows,
            totals.files,
            if totals.files == 1 { "file" } else { "files" }
        )));
    }
    Ok(())
}

/// The sentence about rows that were left out for their TIMESTAMP, if there are any.
fn later_rows(totals: &Totals) -> Option<String> {
    (totals.later_rows > 0).then(|| {
        let (rows, whose) = if totals.later_rows == 1 { ("row", "its") } else { ("rows", "their") };
        format!(
            "{} {rows} left out, because {whose} TIMESTAMP is more than one day after the import (the latest is {})",
            totals.later_rows, totals.latest_s
        )
    })
}

/// Copies a CSV into a Parquet file with the schema's columns in the schema's order, checking every value.
///
/// The header may name the columns in any order and have others, which are ignored. Text is stored as UTF-8, int and long
/// as 64-bit integers, float and double as 64-bit floats, so that decimals keep the digits they were written with.
///
/// `rules` say which rows and values are left out and counted; the first fault beyond them ends the import.
///
/// `progress(rows, bytes)` is told the totals so far and `cancelled()` is asked after every block (about 1 MiB); both run
/// on the calling thread, as does `source`. `sink` is written on a second thread and holds a complete Parquet file only
/// when the result is `Ok`.
///
/// # Errors
/// [`ImportError::Data`] for the first broken rule, naming `file_name`, line, column, rule and value, or for what is no CSV what
/// it looks like.
pub fn import_csv(
    source: impl Read,
    file_name: &str,
    schema: &Schema,
    rules: &ImportRules,
    sink: impl Write + Send,
    progress: &dyn Fn(u64, u64),
    cancelled: &dyn Fn() -> bool,
) -> Result<Totals, ImportError> {
    let mut reader = CsvReader::open(source, file_name)?;
    import_records(&mut reader, schema, rules, sink, progress, cancelled)
}

/// The settings of [`import_file`]; they mean what the arguments of [`import_csv`] do.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct FileImport<'a> {
    pub file_name: &'a str,
    pub schema: &'a Schema,
    pub rules: &'a ImportRules,
    pub progress: &'a dyn Fn(u64, u64),
    pub cancelled: &'a dyn Fn() -> bool,
}

/// As [`import_csv`], a file in any of the formats that an import takes, known by its first bytes: CSV or JSON Lines (an object a
/// line), either of them packed with gzip or zstd, or Parquet. `again` opens the same file to be read at random, as Parquet is.
///
/// Of JSON Lines and Parquet, columns are found by name as in a header. In JSON a missing member and `null` are an empty value, and an
/// array of texts and numbers is a value of several parts, which are separated by `|`.
///
/// # Errors
/// As of [`import_csv`], with the number of the row in the place of the line for Parquet. A packed file may not have more than
/// [`IMPORT_UNPACKED_BYTES_MAX`] bytes of text.
pub fn import_file<F: ReadAt>(
    source: impl Read,
    again: impl FnOnce() -> store::Result<F>,
    sink: impl Write + Send,
    import: &FileImport<'_>,
) -> Result<Totals, ImportError> {
    let FileImport { file_name, schema, rules, progress, cancelled } = *import;
    let (format, source) = formats::looked_at(source, file_name)?;
    match format {
        FileFormat::Parquet => {
            let mut reader = ParquetRecords::open(again()?, file_name, schema)?;
            import_records(&mut reader, schema, rules, sink, progress, cancelled)
        }
        FileFormat::JsonLines => {
            let mut reader = JsonLines::open(source, file_name, schema);
            import_records(&mut reader, schema, rules, sink, progress, cancelled)
        }
        FileFormat::Csv => import_csv(source, file_name, schema, rules, sink, progress, cancelled),
    }
}

fn import_records(
    reader: &mut dyn RecordReader,
    schema: &Schema,
    rules: &ImportRules,
    sink: impl Write + Send,
    progress: &dyn Fn(u64, u64),
    cancelled: &dyn Fn() -> bool,
) -> Result<Totals, ImportError> {
    let columns = column::bind(schema, reader.header(), rules.strict)
        .map_err(|text| ImportError::Data(format!("{}: {text}{}", reader.file(), reader.looks())))?;
    let batch_schema = sink::batch_schema(schema);
    let timed = matches!(schema.dataset_type, DatasetType::Interactions | DatasetType::ActionInteractions);
    let until_s = rules.until_s.filter(|_| timed);
    let target = Target { schema: batch_schema.clone(), until_s };

    std::thread::scope(|scope| {
        let (send, receive) = sync_channel(BATCHES_WAITING_MAX);
        let writer_schema = batch_schema.clone();
        let writer = scope.spawn(move || sink::write(sink, writer_schema, receive));
        let read = read_all(reader, &columns, &target, &send, progress, cancelled);
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
fn read_all(
    reader: &mut dyn RecordReader,
    columns: &[Column],
    target: &Target,
    send: &SyncSender<sink::Message>,
    progress: &dyn Fn(u64, u64),
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<Totals>, ImportError> {
    let header = reader.header().to_vec();
    let file = reader.file().to_owned();
    let mut spans: Vec<Span> = Vec::new();
    let mut totals = Totals { files: 1, ..Totals::default() };
    loop {
        if cancelled() {
            return Err(ImportError::Cancelled);
        }
        let Some(block) = reader.next_records(&mut spans)? else { break };
        let rows = Rows { block: &block, spans: &spans, width: header.len(), file: &file };
        let batch = decode(&rows, columns, &target.schema, &mut totals.left_out).map_err(|fault| match fault {
            Wrong::Value(fault) => block.error(&file, &header, &fault),
            Wrong::Batch(error) => error,
        })?;
        if let Some(fault) = &block.fault {
            return Err(block.error(&file, &header, fault));
        }
        let batch = target.without_later(batch, &rows, &mut totals)?;
        totals.rows += batch.num_rows() as u64;
        if send.send(sink::Message::Batch(batch)).is_err() {
            return Ok(None);
        }
        progress(totals.rows, reader.bytes());
    }
    totals.bytes_in = reader.bytes();
    Ok(Some(totals))
}

/// The columns that are written, and the last TIMESTAMP of rows that are.
struct Target {
    schema: SchemaRef,
    until_s: Option<i64>,
}

impl Target {
    /// The batch without rows that are later than they may be, which are counted.
    fn without_later(
        &self,
        batch: RecordBatch,
        rows: &Rows<'_>,
        totals: &mut Totals,
    ) -> Result<RecordBatch, ImportError> {
        let Some(until_s) = self.until_s else { return Ok(batch) };
        let times = batch.column_by_name(TIMESTAMP).and_then(|column| column.as_primitive_opt::<Int64Type>());
        let Some(times) = times.filter(|times| times.values().iter().any(|time| *time > until_s)) else {
            return Ok(batch);
        };
        let keep: BooleanArray = times.values().iter().map(|time| Some(*time <= until_s)).collect();
        let latest = times.values().iter().copied().max().unwrap_or(0);
        totals.latest_s = totals.latest_s.max(latest);
        totals.later_rows += keep.false_count() as u64;
        let later = (0..batch.num_rows()).filter(|row| times.value(*row) > until_s);
        for row in later.take(REFUSED_LINES_MAX.saturating_sub(totals.later_lines.len())) {
            totals.later_lines.push(RefusedLine {
                file: rows.file.to_owned(),
                line: rows.block.line_at(rows.spans[row * rows.width].start()),
                value: format!("'{}'", times.value(row)),
                rule: "is more than one day after the import".to_owned(),
            });
        }
        let kept = filter_record_batch(&batch, &keep);
        kept.map_err(|error| store::Error::backend("arrow", error).into())
    }
}

enum Wrong {
    Value(Fault),
    Batch(ImportError),
}

/// The records of a block.
struct Rows<'a> {
    block: &'a Block<'a>,
    spans: &'a [Span],
    /// Fields of a record.
    width: usize,
    /// The file's name for messages.
    file: &'a str,
}

/// The block as a batch, or the fault of the first row that has one.
fn decode(
    rows: &Rows<'_>,
    columns: &[Column],
    schema: &SchemaRef,
    left_out: &mut LeftOut,
) -> Result<RecordBatch, Wrong> {
    let Rows { block, spans, width, file } = *rows;
    let mut first: Option<(usize, Fault)> = None;
    let mut arrays = Vec::with_capacity(columns.len());
    for column in columns {
        let at = |row: usize| spans[row * width + column.position].start();
        let mut note = |row: usize, broken: Broken| {
            left_out.add(column.name(), broken, || (file.to_owned(), block.line_at(at(row))));
        };
        match column.decode(block.text, spans, width, block.rows, &mut note) {
            Ok(array) => {
                arrays.push(array);
                if column.keeps_text {
                    arrays.push(column.written(block.text, spans, width, block.rows));
                }
            }
            Err((row, broken)) => {
                if first.as_ref().is_none_or(|(earliest, _)| row < *earliest) {
                    let text = broken.to_string();
                    first = Some((row, Fault { at: at(row), column: Some(column.position), text }));
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
