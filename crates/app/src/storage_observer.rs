//! Observers of storage: the time of each call, and of the newest streamed events.

use metrics::{counter, gauge, histogram};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Instant;
use tastemaker_domain::resource::JobKind;
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

/// Begins the counters that alerts look at, so that the first event of each is an increase.
pub fn begin_counters() {
    for (store, calls) in [
        ("records", &["get", "scan", "count", "commit"][..]),
        ("events", &["append", "read", "remove", "delete_stream"]),
        ("blobs", &["put", "finish", "read", "head", "list", "delete"]),
    ] {
        for call in calls {
            counter!("tastemaker_storage_errors_total", "store" => store, "call" => *call).increment(0);
        }
    }
    for kind in JobKind::ALL {
        for outcome in ["completed", "failed", "retried", "stopped"] {
            counter!("tastemaker_jobs_ended_total", "kind" => kind.as_str(), "outcome" => outcome).increment(0);
        }
    }
    for kind in ["record", "event"] {
        counter!("tastemaker_damaged_values_total", "kind" => kind).increment(0);
    }
    for outcome in ["kept", "refused", "ignored"] {
        counter!("tastemaker_braze_events_total", "outcome" => outcome).increment(0);
    }
    for kind in ["interactions", "action-interactions", "rows"] {
        counter!("tastemaker_events_appended_total", "kind" => kind).increment(0);
    }
    counter!("tastemaker_batch_requests_total", "kind" => JobKind::BatchInference.as_str()).increment(0);
    gauge!("tastemaker_batch_part_done").set(0.0);
    counter!("tastemaker_connections_refused_total").increment(0);
    counter!("tastemaker_tls_handshakes_failed_total").increment(0);
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
