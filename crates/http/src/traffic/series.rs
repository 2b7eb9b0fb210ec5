//! The counts of the last ten minutes by second and of the last day by minute, of one campaign or of all together.

use super::compact_count::CompactCount;
use super::counts::{COUNTERS, Counter, LiveCounts, TrafficCounts};
use parking_lot::Mutex;

/// Seconds that are kept.
pub(super) const SECONDS: usize = 600;
/// Minutes that are kept.
pub(super) const MINUTES: usize = 1440;
const SECONDS_OF_A_MINUTE: u32 = 60;

/// Counts, and their history. Counting takes no lock and no memory.
pub(super) struct Series {
    live: LiveCounts,
    history: Mutex<History>,
}

struct History {
    seconds: Ring<SECONDS>,
    minutes: Ring<MINUTES>,
    /// The counts of the minute that is not over, and its seconds so far.
    minute: TrafficCounts,
    minute_seconds: u32,
}

impl Series {
    pub fn new() -> Self {
        let history =
            History { seconds: Ring::new(), minutes: Ring::new(), minute: TrafficCounts::default(), minute_seconds: 0 };
        Self { live: LiveCounts::default(), history: Mutex::new(history) }
    }

    pub fn add(&self, counter: Counter) {
        self.live.add(counter);
    }

    /// Ends `seconds` seconds: what was counted is put into the last of them.
    pub fn end_seconds(&self, seconds: u64) {
        let counts = self.live.take();
        let mut history = self.history.lock();
        // Whatever was kept before is older than all that is kept.
        let seconds = seconds.min((MINUTES as u64 + 1) * u64::from(SECONDS_OF_A_MINUTE));
        for left in (0..seconds).rev() {
            history.end_second(if left == 0 { counts } else { TrafficCounts::default() });
        }
    }

    /// The last `count` seconds, oldest first.
    pub fn seconds(&self, count: usize) -> Vec<TrafficCounts> {
        self.history.lock().seconds.last(count)
    }

    /// The last `count` minutes, oldest first; the last is the one that is not over.
    pub fn minutes(&self, count: usize) -> Vec<TrafficCounts> {
        let history = self.history.lock();
        let mut minutes = history.minutes.last(count.saturating_sub(1));
        minutes.push(history.minute);
        minutes
    }
}

impl History {
    fn end_second(&mut self, counts: TrafficCounts) {
        self.seconds.push(&counts);
        self.minute.add(&counts);
        self.minute_seconds += 1;
        if self.minute_seconds == SECONDS_OF_A_MINUTE {
            let ended = std::mem::take(&mut self.minute);
            self.minutes.push(&ended);
            self.minute_seconds = 0;
        }
    }
}

/// The newest `N` spans.
struct Ring<const N: usize> {
    spans: Box<[[CompactCount; COUNTERS]]>,
    next: usize,
}

impl<const N: usize> Ring<N> {
    fn new() -> Self {
        Self { spans: vec![[CompactCount::default(); COUNTERS]; N].into_boxed_slice(), next: 0 }
    }

    fn push(&mut self, counts: &TrafficCounts) {
        self.spans[self.next] = counts.compact();
        self.next = (self.next + 1) % N;
    }

    fn last(&self, count: usize) -> Vec<TrafficCounts> {
        let count = count.min(N);
        (0..count).map(|at| TrafficCounts::of_compact(&self.spans[(self.next + N - count + at) % N])).collect()
    }
}

/// Bytes that a series takes.
#[cfg(test)]
pub(super) const SERIES_BYTES: usize = size_of::<Series>() + (SECONDS + MINUTES) * COUNTERS;

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn seconds_become_minutes_and_the_oldest_go() {
        let series = Series::new();
        for second in 0..150 {
            series.add(Counter::Took(Duration::from_millis(1)));
            if second % 10 == 0 {
                series.add(Counter::ServerError);
            }
            series.end_seconds(1);
        }
        let requests = |spans: &[TrafficCounts]| spans.iter().map(TrafficCounts::requests).collect::<Vec<_>>();
        assert_eq!(requests(&series.seconds(3)), [1, 1, 1]);
        assert_eq!(requests(&series.minutes(4)), [0, 60, 60, 30]);
        assert_eq!(series.minutes(3)[0].server_errors(), 6);
        // A process that slept for an hour.
        series.end_seconds(3600);
        assert_eq!(requests(&series.seconds(2)), [0, 0]);
        assert_eq!(requests(&series.minutes(63))[..4], [60, 60, 30, 0]);
        series.end_seconds(u64::MAX);
        assert!(requests(&series.minutes(usize::MAX)).iter().all(|count| *count == 0));
        assert_eq!((series.seconds(usize::MAX).len(), series.minutes(usize::MAX).len()), (SECONDS, MINUTES + 1));
    }
}
