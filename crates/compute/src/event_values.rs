//! The column EVENT_VALUE of interactions: decimals, or texts of numbers where the schema has a string.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, Float64Array, RecordBatch, StringArray};

/// The column's name.
pub(crate) const EVENT_VALUE: &str = "EVENT_VALUE";

/// The finite number that a text is, blanks around it aside.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The values of a batch's events.
pub(crate) enum EventValues<'a> {
    Numbers(&'a Float64Array),
    Texts(&'a StringArray),
    /// The file has no such column.
    Absent,
}

impl<'a> EventValues<'a> {
    pub fn of(batch: &'a RecordBatch) -> Self {
        let Some(column) = batch.column_by_name(EVENT_VALUE) else { return Self::Absent };
        let numbers = column.as_primitive_opt::<Float64Type>().map(Self::Numbers);
        numbers.or_else(|| column.as_string_opt::<i32>().map(Self::Texts)).unwrap_or(Self::Absent)
    }

    /// The value of a row's event, if it has one.
    pub fn get(&self, row: usize) -> Option<f64> {
        match self {
            Self::Numbers(values) => values.is_valid(row).then(|| values.value(row)),
            Self::Texts(texts) => texts.is_valid(row).then(|| texts.value(row)).and_then(number),
            Self::Absent => None,
        }
    }
}
