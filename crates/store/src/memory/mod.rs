//! The four kinds of memory in memory: for tests, demonstrations and, in the case of [`MemoryWakeups`], one-process servers.

mod blobs;
mod events;
mod records;
mod wakeups;

pub use blobs::MemoryBlobs;
pub use events::MemoryEvents;
pub use records::MemoryRecords;
pub use wakeups::MemoryWakeups;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The lock, even after a panic elsewhere: every critical section below leaves its state whole at each step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
