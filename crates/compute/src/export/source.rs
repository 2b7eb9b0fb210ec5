//! Rows of Parquet files.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use tastemaker_domain::schema::Schema;
use tastemaker_store as store;

use super::{Cell, Rows, Visit};
use crate::ImportError;
use crate::read::{ReadAt, open};
use crate::texts::text_column;

/// The rows of files that [`import_csv`](crate::import_csv) wrote, in the files' order. `files` opens them anew for each
/// reading. Columns that a file does not have yet are null, and decimals whose own text was kept are that text.
pub struct ParquetRows<'a, F> {
    /// The columns that are read.
    pub schema: &'a Schema,
    /// The files, each time from the beginning.
    pub files: Box<dyn Fn() -> store::Result<Vec<F>> + 'a>,
}

impl<F: ReadAt> Rows for ParquetRows<'_, F> {
    fn each(&mut self, visit: &mut Visit<'_>) -> Result<(), ImportError> {
        let names: Vec<&str> = self.schema.fields.iter().map(|f| f.name.as_str()).collect();
        let texts: Vec<String> = names.iter().map(|name| text_column(name)).collect();
        let read: Vec<&str> = names.iter().copied().chain(texts.iter().map(String::as_str)).collect();
        for file in (self.files)()? {
            for batch in open(file, &read)? {
                let batch = batch.map_err(|error| store::Error::Corrupt(format!("parquet: {error}")))?;
                let column = |(name, text): (&&str, &String)| {
                    let texts = batch.column_by_name(text).and_then(|column| column.as_string_opt::<i32>());
                    (batch.column_by_name(name), texts)
                };
                let columns: Vec<_> = names.iter().zip(&texts).map(column).collect();
                let mut cells = Vec::with_capacity(columns.len());
                for row in 0..batch.num_rows() {
                    cells.clear();
                    cells.extend(columns.iter().map(
                        |(column, texts)| match texts.filter(|texts| texts.is_valid(row)) {
                            Some(texts) => Cell::Text(texts.value(row)),
                            None => column.map_or(Cell::Null, |column| cell(column, row)),
                        },
                    ));
                    visit(&cells)?;
                }
            }
        }
        Ok(())
    }
}

fn cell(column: &ArrayRef, row: usize) -> Cell<'_> {
    if column.is_null(row) {
        return Cell::Null;
    }
    if let Some(texts) = column.as_string_opt::<i32>() {
        return Cell::Text(texts.value(row));
    }
    if let Some(integers) = column.as_primitive_opt::<Int64Type>() {
        return Cell::Integer(integers.value(row));
    }
    if let Some(numbers) = column.as_primitive_opt::<Float64Type>() {
        return Cell::Number(numbers.value(row));
    }
    column.as_boolean_opt().map_or(Cell::Null, |booleans| Cell::Boolean(booleans.value(row)))
}
