//! The columns of a schema.

use super::dataset_type::DatasetType;
use crate::words::words;

words! {
    /// A column's primitive type.
    #[allow(missing_docs)]
    pub enum FieldType {
        String = "string",
        Int = "int",
        Long = "long",
        Float = "float",
        Double = "double",
        Boolean = "boolean",
    }
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// As in the schema and the CSV header.
    pub name: String,
    /// Primitive type.
    pub field_type: FieldType,
    /// Whether the union has `null`.
    pub nullable: bool,
    /// Several values may be joined with `|`; used in training.
    pub categorical: bool,
    /// Free text; used in training.
    pub textual: bool,
    /// The item's name (semantic similarity).
    pub item_name: bool,
}

impl Field {
    /// Whether this column of a dataset holds the values of events: numbers, whatever its type, which is string in older schemas.
    pub fn is_event_value(&self, dataset_type: DatasetType) -> bool {
        dataset_type == DatasetType::Interactions && self.name == "EVENT_VALUE"
    }
}

/// A parsed and checked schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The type of dataset that the record's `name` stands for.
    pub dataset_type: DatasetType,
    /// Columns in schema order.
    pub fields: Vec<Field>,
}

impl Schema {
    /// The column called `name`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }
}
