//! Schemas as wire structures.

use crate::operations::wire::{members, seconds};
use tastemaker_domain::resource::SchemaResource;
use tastemaker_wire::personalize as wire;

/// A schema with its text.
pub fn schema(schema: SchemaResource) -> wire::DatasetSchema {
    wire::DatasetSchema {
        creation_date_time: seconds(schema.created_ms),
        domain: schema.domain.map(|d| d.as_str().to_owned()),
        last_updated_date_time: seconds(schema.updated_ms),
        name: Some(schema.name),
        schema: Some(schema.text),
        schema_arn: Some(schema.arn),
    }
}

/// A schema in a list.
pub fn schema_summary(schema: SchemaResource) -> wire::DatasetSchemaSummary {
    members!(self::schema(schema) => wire::DatasetSchemaSummary {
        creation_date_time, domain, last_updated_date_time, name, schema_arn
    })
}
