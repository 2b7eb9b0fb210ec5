//! Records, events and wake-ups on a PostgreSQL server that the tests start themselves.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, missing_docs)]

mod conformance;
mod failures;
mod races;

use std::time::Duration;
use tastemaker_backend_sql::PostgresSettings;
use tastemaker_store::NewEvent;

/// Settings for a database.
fn settings(url: &str) -> PostgresSettings {
    PostgresSettings { url: url.parse().expect("a URL"), connections: 4, wait: Duration::from_secs(20) }
}

fn event(id: &str) -> NewEvent {
    NewEvent { id: id.to_owned(), body: id.as_bytes().to_vec().into() }
}
