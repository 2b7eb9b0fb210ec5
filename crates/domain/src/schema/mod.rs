//! Dataset schemas: the flat subset of Avro that Personalize accepts.

use crate::Result;

mod avro;
mod rules;
mod successor;
#[cfg(test)]
mod tests;

pub use successor::check_successor;

/// The tables of a dataset group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum DatasetType {
    Interactions,
    Items,
    Users,
    Actions,
    ActionInteractions,
}

impl DatasetType {
    /// Every type.
    pub const ALL: &[DatasetType] = &[
        DatasetType::Interactions,
        DatasetType::Items,
        DatasetType::Users,
        DatasetType::Actions,
        DatasetType::ActionInteractions,
    ];

    /// `INTERACTIONS`: what Describe shows and what the dataset's ARN ends with.
    pub fn as_str(self) -> &'static str {
        match self {
            DatasetType::Interactions => "INTERACTIONS",
            DatasetType::Items => "ITEMS",
            DatasetType::Users => "USERS",
            DatasetType::Actions => "ACTIONS",
            DatasetType::ActionInteractions => "ACTION_INTERACTIONS",
        }
    }

    /// The record name that a schema of this type carries.
    pub fn record_name(self) -> &'static str {
        match self {
            DatasetType::Interactions => "Interactions",
            DatasetType::Items => "Items",
            DatasetType::Users => "Users",
            DatasetType::Actions => "Actions",
            DatasetType::ActionInteractions => "Action_Interactions",
        }
    }

    /// The type that `text` names, in any case and with `-`, `_` or nothing between words.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_ascii_uppercase();
        let wanted = plain(text);
        Self::ALL.iter().copied().find(|t| plain(t.as_str()) == wanted)
    }
}

/// The domain of a dataset group or schema; custom groups have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum DatasetDomain {
    Ecommerce,
    VideoOnDemand,
}

impl DatasetDomain {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            DatasetDomain::Ecommerce => "ECOMMERCE",
            DatasetDomain::VideoOnDemand => "VIDEO_ON_DEMAND",
        }
    }

    /// The domain spelled by `text`.
    pub fn parse(text: &str) -> Option<Self> {
        [DatasetDomain::Ecommerce, DatasetDomain::VideoOnDemand].into_iter().find(|d| d.as_str() == text)
    }
}

/// A column's primitive type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FieldType {
    String,
    Int,
    Long,
    Float,
    Double,
    Boolean,
}

impl FieldType {
    /// Every type.
    pub const ALL: &[FieldType] =
        &[FieldType::String, FieldType::Int, FieldType::Long, FieldType::Float, FieldType::Double, FieldType::Boolean];

    /// The type that Avro calls `text`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|t| t.as_str() == text)
    }

    /// Avro's word.
    pub fn as_str(self) -> &'static str {
        match self {
            FieldType::String => "string",
            FieldType::Int => "int",
            FieldType::Long => "long",
            FieldType::Float => "float",
            FieldType::Double => "double",
            FieldType::Boolean => "boolean",
        }
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

/// A parsed and checked schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// What the record's `name` says the dataset holds.
    pub dataset_type: DatasetType,
    /// Columns in schema order.
    pub fields: Vec<Field>,
}

impl Schema {
    /// The column called `name`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// Parses Avro JSON and checks Personalize's rules for the record's dataset type and `domain`.
    ///
    /// Errors are [`Error::InvalidInput`](crate::Error::InvalidInput) and name the field, the rule and what was found.
    pub fn parse(text: &str, domain: Option<DatasetDomain>) -> Result<Self> {
        let schema = avro::read(text)?;
        rules::check(&schema, domain)?;
        Ok(schema)
    }

    /// The schema as Avro JSON that [`Schema::parse`] reads back.
    pub fn to_avro(&self) -> String {
        avro::write(self)
    }
}
