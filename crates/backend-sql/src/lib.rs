//! Records, events and wake-ups on SQL databases: SQLite in files of the data directory, or PostgreSQL.
//!
//! ```no_run
//! # async fn open() -> tastemaker_store::Result<()> {
//! let records = tastemaker_backend_sql::SqliteRecords::open("data/records.sqlite").await?;
//! let events = tastemaker_backend_sql::SqliteEvents::open("data/events.sqlite").await?;
//! # Ok(())
//! # }
//! ```

mod group_commit;
mod key_range;
mod migrations;
mod numbers;
mod postgres;
mod sqlite;

pub use postgres::{PostgresEvents, PostgresLock, PostgresRecords, PostgresSettings, PostgresUrl, PostgresWakeups};
pub use sqlite::{SqliteEvents, SqliteRecords, damage, snapshot};
