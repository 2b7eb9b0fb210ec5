//! Tombstones: records of deleted resources with the status DELETE PENDING, which Describe shows for a moment, beside their
//! former keys.

use super::{Record, key};
use crate::{Error, Records, RecordsExt, Result, Write, from_json, put_json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tastemaker_domain::Status;
use tastemaker_domain::resource::TimeMs;

/// The first segment of the keys.
const DELETED: &str = "deleted/";

#[derive(Serialize, Deserialize)]
struct Deleted {
    deleted_ms: TimeMs,
    record: Value,
}

fn tombstone_key<R: Record>(id: &str) -> String {
    format!("{DELETED}{}", key::<R>(id))
}

/// A write of what Describe shows of a record that the same batch deletes.
pub fn put_tombstone<R: Record>(record: &R, deleted_ms: TimeMs) -> Result<Write> {
    let key = tombstone_key::<R>(record.id());
    let json = record.to_json().and_then(|json| serde_json::from_slice(&json));
    let mut record: Value = json.map_err(|error| Error::backend("records", format!("{key}: {error}")))?;
    record["status"] = json!(Status::DeletePending.as_str());
    record["updated_ms"] = json!(deleted_ms);
    put_json(key, &Deleted { deleted_ms, record })
}

/// The resource that was deleted under this ARN after `since_ms`, if nothing older.
pub async fn load_tombstone<R: Record>(records: &dyn Records, id: &str, since_ms: TimeMs) -> Result<Option<R>> {
    let key = tombstone_key::<R>(id);
    let Some((_, found)) = records.get_json::<Deleted>(&key).await? else { return Ok(None) };
    if found.deleted_ms <= since_ms {
        return Ok(None);
    }
    super::decode(&key, found.record.to_string().as_bytes()).map(Some)
}

/// Removals of at most `limit` records of what was deleted until `until_ms`.
pub async fn forget_tombstones(records: &dyn Records, until_ms: TimeMs, limit: usize) -> Result<Vec<Write>> {
    let mut writes = Vec::new();
    for (key, found) in records.scan(DELETED, None, limit).await? {
        if from_json::<Deleted>(&key, &found.value)?.deleted_ms <= until_ms {
            writes.push(Write::Delete { key });
        }
    }
    Ok(writes)
}
