//! Records and events on SQLite.
//!
//! Each store is a file of its own, in WAL mode with `synchronous=FULL`, written by one task that commits
//! whatever calls have queued up in one transaction: an fsync is shared, never skipped.

mod database;
mod database_file;
mod events;
mod packed;
mod record_cache;
mod records;
mod reserve;
mod snapshot;
mod transactions;

pub use database_file::damage;
pub use events::SqliteEvents;
pub use records::SqliteRecords;
pub use snapshot::snapshot;
