//! Times of streamed events as clients send them, and the counts of those that are not in seconds as they should be.
//!
//! Two mistakes are common: the SDKs for JavaScript of version 2 send milliseconds, and `new Date(seconds)` makes a day of
//! January 1970 of any time. Both are of clients that cannot be changed quickly, so their events are taken.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tastemaker_domain::limits::{CLOCK_AHEAD_S_MAX, TIMESTAMP_SECONDS_MAX};
use tastemaker_domain::resource::TimeMs;

/// Seconds since 1970 below which a time is of that year, in which nobody recorded events.
const YEAR_1970_SECONDS_MAX: f64 = 365.0 * 24.0 * 60.0 * 60.0;

/// Time between two warnings of odd times.
const WARNING_PAUSE_MS: TimeMs = 60_000;

/// A mistake in the time of an event that was taken all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OddTime {
    /// Milliseconds, which were converted.
    Milliseconds,
    /// A time of 1970, for which the time of arrival stands.
    Year1970,
}

/// The time of an event as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventTime {
    /// Since the Unix epoch.
    pub seconds: i64,
    /// The mistake that it was sent with.
    pub odd: Option<OddTime>,
}

impl EventTime {
    /// The time in whole seconds of an event that arrives now, or the rule that `sent_at` breaks.
    pub fn read(sent_at: f64, now_ms: TimeMs) -> Result<Self, String> {
        if !sent_at.is_finite() || sent_at < 0.0 {
            return Err(format!("must be seconds since 1970, not {sent_at}"));
        }
        let now_s = now_ms / 1000;
        let (seconds, odd) = if sent_at > TIMESTAMP_SECONDS_MAX as f64 {
            ((sent_at / 1000.0).floor() as i64, Some(OddTime::Milliseconds))
        } else if sent_at < YEAR_1970_SECONDS_MAX {
            (now_s, Some(OddTime::Year1970))
        } else {
            (sent_at.floor() as i64, None)
        };
        if seconds > now_s + CLOCK_AHEAD_S_MAX {
            let given = match odd {
                Some(OddTime::Milliseconds) if sent_at < 1e18 => format!("{sent_at} milliseconds, that is {seconds}"),
                Some(OddTime::Milliseconds) => format!("{sent_at:e}"),
                _ => seconds.to_string(),
            };
            return Err(format!("must be at most one day after now, which is {now_s}, not {given}"));
        }
        Ok(Self { seconds, odd })
    }
}

/// The odd times of one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct OddTimes {
    pub milliseconds: u64,
    pub year_1970: u64,
}

impl OddTimes {
    pub fn add(&mut self, odd: Option<OddTime>) {
        match odd {
            Some(OddTime::Milliseconds) => self.milliseconds += 1,
            Some(OddTime::Year1970) => self.year_1970 += 1,
            None => {}
        }
    }

    pub fn extend(&mut self, more: Self) {
        self.milliseconds += more.milliseconds;
        self.year_1970 += more.year_1970;
    }
}

/// Counts of the events whose times were not in seconds, since the start of the process.
#[derive(Debug, Default)]
pub struct OddEventTimes {
    milliseconds: AtomicU64,
    year_1970: AtomicU64,
    /// When a warning was logged last.
    warned_ms: AtomicI64,
}

impl OddEventTimes {
    /// Events that were sent in milliseconds.
    pub fn milliseconds(&self) -> u64 {
        self.milliseconds.load(Ordering::Relaxed)
    }

    /// Events that were sent with a time of 1970 and got that of their arrival.
    pub fn year_1970(&self) -> u64 {
        self.year_1970.load(Ordering::Relaxed)
    }

    /// Counts the events of a request that were kept, and warns of them now and then.
    pub(crate) fn count(&self, dataset_group_arn: &str, odd: OddTimes, now_ms: TimeMs) {
        if odd == OddTimes::default() {
            return;
        }
        let milliseconds = self.milliseconds.fetch_add(odd.milliseconds, Ordering::Relaxed) + odd.milliseconds;
        let year_1970 = self.year_1970.fetch_add(odd.year_1970, Ordering::Relaxed) + odd.year_1970;
        let warned_ms = self.warned_ms.load(Ordering::Relaxed);
        // A clock that was set back warns, too.
        let is_due = !(warned_ms..warned_ms + WARNING_PAUSE_MS).contains(&now_ms);
        let won = || self.warned_ms.compare_exchange(warned_ms, now_ms, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if is_due && won() {
            tracing::warn!(
                dataset_group = dataset_group_arn,
                milliseconds,
                year_1970,
                "events do not give their time in seconds since 1970: milliseconds are converted, and a time of 1970 is \
                 replaced by that of arrival; the numbers are those since the start"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: TimeMs = 1_700_000_000_999;

    #[test]
    fn seconds_milliseconds_and_1970_are_told_apart() {
        for (sent_at, seconds, odd) in [
            (1_700_000_000.75, 1_700_000_000, None),
            (31_536_000.0, 31_536_000, None),
            (1_700_086_400.0, 1_700_086_400, None),
            (100_000_000_001.0, 100_000_000, Some(OddTime::Milliseconds)),
            (1_699_999_999_999.0, 1_699_999_999, Some(OddTime::Milliseconds)),
            (1_700_000.123, 1_700_000_000, Some(OddTime::Year1970)),
            (31_535_999.9, 1_700_000_000, Some(OddTime::Year1970)),
            (0.0, 1_700_000_000, Some(OddTime::Year1970)),
        ] {
            assert_eq!(EventTime::read(sent_at, NOW_MS), Ok(EventTime { seconds, odd }), "{sent_at}");
        }
        for (sent_at, words) in [
            (-1.0, "seconds since 1970, not -1"),
            (f64::NAN, "NaN"),
            (1_700_086_401.0, "one day after now, which is 1700000000, not 1700086401"),
            // The last number that is taken for seconds.
            (100_000_000_000.0, "not 100000000000"),
            (1_700_086_401_000.0, "not 1700086401000 milliseconds, that is 1700086401"),
            (f64::MAX, "not 1.7976931348623157e308"),
        ] {
            let rule = EventTime::read(sent_at, NOW_MS).expect_err(words);
            assert!(rule.contains(words), "{rule}");
        }
    }

    #[test]
    fn counts_add_up_and_one_warning_a_minute_is_due() {
        let counts = OddEventTimes::default();
        let odd = OddTimes { milliseconds: 2, year_1970: 1 };
        counts.count("g", OddTimes::default(), NOW_MS);
        assert_eq!(counts.warned_ms.load(Ordering::Relaxed), 0);
        for (at, warned) in [(0, 0), (59_999, 0), (60_000, 60_000), (60_001, 60_000), (-1, -1)] {
            counts.count("g", odd, NOW_MS + at);
            assert_eq!(counts.warned_ms.load(Ordering::Relaxed), NOW_MS + warned, "{at}");
        }
        assert_eq!((counts.milliseconds(), counts.year_1970()), (10, 5));
    }
}
