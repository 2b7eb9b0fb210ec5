//! Metadata of items, users or actions.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use tastemaker_data::table::{Column, Table, TableBuilder, Value};
use tastemaker_domain::row_properties::id_column;
use tastemaker_domain::schema::{Field, FieldType, Schema};
use tastemaker_store as store;

use super::ReadAt;
use super::source::open;
use crate::texts::{keeps_text, text_column};

/// The metadata in Parquet files as one table with the schema's columns except the id; a later row, or a row of a later
/// file, replaces an earlier one of the same id. Columns that a file does not have yet are absent in its rows.
///
/// # Errors
/// [`store::Error::Corrupt`] when a file is not one that [`import_csv`](crate::import_csv) wrote for such a schema.
pub fn read_table<F: ReadAt>(files: impl IntoIterator<Item = F>, schema: &Schema) -> store::Result<Table> {
    let mut builder = table_builder(schema);
    files.into_iter().try_for_each(|file| add_to_table(file, schema, &mut builder))?;
    Ok(builder.build())
}

/// A builder of a table with the schema's columns except the id.
pub fn table_builder(schema: &Schema) -> TableBuilder {
    TableBuilder::new(fields(schema).map(|f| (f.name.clone(), empty_column(f))).collect())
}

/// Sets the rows of one more file in a builder that [`table_builder`] made for the same schema.
///
/// # Errors
/// As of [`read_table`].
pub fn add_to_table<F: ReadAt>(file: F, schema: &Schema, builder: &mut TableBuilder) -> store::Result<()> {
    let id = id_column(schema.dataset_type);
    let fields: Vec<&Field> = fields(schema).collect();
    let texts: Vec<String> =
        fields.iter().filter(|f| keeps_text(schema.dataset_type, f)).map(|f| text_column(&f.name)).collect();
    let columns = fields.iter().map(|f| f.name.as_str()).chain(texts.iter().map(String::as_str));
    let names: Vec<&str> = std::iter::once(id).chain(columns).collect();
    for batch in open(file, &names)? {
        let batch = batch.map_err(|error| store::Error::Corrupt(format!("parquet: {error}")))?;
        add(&batch, id, &fields, builder)?;
    }
    Ok(())
}

fn fields(schema: &Schema) -> impl Iterator<Item = &Field> {
    let id = id_column(schema.dataset_type);
    schema.fields.iter().filter(move |field| field.name != id)
}

fn empty_column(field: &Field) -> Column {
    match field.field_type {
        FieldType::String => Column::Text(Vec::new()),
        FieldType::Int | FieldType::Long => Column::Integer(Vec::new()),
        FieldType::Float | FieldType::Double => Column::Number(Vec::new()),
        FieldType::Boolean => Column::Boolean(Vec::new()),
    }
}

fn add(batch: &RecordBatch, id: &str, fields: &[&Field], builder: &mut TableBuilder) -> store::Result<()> {
    let ids = batch
        .column_by_name(id)
        .and_then(|c| c.as_string_opt::<i32>())
        .ok_or_else(|| store::Error::Corrupt(format!("parquet: a file has no column {id}")))?;
    let columns: Vec<(Option<&ArrayRef>, Option<&StringArray>)> = fields
        .iter()
        .map(|f| {
            let texts = batch.column_by_name(&text_column(&f.name)).and_then(|c| c.as_string_opt::<i32>());
            (batch.column_by_name(&f.name), texts)
        })
        .collect();
    for row in 0..batch.num_rows() {
        let values = columns.iter().map(|(column, texts)| {
            let text = texts.filter(|texts| texts.is_valid(row)).map(|texts| texts.value(row));
            Some((value((*column)?, row)?, text))
        });
        builder.set_written(ids.value(row), values);
    }
    Ok(())
}

fn value(column: &ArrayRef, row: usize) -> Option<Value> {
    if column.is_null(row) {
        return None;
    }
    if let Some(texts) = column.as_string_opt::<i32>() {
        return Some(Value::Text(texts.value(row).into()));
    }
    if let Some(integers) = column.as_primitive_opt::<Int64Type>() {
        return Some(Value::Integer(integers.value(row)));
    }
    if let Some(numbers) = column.as_primitive_opt::<Float64Type>() {
        return Some(Value::Number(numbers.value(row)));
    }
    column.as_boolean_opt().map(|booleans| Value::Boolean(booleans.value(row)))
}
