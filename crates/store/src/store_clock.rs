//! The clock by which processes that share storage judge one another's leases and heartbeats.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;

use crate::Result;

/// A clock that is the same for every process on the same records: that of the database where there is one.
#[async_trait]
pub trait StoreClock: Send + Sync + 'static {
    /// Milliseconds since the Unix epoch.
    async fn now_ms(&self) -> Result<i64>;
}

/// The clock of this machine, for records that only one machine uses.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineClock;

#[async_trait]
impl StoreClock for MachineClock {
    async fn now_ms(&self) -> Result<i64> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

#[async_trait]
impl<T: StoreClock + ?Sized> StoreClock for Arc<T> {
    async fn now_ms(&self) -> Result<i64> {
        (**self).now_ms().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn this_machine_has_the_time() {
        const YEAR_2025_MS: i64 = 1_735_689_600_000;
        let first = MachineClock.now_ms().await.expect("a time");
        assert!(first > YEAR_2025_MS && Arc::new(MachineClock).now_ms().await.expect("a time") >= first);
    }
}
