//! The streamed events of the last day by minute, and of the last ten minutes by second, of one dataset group or of all.

use super::compact_count::CompactCount;
use super::series::{MINUTES, SECONDS};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts of events, and their history. Counting takes no lock and no memory.
pub(super) struct EventSeries {
    live: AtomicU32,
    history: Mutex<History>,
}

#[derive(Default)]
struct History {
    seconds: VecDeque<CompactCount>,
    minutes: VecDeque<CompactCount>,
    minute: u32,
    minute_seconds: u32,
}

impl EventSeries {
    pub fn new() -> Self {
        Self { live: AtomicU32::new(0), history: Mutex::default() }
    }

    pub fn add(&self, events: usize) {
        self.live.fetch_add(u32::try_from(events).unwrap_or(u32::MAX), Ordering::Relaxed);
    }

    /// Ends `seconds` seconds: what was counted is put into the last of them.
    pub fn end_seconds(&self, seconds: u64) {
        let counted = self.live.swap(0, Ordering::Relaxed);
        let mut history = self.history.lock();
        let seconds = seconds.min((MINUTES as u64 + 1) * 60);
        for left in (0..seconds).rev() {
            history.end_second(if left == 0 { counted } else { 0 });
        }
    }

    pub fn seconds(&self, count: usize) -> Vec<u32> {
        last(&self.history.lock().seconds, count.min(SECONDS))
    }

    /// The last is the minute that is not over.
    pub fn minutes(&self, count: usize) -> Vec<u32> {
        let history = self.history.lock();
        let mut minutes = last(&history.minutes, count.saturating_sub(1).min(MINUTES));
        minutes.push(history.minute);
        minutes
    }
}

impl History {
    fn end_second(&mut self, events: u32) {
        push(&mut self.seconds, events, SECONDS);
        self.minute = self.minute.saturating_add(events);
        self.minute_seconds += 1;
        if self.minute_seconds == 60 {
            let minute = std::mem::take(&mut self.minute);
            push(&mut self.minutes, minute, MINUTES);
            self.minute_seconds = 0;
        }
    }
}

fn push(counts: &mut VecDeque<CompactCount>, count: u32, max: usize) {
    if counts.len() == max {
        counts.pop_front();
    }
    counts.push_back(CompactCount::nearest(count));
}

/// The newest `count`, oldest first, with zeros before the first.
fn last(counts: &VecDeque<CompactCount>, count: usize) -> Vec<u32> {
    let known = counts.iter().skip(counts.len().saturating_sub(count)).map(|count| count.value());
    std::iter::repeat_n(0, count.saturating_sub(counts.len())).chain(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_by_second_and_minute() {
        let series = EventSeries::new();
        (0..70).for_each(|_| {
            series.add(2);
            series.end_seconds(1);
        });
        assert_eq!(series.seconds(2), [2, 2]);
        assert_eq!(series.minutes(3), [0, 120, 20]);
        series.end_seconds(u64::MAX);
        assert_eq!((series.seconds(1), series.minutes(MINUTES).iter().sum()), (vec![0], 0));
    }
}
