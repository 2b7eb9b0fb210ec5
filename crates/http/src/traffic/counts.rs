//! The counts of one span of time: requests by the time that they took, errors, and the sources of lists.

use super::compact_count::CompactCount;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Buckets of the histogram of times: up to 250 µs, then twice as much each; the last has no end.
pub const LATENCY_BUCKETS: usize = 16;
/// The upper end of the first bucket, in microseconds.
const FIRST_BUCKET_MICROS: u64 = 250;

/// All counters of a span: the buckets, then the others.
pub(super) const COUNTERS: usize = LATENCY_BUCKETS + 4;
const CLIENT_ERRORS: usize = LATENCY_BUCKETS;
const SERVER_ERRORS: usize = LATENCY_BUCKETS + 1;
const COLD_START: usize = LATENCY_BUCKETS + 2;
const PREPARED: usize = LATENCY_BUCKETS + 3;

/// The counts of a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrafficCounts(pub(super) [u32; COUNTERS]);

/// A fact that is counted of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counter {
    Took(Duration),
    ClientError,
    ServerError,
    ColdStart,
    Prepared,
}

impl Counter {
    fn at(self) -> usize {
        match self {
            Counter::Took(took) => bucket(took),
            Counter::ClientError => CLIENT_ERRORS,
            Counter::ServerError => SERVER_ERRORS,
            Counter::ColdStart => COLD_START,
            Counter::Prepared => PREPARED,
        }
    }
}

fn bucket(took: Duration) -> usize {
    let spans = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).saturating_sub(1) / FIRST_BUCKET_MICROS;
    let bucket = (u64::BITS - spans.leading_zeros()) as usize;
    bucket.min(LATENCY_BUCKETS - 1)
}

/// The upper end of a bucket.
fn bucket_end(bucket: usize) -> Duration {
    Duration::from_micros(FIRST_BUCKET_MICROS << bucket)
}

impl TrafficCounts {
    /// Requests that were answered.
    pub fn requests(&self) -> u64 {
        self.0[..LATENCY_BUCKETS].iter().map(|count| u64::from(*count)).sum()
    }

    /// Answers with a status from 400 to 499.
    pub fn client_errors(&self) -> u64 {
        self.0[CLIENT_ERRORS].into()
    }

    /// Answers with a status of 500 or more.
    pub fn server_errors(&self) -> u64 {
        self.0[SERVER_ERRORS].into()
    }

    /// Lists that came from the cold start.
    pub fn cold_starts(&self) -> u64 {
        self.0[COLD_START].into()
    }

    /// Prepared lists that stood in for one that could not be had in time.
    pub fn prepared(&self) -> u64 {
        self.0[PREPARED].into()
    }

    /// The time within which this share of the requests was answered, from 0 to 1; `None` without requests. Its bucket is known,
    /// and within that the times are taken to be spread evenly.
    pub fn percentile(&self, share: f64) -> Option<Duration> {
        let requests = self.requests();
        if requests == 0 {
            return None;
        }
        let wanted = share.clamp(0.0, 1.0) * requests as f64;
        let mut below = 0.0;
        for (bucket, count) in self.0[..LATENCY_BUCKETS].iter().enumerate() {
            let count = f64::from(*count);
            if count > 0.0 && below + count >= wanted {
                let begin = if bucket == 0 { Duration::ZERO } else { bucket_end(bucket - 1) };
                let part = ((wanted - below) / count).clamp(0.0, 1.0);
                return Some(begin + (bucket_end(bucket) - begin).mul_f64(part));
            }
            below += count;
        }
        Some(bucket_end(LATENCY_BUCKETS - 1))
    }

    /// Adds another span's counts.
    pub fn add(&mut self, other: &TrafficCounts) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count = count.saturating_add(more);
        }
    }

    pub(super) fn compact(&self) -> [CompactCount; COUNTERS] {
        self.0.map(CompactCount::nearest)
    }

    pub(super) fn of_compact(compact: &[CompactCount; COUNTERS]) -> Self {
        Self(compact.map(CompactCount::value))
    }
}

/// Counts that many threads add to at once.
#[derive(Debug, Default)]
pub(super) struct LiveCounts([AtomicU32; COUNTERS]);

impl LiveCounts {
    pub fn add(&self, counter: Counter) {
        self.0[counter.at()].fetch_add(1, Ordering::Relaxed);
    }

    /// The counts so far, which begin anew.
    pub fn take(&self) -> TrafficCounts {
        let mut counts = TrafficCounts::default();
        for (count, live) in counts.0.iter_mut().zip(&self.0) {
            *count = live.swap(0, Ordering::Relaxed);
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_fall_into_buckets_that_double() {
        let micros = Duration::from_micros;
        for (took, expected) in [(0, 0), (250, 0), (251, 1), (500, 1), (501, 2), (1000, 2), (u64::MAX, 15)] {
            assert_eq!(bucket(micros(took)), expected, "{took}");
        }
        for end in 0..LATENCY_BUCKETS - 1 {
            assert_eq!((bucket(bucket_end(end)), bucket(bucket_end(end) + micros(1))), (end, end + 1));
        }
    }

    #[test]
    fn percentiles_lie_in_the_bucket_of_their_request() {
        let live = LiveCounts::default();
        assert_eq!(TrafficCounts::default().percentile(0.5), None);
        (0..90).for_each(|_| live.add(Counter::Took(Duration::from_micros(400))));
        (0..10).for_each(|_| live.add(Counter::Took(Duration::from_millis(20))));
        live.add(Counter::ClientError);
        let counts = live.take();
        assert_eq!((counts.requests(), counts.client_errors(), live.take().requests()), (100, 1, 0));
        let millis = |share| counts.percentile(share).expect("requests").as_secs_f64() * 1e3;
        assert!((0.25..=0.5).contains(&millis(0.5)), "{}", millis(0.5));
        assert!((16.0..=32.0).contains(&millis(0.95)), "{}", millis(0.95));
        assert_eq!(millis(1.0), 32.0);
    }
}
