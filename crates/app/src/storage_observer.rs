//! Observers of storage: the time of each call, and of the newest streamed events.

use metrics::{counter, histogram};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Instant;
use tastemaker_http::request_facts;
use tastemaker_service::Appended;
use tastemaker_store::measured::StoreObserver;

/// Times calls of the stores, for `/metrics` and for the request that makes them.
pub struct StorageObserver;

impl StoreObserver for StorageObserver {
    fn called(&self, store: &'static str, call: &'static str, began: Instant, failed: bool) {
        histogram!("tastemaker_storage_seconds", "store" => store, "call" => call)
            .record(began.elapsed().as_secs_f64());
        if failed {
            counter!("tastemaker_storage_errors_total", "store" => store, "call" => call).increment(1);
        }
        request_facts::storage(began);
    }
}

/// Counts what was streamed.
pub fn count_appended(appended: &Appended<'_>) {
    use tastemaker_domain::resource::Streamed;
    let (kind, count) = match appended.streamed {
        Streamed::Interactions(events) => ("interactions", events.len()),
        Streamed::ActionInteractions(events) => ("action-interactions", events.len()),
        Streamed::Rows { rows, .. } => ("rows", rows.len()),
    };
    counter!("tastemaker_events_appended_total", "kind" => kind).increment(count as u64);
}

/// When the newest interaction of each dataset group arrived in this process.
#[derive(Debug, Default)]
pub struct NewestEvents(Mutex<HashMap<String, i64>>);

impl NewestEvents {
    /// Notes an arrival, in milliseconds since the Unix epoch.
    pub fn note(&self, dataset_group_arn: &str, now_ms: i64) {
        let mut newest = self.0.lock();
        match newest.get_mut(dataset_group_arn) {
            Some(at) => *at = now_ms,
            None => drop(newest.insert(dataset_group_arn.to_owned(), now_ms)),
        }
    }

    /// The last arrival for a group.
    pub fn of(&self, dataset_group_arn: &str) -> Option<i64> {
        self.0.lock().get(dataset_group_arn).copied()
    }
}
