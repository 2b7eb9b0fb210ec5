//! Dataset schemas: the flat subset of Avro that Personalize accepts.

use crate::Result;

mod avro;
mod dataset_type;
mod fields;
mod rules;
mod successor;
#[cfg(test)]
mod tests;

pub use dataset_type::{DatasetDomain, DatasetType};
pub use fields::{Field, FieldType, Schema};
pub use successor::check_successor;

impl Schema {
    /// Parses Avro JSON and checks Personalize's rules for the record's dataset type and `domain`.
    ///
    /// A schema that has required fields in another case of letters, as older scripts do, is read with all of Personalize's names
    /// in capitals; its other fields are called as they are.
    ///
    /// Errors are [`Error::InvalidInput`](crate::Error::InvalidInput) and name the field, the rule and what was found.
    pub fn parse(text: &str, domain: Option<DatasetDomain>) -> Result<Self> {
        let mut schema = avro::read(text)?;
        rules::capitalize(&mut schema, domain)?;
        rules::check(&schema, domain)?;
        Ok(schema)
    }

    /// The schema as Avro JSON that [`Schema::parse`] reads back.
    pub fn to_avro(&self) -> String {
        avro::write(self)
    }
}
