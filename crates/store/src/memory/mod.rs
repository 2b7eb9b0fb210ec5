//! The four stores in memory: for tests, demonstrations and, in the case of [`MemoryWakeups`], one-process servers.

mod blobs;
mod events;
mod records;
mod wakeups;

pub use blobs::MemoryBlobs;
pub use events::MemoryEvents;
pub use records::MemoryRecords;
pub use wakeups::MemoryWakeups;
