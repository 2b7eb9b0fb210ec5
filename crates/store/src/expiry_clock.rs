//! The time by which stored things expire. It follows the system's clock, but no jump of that clock moves it far.
//!
//! What waits to be deleted, like blobs in `lost/` and unfinished uploads, has an age. By the system's clock a machine whose
//! clock is a year ahead would delete all of it at once. This time is kept in the record `expiry-clock`: while the server
//! runs it moves at most twice as fast as steady time does, once after each start it may catch up a day of the time that the
//! server was off, and it is never later than the system's clock. So a wrong clock has to stay wrong for weeks of running, and
//! things expire later than they could on a server that was off for long.

use std::sync::Arc;
use std::time::Duration;

use crate::{Records, RecordsExt, Result};

/// The record's key.
const KEY: &str = "expiry-clock";

/// Milliseconds of the time that a server was off which count at a start.
const OFF_MS_MAX: i64 = 24 * 60 * 60 * 1_000;

/// The time by which things expire, of one running server.
pub struct ExpiryClock {
    records: Arc<dyn Records>,
    has_moved: bool,
}

/// The time that was reached, in milliseconds since the Unix epoch; none where no server of this build ran for an hour.
pub async fn reached_ms(records: &dyn Records) -> Result<Option<i64>> {
    Ok(records.get_json::<i64>(KEY).await?.map(|(_, reached_ms)| reached_ms))
}

impl ExpiryClock {
    /// Of a server that starts now.
    pub fn new(records: Arc<dyn Records>) -> Self {
        Self { records, has_moved: false }
    }

    /// Moves on, `ran` of steady time after the start or the last move. The time by which things expire; none the first time
    /// of all, when nothing says how far the system's clock can be trusted.
    pub async fn advance(&mut self, now_ms: i64, ran: Duration) -> Result<Option<i64>> {
        let before = reached_ms(&*self.records).await?;
        let ran_ms = i64::try_from(ran.as_millis()).unwrap_or(i64::MAX);
        let off_ms = if self.has_moved { 0 } else { OFF_MS_MAX };
        let latest = |before: i64| before.saturating_add(ran_ms.saturating_mul(2)).saturating_add(off_ms);
        let reached = before.map(|before| latest(before).min(now_ms));
        self.records.put_json(KEY, &reached.unwrap_or(now_ms)).await?;
        self.has_moved = true;
        Ok(reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryRecords;

    const HOUR: Duration = Duration::from_secs(3_600);
    const HOUR_MS: i64 = 3_600_000;
    const DAY_MS: i64 = 24 * HOUR_MS;
    const NOW: i64 = 1_800_000_000_000;
    const AHEAD: i64 = NOW + 3_650 * DAY_MS;

    #[tokio::test]
    async fn a_right_clock_is_followed() {
        let records: Arc<dyn Records> = Arc::new(MemoryRecords::new());
        assert_eq!(reached_ms(&*records).await.expect("read"), None);
        let mut clock = ExpiryClock::new(records.clone());
        assert_eq!(clock.advance(NOW, HOUR).await.expect("moved"), None);
        for hours in 1..100 {
            let now = NOW + hours * HOUR_MS;
            assert_eq!(clock.advance(now, HOUR).await.expect("moved"), Some(now));
        }
        // Off for ten days: one is caught up at the start, and then two hours in each hour.
        let now = NOW + 99 * HOUR_MS + 10 * DAY_MS;
        let mut clock = ExpiryClock::new(records.clone());
        let first = clock.advance(now + HOUR_MS, HOUR).await.expect("moved").expect("a time");
        assert_eq!(first, NOW + 99 * HOUR_MS + DAY_MS + 2 * HOUR_MS);
        for hours in 2..=(9 * 24 - 1) {
            clock.advance(now + hours * HOUR_MS, HOUR).await.expect("moved");
        }
        let now = now + 9 * DAY_MS;
        assert_eq!(clock.advance(now, HOUR).await.expect("moved"), Some(now));
        assert_eq!(reached_ms(&*records).await.expect("read"), Some(now));
    }

    #[tokio::test]
    async fn a_clock_far_ahead_moves_it_little_and_is_forgotten() {
        let records: Arc<dyn Records> = Arc::new(MemoryRecords::new());
        ExpiryClock::new(records.clone()).advance(NOW, HOUR).await.expect("moved");
        let mut latest = NOW;
        // Ten starts, each with the clock ten years ahead for a day.
        for _ in 0..10 {
            let mut clock = ExpiryClock::new(records.clone());
            for _ in 0..24 {
                latest = clock.advance(AHEAD, HOUR).await.expect("moved").expect("a time");
            }
        }
        assert_eq!(latest, NOW + 10 * 3 * DAY_MS);
        let mut clock = ExpiryClock::new(records);
        assert_eq!(clock.advance(NOW + 10 * DAY_MS, HOUR).await.expect("moved"), Some(NOW + 10 * DAY_MS));
    }

    #[tokio::test]
    async fn a_first_look_with_a_wrong_clock_deletes_nothing() {
        let records: Arc<dyn Records> = Arc::new(MemoryRecords::new());
        let mut clock = ExpiryClock::new(records);
        assert_eq!(clock.advance(AHEAD, HOUR).await.expect("moved"), None);
        assert_eq!(clock.advance(NOW, HOUR).await.expect("moved"), Some(NOW));
    }
}
