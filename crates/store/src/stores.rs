//! The four stores in one value, and transactions that notify.

use crate::transaction::{Transaction, transact};
use crate::{Blobs, Error, Events, MemoryBlobs, MemoryEvents, MemoryRecords, MemoryWakeups, Records, Wakeups};
use std::future::Future;
use std::sync::Arc;

/// The four kinds of storage. Cloning shares them.
#[derive(Clone)]
pub struct Stores {
    /// Resources and jobs.
    pub records: Arc<dyn Records>,
    /// Streamed interactions and rows.
    pub events: Arc<dyn Events>,
    /// Uploads, imported files and models.
    pub blobs: Arc<dyn Blobs>,
    /// Hints that there may be work.
    pub wakeups: Arc<dyn Wakeups>,
}

impl Stores {
    /// Empty stores that live as long as the process.
    pub fn in_memory() -> Self {
        Self {
            records: Arc::new(MemoryRecords::new()),
            events: Arc::new(MemoryEvents::new()),
            blobs: Arc::new(MemoryBlobs::new()),
            wakeups: Arc::new(MemoryWakeups::new()),
        }
    }

    /// As [`crate::RecordsTransact::transact`], and notifies the channels of the transaction when it is committed.
    pub async fn transact<T, E, F, Fut>(&self, decide: F) -> Result<T, E>
    where
        E: From<Error>,
        F: FnMut(Transaction) -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let (decided, channels) = transact(&*self.records, decide).await?;
        for channel in channels {
            self.wakeups.notify(channel).await;
        }
        Ok(decided)
    }
}
