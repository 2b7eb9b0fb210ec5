//! The times of streamed events against this server's clock, by the access key of their sender.

use super::table::Table;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tastemaker_domain::limits::TIMESTAMP_SECONDS_MAX;

/// Senders that have counts of their own; those beyond are counted together.
pub const EVENT_SENDERS_MAX: usize = 200;
/// Seconds by which an event's time may differ from that of its arrival.
pub const CLOCK_OFF_SECONDS: f64 = 300.0;
/// Seconds since 1970 below which a time is of that year.
const YEAR_1970_SECONDS: f64 = 365.0 * 24.0 * 60.0 * 60.0;

/// The counts of a sender since the start of the process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventSender {
    /// The access key, or the path of senders without one; empty for those beyond [`EVENT_SENDERS_MAX`].
    pub key: String,
    /// Events that were kept.
    pub events: u64,
    /// Events whose time was in milliseconds.
    pub milliseconds: u64,
    /// Events with a time of 1970.
    pub year_1970: u64,
    /// Events from more than [`CLOCK_OFF_SECONDS`] in the future.
    pub ahead: u64,
    /// Events from more than [`CLOCK_OFF_SECONDS`] in the past.
    pub behind: u64,
    /// When events came last, in milliseconds since the Unix epoch.
    pub last_ms: i64,
}

#[derive(Debug, Default)]
struct Counts {
    events: AtomicU64,
    milliseconds: AtomicU64,
    year_1970: AtomicU64,
    ahead: AtomicU64,
    behind: AtomicU64,
    last_ms: AtomicI64,
}

/// All senders.
pub(super) struct EventSenders {
    known: Table<Counts>,
    others: Counts,
}

impl Counts {
    fn add(&self, sent_at: f64, now_s: f64) {
        let count = |of: &AtomicU64| of.fetch_add(1, Ordering::Relaxed);
        count(&self.events);
        let mut seconds = sent_at;
        if sent_at > TIMESTAMP_SECONDS_MAX as f64 {
            count(&self.milliseconds);
            seconds = sent_at / 1000.0;
        } else if sent_at < YEAR_1970_SECONDS {
            count(&self.year_1970);
            return;
        }
        if seconds > now_s + CLOCK_OFF_SECONDS {
            count(&self.ahead);
        } else if seconds < now_s - CLOCK_OFF_SECONDS {
            count(&self.behind);
        }
    }

    fn read(&self, key: &str) -> EventSender {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        EventSender {
            key: key.to_owned(),
            events: of(&self.events),
            milliseconds: of(&self.milliseconds),
            year_1970: of(&self.year_1970),
            ahead: of(&self.ahead),
            behind: of(&self.behind),
            last_ms: self.last_ms.load(Ordering::Relaxed),
        }
    }
}

impl EventSenders {
    pub fn new() -> Self {
        Self { known: Table::new(EVENT_SENDERS_MAX), others: Counts::default() }
    }

    /// Counts events that were kept, by the times that they were sent with.
    pub fn sent(&self, key: &str, sent_at: &[f64], now_ms: i64) {
        let counts = self.known.get_or_insert(key, Counts::default).unwrap_or(&self.others);
        sent_at.iter().for_each(|sent_at| counts.add(*sent_at, now_ms as f64 / 1000.0));
        counts.last_ms.fetch_max(now_ms, Ordering::Relaxed);
    }

    /// The senders, by key.
    pub fn all(&self) -> Vec<EventSender> {
        let known = self.known.entries().map(|(key, counts)| counts.read(key));
        let others = Some(self.others.read("")).filter(|others| others.events > 0);
        let mut all: Vec<EventSender> = known.chain(others).collect();
        all.sort_by(|a, b| a.key.cmp(&b.key));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_judged_by_the_clock_of_the_server() {
        let senders = EventSenders::new();
        let now_s = 1_700_000_000.0;
        let times =
            [now_s, now_s + 299.0, now_s + 301.0, now_s - 301.0, now_s * 1000.0, now_s * 1000.0 - 301_000.0, 7.0];
        senders.sent("AK", &times, 1_700_000_000_000);
        let expected = EventSender {
            key: "AK".to_owned(),
            events: 7,
            milliseconds: 2,
            year_1970: 1,
            ahead: 1,
            behind: 2,
            last_ms: 1_700_000_000_000,
        };
        assert_eq!(senders.all(), [expected]);
        (0..EVENT_SENDERS_MAX + 3).for_each(|at| senders.sent(&format!("K{at}"), &[now_s], 1));
        let all = senders.all();
        assert_eq!((all.len(), all[0].key.as_str(), all[0].events), (EVENT_SENDERS_MAX + 1, "", 4));
    }
}
