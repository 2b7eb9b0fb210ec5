//! Records, events and wake-ups on PostgreSQL 14 or later.
//!
//! | store | tables | how it keeps its promises |
//! |---|---|---|
//! | records | `tastemaker_records` | serializable transactions, repeated when another process was in the way |
//! | events | `tastemaker_streams`, `tastemaker_events` | positions are given out while the stream's row is locked |
//! | wake-ups | none | LISTEN and NOTIFY |
//!
//! As on SQLite one task writes for each store and commits whatever calls have queued up in one transaction. A connection that is lost
//! is made anew by the next call; a commit whose answer was lost is asked for.

mod commits;
mod events;
mod failure;
mod lock;
mod records;
mod session;
mod text;
mod url;
mod wakeups;

pub use events::PostgresEvents;
pub use lock::PostgresLock;
pub use records::PostgresRecords;
pub use session::PostgresSettings;
pub use url::PostgresUrl;
pub use wakeups::PostgresWakeups;
