//! Where the events of a tracking id go. Worked out once, and used as long as the records that say so are the same.

use crate::Ctx;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tastemaker_domain::Result;
use tastemaker_domain::schema::Schema;

/// TrackerCache that are kept; when they are so many, all are forgotten.
const TARGETS_MAX: usize = 1_024;

/// A group that takes events.
pub(crate) struct TrackerTarget {
    pub group_arn: String,
    /// Of its interactions.
    pub schema: Schema,
    /// What this was read from: keys and versions of the tracker, the dataset and the schema.
    pub records: [(String, u64); 3],
}

/// TrackerCache by tracking id.
#[derive(Default)]
pub struct TrackerCache(Mutex<HashMap<String, Arc<TrackerTarget>>>);

impl fmt::Debug for TrackerCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrackerCache(..)")
    }
}

impl TrackerCache {
    /// What was worked out before, if nothing of it has changed.
    pub(crate) async fn get(&self, ctx: &Ctx, tracking_id: &str) -> Result<Option<Arc<TrackerTarget>>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(tracking_id).cloned();
        let Some(held) = held else { return Ok(None) };
        for (key, version) in &held.records {
            let now = ctx.stores.records.get(key).await?;
            if now.is_none_or(|now| now.version != *version) {
                return Ok(None);
            }
        }
        Ok(Some(held))
    }

    pub(crate) fn keep(&self, tracking_id: &str, destination: Arc<TrackerTarget>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= TARGETS_MAX {
            held.clear();
        }
        held.insert(tracking_id.to_owned(), destination);
    }
}
