//! The Parquet side of an import.

use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use tastemaker_domain::schema::{FieldType, Schema};

use super::column::is_key;
use crate::ImportError;
use crate::texts::{keeps_text, text_column};

/// Rows of a row group.
const ROW_GROUP_ROWS_MAX: usize = 1 << 20;
/// Encoded bytes of a row group; what the writer holds in memory.
const ROW_GROUP_BYTES_MAX: usize = 32 << 20;

/// A message of the reading side.
pub(super) enum Message {
    Batch(RecordBatch),
    /// All batches were sent and the file is good.
    Finish,
}

/// The columns of a dataset in Arrow's terms. All but keys may be null, whatever the schema says, because values that break a
/// rule are left out.
pub(super) fn batch_schema(schema: &Schema) -> SchemaRef {
    let mut fields = Vec::with_capacity(schema.fields.len());
    for field in &schema.fields {
        let data_type = match field.field_type {
            FieldType::Int | FieldType::Long if field.is_event_value(schema.dataset_type) => DataType::Float64,
            FieldType::String => DataType::Utf8,
            FieldType::Float | FieldType::Double => DataType::Float64,
            FieldType::Int | FieldType::Long => DataType::Int64,
            FieldType::Boolean => DataType::Boolean,
        };
        fields.push(Field::new(&field.name, data_type, !is_key(schema.dataset_type, &field.name)));
        if keeps_text(schema.dataset_type, field) {
            fields.push(Field::new(text_column(&field.name), DataType::Utf8, true));
        }
    }
    Arc::new(arrow_schema::Schema::new(fields))
}

pub(crate) fn properties(schema: &SchemaRef) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS_MAX))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES_MAX));
    for field in schema.fields() {
        // Times hardly repeat, so a dictionary would be built and thrown away.
        if field.data_type() == &DataType::Int64 && field.name().ends_with("TIMESTAMP") {
            let path = ColumnPath::from(field.name().as_str());
            builder = builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        }
    }
    builder.build()
}

/// Writes batches until told to finish; without that word the file stays incomplete.
pub(super) fn write(sink: impl Write + Send, schema: SchemaRef, batches: Receiver<Message>) -> Result<(), ImportError> {
    let properties = properties(&schema);
    let mut writer = ArrowWriter::try_new(sink, schema, Some(properties))?;
    for message in batches {
        match message {
            Message::Batch(batch) => writer.write(&batch)?,
            Message::Finish => {
                writer.close()?;
                return Ok(());
            }
        }
    }
    Ok(())
}
