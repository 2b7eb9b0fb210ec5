//! The cache of event trackers: the dataset group and schema that take the events of a tracking id, worked out once, and used
//! as long as the records that say so are the same.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use tastemaker_domain::Result;
use tastemaker_domain::schema::Schema;
use tastemaker_store::Records;

/// Targets that are kept; when they are so many, all are forgotten.
const TARGETS_MAX: usize = 1_024;

/// A group that takes events.
pub(crate) struct TrackerTarget {
    pub group_arn: String,
    /// Of its interactions.
    pub schema: Schema,
    /// The records that this was read from: keys and versions of the tracker, the dataset and the schema.
    pub records: [(String, u64); 3],
}

/// Targets by tracking id.
#[derive(Default)]
pub struct TrackerCache(Mutex<HashMap<String, Arc<TrackerTarget>>>);

impl fmt::Debug for TrackerCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrackerCache(..)")
    }
}

impl TrackerCache {
    /// The target that was worked out before, if nothing of it has changed.
    pub(crate) async fn get(&self, records: &dyn Records, tracking_id: &str) -> Result<Option<Arc<TrackerTarget>>> {
        let Some(known) = self.0.lock().get(tracking_id).cloned() else { return Ok(None) };
        for (key, version) in &known.records {
            let now = records.get(key).await?;
            if now.is_none_or(|now| now.version != *version) {
                return Ok(None);
            }
        }
        Ok(Some(known))
    }

    pub(crate) fn keep(&self, tracking_id: &str, target: Arc<TrackerTarget>) {
        let mut known = self.0.lock();
        if known.len() >= TARGETS_MAX {
            known.clear();
        }
        known.insert(tracking_id.to_owned(), target);
    }
}
