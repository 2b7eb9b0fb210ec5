//! Parquet files of people's own as records: each value as the text that a CSV would have.

use std::fmt::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use tastemaker_domain::schema::Schema;
use tastemaker_store as store;

use crate::ImportError;
use crate::csv::{Block, Fault, Places, RecordReader, Span, position};
use crate::read::{Batches, ReadAt, column_names, open};

/// A Parquet file, of which the schema's columns are read.
pub(super) struct ParquetRecords {
    batches: Batches,
    file: String,
    header: Vec<String>,
    text: String,
    records: Vec<(usize, u64)>,
    rows: u64,
    bytes: u64,
    /// The rows of the last batch behind one that could not be read.
    rest: Option<RecordBatch>,
}

impl ParquetRecords {
    pub(super) fn open<F: ReadAt>(source: F, file: &str, schema: &Schema) -> Result<Self, ImportError> {
        let damaged = |error: store::Error| damaged(file, error);
        let source = std::sync::Arc::new(source);
        let names = column_names(source.clone()).map_err(damaged)?;
        let mut wanted = Vec::new();
        for field in &schema.fields {
            let found = position(&names, &field.name).map_err(|text| ImportError::Data(format!("{file}: {text}")))?;
            wanted.extend(found.map(|at| names[at].clone()));
        }
        // With the names of the others, so that the message about a missing column lists them.
        let header = if wanted.len() == schema.fields.len() { wanted.clone() } else { names };
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        let batches = open(source, &wanted).map_err(damaged)?;
        Ok(Self::of(batches, file, header))
    }

    fn of(batches: Batches, file: &str, header: Vec<String>) -> Self {
        let file = file.to_owned();
        Self { batches, file, header, text: String::new(), records: Vec::new(), rows: 0, bytes: 0, rest: None }
    }

    /// With all columns that have one of these names, or with all.
    pub(super) fn with_columns<F: ReadAt>(source: F, file: &str, only: Option<&[String]>) -> Result<Self, ImportError> {
        let damaged = |error: store::Error| damaged(file, error);
        let source = std::sync::Arc::new(source);
        let mut header = column_names(source.clone()).map_err(damaged)?;
        if let Some(only) = only {
            header.retain(|name| only.contains(name));
        }
        let wanted: Vec<&str> = header.iter().map(String::as_str).collect();
        let batches = open(source, &wanted).map_err(damaged)?;
        Ok(Self::of(batches, file, header))
    }

    /// The texts of a batch, row by row; the number of rows before one that cannot be read, and its fault.
    fn take(&mut self, batch: &RecordBatch, spans: &mut Vec<Span>) -> (usize, Option<Fault>) {
        let columns: Vec<Option<&ArrayRef>> = self.header.iter().map(|name| batch.column_by_name(name)).collect();
        for row in 0..batch.num_rows() {
            self.rows += 1;
            self.records.push((self.text.len(), self.rows));
            for (at, column) in columns.iter().enumerate() {
                let begin = self.text.len();
                if let Some(column) = column.filter(|column| column.is_valid(row))
                    && let Err(text) = write_value(column, row, &mut self.text)
                {
                    return (row, Some(Fault { at: begin, column: Some(at), text }));
                }
                spans.push(Span::plain(begin, self.text.len()));
            }
            // So that no two records begin at the same place.
            self.text.push('\n');
        }
        (batch.num_rows(), None)
    }
}

fn damaged(file: &str, error: store::Error) -> ImportError {
    match error {
        store::Error::Corrupt(what) => {
            ImportError::Data(format!("{file}: the file begins as Parquet and cannot be read ({what})"))
        }
        other => other.into(),
    }
}

impl RecordReader for ParquetRecords {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn file(&self) -> &str {
        &self.file
    }

    fn looks(&self) -> String {
        String::new()
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn next_records(&mut self, spans: &mut Vec<Span>) -> Result<Option<Block<'_>>, ImportError> {
        spans.clear();
        self.text.clear();
        self.records.clear();
        // A batch may be without rows.
        let (rows, fault) = loop {
            let batch = match self.rest.take() {
                Some(rest) => rest,
                None => {
                    let Some(batch) = self.batches.next() else { return Ok(None) };
                    batch.map_err(|error| {
                        let (file, after) = (&self.file, self.rows);
                        ImportError::Data(format!(
                            "{file}: the Parquet data after row {after} cannot be read ({error})"
                        ))
                    })?
                }
            };
            let taken = self.take(&batch, spans);
            if taken.1.is_some() {
                let behind = (taken.0 + 1).min(batch.num_rows());
                self.rest = Some(batch.slice(behind, batch.num_rows() - behind));
            }
            if taken.0 > 0 || taken.1.is_some() {
                break taken;
            }
        };
        // Spans of a row that has a fault are left out.
        spans.truncate(rows * self.header.len());
        self.bytes += self.text.len() as u64;
        let places = Places::Numbered { called: "row", records: &self.records };
        Ok(Some(Block { text: &self.text, places, rows, fault }))
    }

    fn skip_fault(&mut self) -> Result<(), ImportError> {
        // The next block begins behind it.
        Ok(())
    }
}

/// Appends a value that is not null as text, or says why it has none.
fn write_value(column: &ArrayRef, row: usize, text: &mut String) -> Result<(), String> {
    // Writing to a String cannot fail.
    macro_rules! number {
        ($type:ty) => {{
            let _ = write!(text, "{}", column.as_primitive::<$type>().value(row));
        }};
    }
    macro_rules! seconds {
        ($type:ty, $per_second:expr) => {{
            let _ = write!(text, "{}", column.as_primitive::<$type>().value(row).div_euclid($per_second));
        }};
    }
    match column.data_type() {
        DataType::Utf8 => text.push_str(column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => text.push_str(column.as_string::<i64>().value(row)),
        DataType::Utf8View => text.push_str(column.as_string_view().value(row)),
        DataType::Boolean => {
            let _ = write!(text, "{}", column.as_boolean().value(row));
        }
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        DataType::Float32 => number!(Float32Type),
        DataType::Float64 => number!(Float64Type),
        DataType::Timestamp(TimeUnit::Second, _) => seconds!(TimestampSecondType, 1),
        DataType::Timestamp(TimeUnit::Millisecond, _) => seconds!(TimestampMillisecondType, 1_000),
        DataType::Timestamp(TimeUnit::Microsecond, _) => seconds!(TimestampMicrosecondType, 1_000_000),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => seconds!(TimestampNanosecondType, 1_000_000_000),
        DataType::Date32 => {
            let _ = write!(text, "{}", i64::from(column.as_primitive::<Date32Type>().value(row)) * 86_400);
        }
        DataType::List(_) => {
            let parts = column.as_list::<i32>().value(row);
            for part in 0..parts.len() {
                if part > 0 {
                    text.push('|');
                }
                if matches!(parts.data_type(), DataType::List(_)) || parts.is_null(part) {
                    return Err("a list must have only texts, numbers and booleans".to_owned());
                }
                write_value(&parts, part, text)?;
            }
        }
        other => {
            return Err(format!(
                "the column has the type {other}; it must be text, a number, a boolean, a time or a list of these"
            ));
        }
    }
    Ok(())
}
