//! Cuts histories into windows and gathers windows into batches of about equally many events.

use crate::TimedSequences;
use crate::random::{Purpose, stream};
use rand::Rng;
use rand::seq::SliceRandom;
use std::ops::Range;

/// Windows one behind the other. An input is the item before the target, or the start token.
#[derive(Debug, Default, Clone)]
pub(crate) struct Batch {
    /// `[windows + 1]`, ascending from 0: window w's tokens are `bounds[w]..bounds[w + 1]`.
    pub(crate) bounds: Vec<usize>,
    /// `[tokens]`.
    pub(crate) inputs: Vec<u32>,
    /// `[tokens]`: when the input happened; the start token counts as simultaneous with the first event.
    pub(crate) times: Vec<i64>,
    /// `[tokens]`.
    pub(crate) targets: Vec<u32>,
    /// `[tokens]`: 0 where nothing is to be predicted.
    pub(crate) weights: Vec<f32>,
}

impl Batch {
    pub(crate) fn clear(&mut self) {
        self.bounds.clear();
        self.bounds.push(0);
        self.inputs.clear();
        self.times.clear();
        self.targets.clear();
        self.weights.clear();
    }

    /// Appends the window whose targets are `events` of the user whose history begins at event `first`.
    pub(crate) fn push(&mut self, histories: &TimedSequences<'_>, first: usize, events: Range<usize>, start_row: u32) {
        let sequences = &histories.sequences;
        for event in events {
            let begins = event == first;
            self.inputs.push(if begins { start_row } else { sequences.items[event - 1] });
            self.times.push(histories.time(if begins { event } else { event - 1 }));
            self.targets.push(sequences.items[event]);
            self.weights.push(sequences.weight(event));
        }
        self.bounds.push(self.inputs.len());
    }

    pub(crate) fn windows(&self) -> usize {
        self.bounds.len().saturating_sub(1)
    }
}

/// One epoch's windows in shuffled order.
pub(crate) struct Epoch<'a> {
    histories: TimedSequences<'a>,
    start_row: u32,
    /// `(first event of the history, events of the window)`.
    windows: std::vec::IntoIter<(usize, Range<usize>)>,
    /// Events handed out so far.
    pub(crate) taken: usize,
}

impl<'a> Epoch<'a> {
    /// Every history in windows of at most `length` events, cut at places drawn for `(seed, epoch)`.
    pub(crate) fn new(histories: TimedSequences<'a>, start_row: u32, length: usize, seed: u64, epoch: usize) -> Self {
        let mut cuts = stream(seed, Purpose::Cuts, epoch as u64);
        let mut windows = Vec::new();
        for user in histories.sequences.offsets.windows(2) {
            let (first, end) = (user[0], user[1]);
            let mut from = first;
            let mut take = if end - first <= length { length } else { cuts.random_range(1..=length) };
            while from < end {
                let to = end.min(from + take);
                windows.push((first, from..to));
                (from, take) = (to, length);
            }
        }
        windows.shuffle(&mut stream(seed, Purpose::Shuffle, epoch as u64));
        Self { histories, start_row, windows: windows.into_iter(), taken: 0 }
    }

    /// Fills `batch` with windows until it has at least `events` events; false when the epoch is over.
    pub(crate) fn next(&mut self, events: usize, batch: &mut Batch) -> bool {
        batch.clear();
        while batch.inputs.len() < events {
            let Some((first, window)) = self.windows.next() else { break };
            self.taken += window.len();
            batch.push(&self.histories, first, window, self.start_row);
        }
        !batch.inputs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sequences;

    fn histories<'a>(offsets: &'a [usize], items: &'a [u32], times: &'a [i64]) -> TimedSequences<'a> {
        TimedSequences { sequences: Sequences { offsets, items, weights: &[] }, times }
    }

    #[test]
    fn every_event_is_a_target_once_after_its_predecessor() {
        let items: Vec<u32> = (0..23).collect();
        let times: Vec<i64> = (100..123).collect();
        let histories = histories(&[0, 5, 5, 6, 17, 23], &items, &times);
        for epoch in 0..20 {
            let mut windows = Epoch::new(histories, 99, 4, 1, epoch);
            let (mut batch, mut seen) = (Batch::default(), Vec::new());
            while windows.next(6, &mut batch) {
                for window in batch.bounds.windows(2) {
                    assert!((1..=4).contains(&(window[1] - window[0])));
                }
                for (token, &target) in batch.targets.iter().enumerate() {
                    let begins = [0, 5, 6, 17].contains(&target);
                    assert_eq!(batch.inputs[token], if begins { 99 } else { target - 1 });
                    assert_eq!(batch.times[token], i64::from(target) + 100 - i64::from(!begins));
                    seen.push(target);
                }
            }
            assert_eq!(windows.taken, 23);
            seen.sort_unstable();
            assert_eq!(seen, items);
        }
    }

    #[test]
    fn cuts_and_order_depend_on_seed_and_epoch() {
        let items: Vec<u32> = (0..64).collect();
        let histories = histories(&[0, 40, 64], &items, &[]);
        let first = |seed, epoch| {
            let mut batch = Batch::default();
            Epoch::new(histories, 64, 8, seed, epoch).next(64, &mut batch);
            (batch.bounds, batch.targets)
        };
        assert_eq!(first(1, 0), first(1, 0));
        assert_ne!(first(1, 0), first(1, 1));
        assert_ne!(first(1, 0), first(2, 0));
    }
}
