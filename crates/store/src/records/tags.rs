//! The tags of a resource, in a record of their own beside it.

use super::codec::One;
use crate::{Records, RecordsExt, Result, Write, put_json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::tags::Tags;

/// Format version 1.
#[derive(Serialize, Deserialize)]
struct TagsV1 {
    v: One,
    tags: BTreeMap<String, String>,
}

/// The key of a resource's tags.
pub fn tags_key(arn: &str) -> String {
    format!("tags/{arn}")
}

/// A write of a resource's tags.
pub fn put_tags(arn: &str, tags: &Tags) -> Result<Write> {
    put_json(tags_key(arn), &TagsV1 { v: One, tags: tags.as_map().clone() })
}

/// A removal of a resource's tags; to be part of every batch that removes a taggable resource.
pub fn delete_tags(arn: &str) -> Write {
    Write::Delete { key: tags_key(arn) }
}

/// A resource's tags with the version of their record, which is absent without tags.
pub async fn load_tags(records: &dyn Records, arn: &str) -> Result<(Option<u64>, Tags)> {
    Ok(match records.get_json::<TagsV1>(&tags_key(arn)).await? {
        Some((version, found)) => (Some(version), Tags::stored(found.tags)),
        None => (None, Tags::default()),
    })
}
