//! Columns beside those of decimals, for the text in which a value was given.
//!
//! `84.90` is the number 84.9 to filters and models and `84.90` to who shows it. The column `PRICE:text` beside `PRICE` has the
//! text of each value that is not written in its shortest form, and null for the others; files of before have no such column. No
//! schema can have it, because its fields' names are made of letters, digits and underscores.

use tastemaker_domain::schema::{DatasetType, Field, FieldType};

/// Whether a file has the texts of a field beside its numbers: of what is shown, which is metadata.
pub(crate) fn keeps_text(dataset_type: DatasetType, field: &Field) -> bool {
    let is_metadata = matches!(dataset_type, DatasetType::Items | DatasetType::Users | DatasetType::Actions);
    is_metadata && matches!(field.field_type, FieldType::Float | FieldType::Double)
}

/// The name of the column with the texts of another.
pub(crate) fn text_column(name: &str) -> String {
    format!("{name}:text")
}
