//! The memory that trainings side by side share.
//!
//! What is available to the process when no training computes is shared out: each training holds its estimate until it ends, and
//! one that does not fit beside the others waits. A training that is alone never waits; whether it fits at all is judged where it
//! begins.

use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// The pause between looks at the memory of the system, which others may give back.
const LOOK: Duration = Duration::from_secs(1);

/// The memory of one process that trainings share.
#[derive(Debug, Default)]
pub struct TrainingMemory {
    shares: Mutex<Shares>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Shares {
    /// Bytes that were available when the first of the present trainings began.
    total: u64,
    held: u64,
    trainings: usize,
}

/// The memory that a training may take until this is dropped.
#[derive(Debug)]
pub(crate) struct MemoryShare {
    memory: Arc<TrainingMemory>,
    bytes: u64,
    /// For the training; `None` where the system does not tell.
    pub granted: Option<u64>,
}

/// The memory that a training asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MemoryNeed {
    /// Bytes without which it cannot run.
    pub least: u64,
    /// Bytes with which it runs as fast as it can, at least [`Self::least`].
    pub most: u64,
}

impl TrainingMemory {
    /// Waits for room for `need`; `available` tells the bytes that the process may still take.
    pub(crate) async fn take(
        self: &Arc<Self>,
        need: MemoryNeed,
        available: &(dyn Fn() -> Option<u64> + Send + Sync),
    ) -> MemoryShare {
        let mut waited = false;
        loop {
            if let Some(share) = self.try_take(need, available()) {
                return share;
            }
            if !waited {
                tracing::info!(megabytes = need.least >> 20, "a training waits for the memory of others");
                waited = true;
            }
            // A share that was given back in between is seen by the next look.
            drop(tokio::time::timeout(LOOK, self.freed.notified()).await);
        }
    }

    fn try_take(self: &Arc<Self>, need: MemoryNeed, available: Option<u64>) -> Option<MemoryShare> {
        let mut shares = self.shares.lock();
        let granted = match available {
            None => None,
            Some(available) if shares.trainings == 0 => {
                *shares = Shares { total: available, held: 0, trainings: 0 };
                Some(need.most.min(available))
            }
            Some(available) => {
                let free = shares.total.saturating_sub(shares.held).min(available);
                if need.least > free {
                    return None;
                }
                Some(need.most.min(free))
            }
        };
        let bytes = granted.unwrap_or(0);
        shares.held = shares.held.saturating_add(bytes);
        shares.trainings += 1;
        Some(MemoryShare { memory: self.clone(), bytes, granted })
    }
}

impl Drop for MemoryShare {
    fn drop(&mut self) {
        let mut shares = self.memory.shares.lock();
        shares.held = shares.held.saturating_sub(self.bytes);
        shares.trainings = shares.trainings.saturating_sub(1);
        self.memory.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(least: u64, most: u64) -> MemoryNeed {
        MemoryNeed { least, most }
    }

    #[test]
    fn trainings_share_what_was_there_when_the_first_one_began() {
        let memory = Arc::new(TrainingMemory::default());
        let first = memory.try_take(need(40, 60), Some(100)).unwrap();
        assert_eq!(first.granted, Some(60));
        // The first one has taken little of its share so far.
        assert!(memory.try_take(need(41, 41), Some(95)).is_none());
        let second = memory.try_take(need(10, 90), Some(95)).unwrap();
        assert_eq!(second.granted, Some(40));
        drop(first);
        let third = memory.try_take(need(10, 90), Some(30)).unwrap();
        assert_eq!(third.granted, Some(30), "others have taken memory meanwhile");
        drop((second, third));
        assert_eq!(memory.try_take(need(500, 600), Some(100)).unwrap().granted, Some(100), "alone, nobody waits");
        assert_eq!(memory.try_take(need(500, 600), None).unwrap().granted, None);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_does_not_fit_waits_for_another_to_end() {
        let memory = Arc::new(TrainingMemory::default());
        let available = || Some(100);
        let first = memory.take(need(80, 80), &available).await;
        let second = memory.take(need(50, 50), &available);
        let mut second = std::pin::pin!(second);
        assert!(tokio::time::timeout(Duration::from_secs(5), &mut second).await.is_err());
        let small = memory.take(need(20, 20), &available).await;
        drop(first);
        assert_eq!(second.await.granted, Some(50));
        drop(small);
    }
}
