//! Records and events on SQLite.
//!
//! Each store is a file of its own, in WAL mode with `synchronous=FULL`, written by one task that commits
//! whatever calls have queued up in one transaction: an fsync is shared, never skipped.
//!
//! ```no_run
//! # async fn open() -> tastemaker_store::Result<()> {
//! let records = tastemaker_backend_sql::SqliteRecords::open("data/records.sqlite").await?;
//! let events = tastemaker_backend_sql::SqliteEvents::open("data/events.sqlite").await?;
//! # Ok(())
//! # }
//! ```

mod database;
mod database_file;
mod events;
mod group_commit;
mod packed;
mod record_cache;
mod records;
mod reserve;
mod snapshot;

pub use database_file::damage;
pub use events::SqliteEvents;
pub use records::SqliteRecords;
pub use snapshot::snapshot;
