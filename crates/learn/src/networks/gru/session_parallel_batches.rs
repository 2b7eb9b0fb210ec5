//! Session-parallel mini-batches (`gru4rec` in docs/papers.md): each lane walks through one shuffled history after another, and a
//! window continues where the lane's last one ended.

use crate::Sequences;
use crate::random::{Purpose, stream};
use rand::seq::SliceRandom;

/// One window of every active lane, lane-major: entry `lane * steps + t`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Window {
    pub(crate) steps: usize,
    /// The slots of the lanes with at least one event, ascending.
    pub(crate) slots: Vec<usize>,
    /// The item seen before the target; the start token's row for a history's first event.
    pub(crate) inputs: Vec<u32>,
    pub(crate) targets: Vec<u32>,
    /// 0 where there is nothing to predict.
    pub(crate) weights: Vec<f32>,
    /// Whether the state is cleared before this step: a history begins.
    pub(crate) resets: Vec<bool>,
}

#[derive(Debug, Clone, Copy)]
struct Position {
    user: usize,
    event: usize,
}

/// The lanes, and where each stands in the current epoch.
pub(crate) struct Lanes<'a> {
    sequences: Sequences<'a>,
    start_row: u32,
    queue: std::vec::IntoIter<usize>,
    positions: Vec<Option<Position>>,
    /// Events handed out so far.
    pub(crate) taken: usize,
}

impl<'a> Lanes<'a> {
    /// This many lanes, before the first epoch.
    pub(crate) fn new(sequences: Sequences<'a>, start_row: u32, lanes: usize) -> Self {
        Self { sequences, start_row, queue: Vec::new().into_iter(), positions: vec![None; lanes], taken: 0 }
    }

    /// The number of lanes.
    pub(crate) fn len(&self) -> usize {
        self.positions.len()
    }

    /// Starts an epoch, with histories in an order drawn for `(seed, epoch)`.
    pub(crate) fn start(&mut self, seed: u64, epoch: usize) {
        let mut order: Vec<usize> = (0..self.sequences.len()).filter(|&u| !self.sequences.user(u).is_empty()).collect();
        order.shuffle(&mut stream(seed, Purpose::Shuffle, epoch as u64));
        self.queue = order.into_iter();
        self.positions.fill(None);
        self.taken = 0;
    }

    /// Fills the next window; false when the epoch is over.
    pub(crate) fn next(&mut self, steps: usize, window: &mut Window) -> bool {
        let Window { slots, inputs, targets, weights, resets, .. } = window;
        for list in [&mut *inputs, &mut *targets] {
            list.clear();
        }
        slots.clear();
        weights.clear();
        resets.clear();
        window.steps = steps;
        for slot in 0..self.positions.len() {
            if self.position(slot).is_none() {
                continue;
            }
            slots.push(slot);
            for _ in 0..steps {
                let Some(Position { user, event }) = self.position(slot) else {
                    inputs.push(self.start_row);
                    targets.push(0);
                    weights.push(0.0);
                    resets.push(true);
                    continue;
                };
                let begins = event == self.sequences.offsets[user];
                inputs.push(if begins { self.start_row } else { self.sequences.items[event - 1] });
                targets.push(self.sequences.items[event]);
                weights.push(self.sequences.weight(event));
                resets.push(begins);
                self.positions[slot] = Some(Position { user, event: event + 1 });
                self.taken += 1;
            }
        }
        !window.slots.is_empty()
    }

    /// The next event of the lane, from the next history if its last one is finished; `None` when there are no more histories.
    fn position(&mut self, slot: usize) -> Option<Position> {
        let finished = self.positions[slot].is_none_or(|p| p.event == self.sequences.offsets[p.user + 1]);
        if finished {
            self.positions[slot] = self.queue.next().map(|user| Position { user, event: self.sequences.offsets[user] });
        }
        self.positions[slot]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_a_target_once_after_its_predecessor() {
        let items: Vec<u32> = (0..23).collect();
        let sequences = Sequences { offsets: &[0, 5, 5, 6, 17, 23], items: &items, weights: &[] };
        let mut lanes = Lanes::new(sequences, 99, 2);
        lanes.start(1, 0);
        let mut window = Window::default();
        let mut seen = Vec::new();
        let mut carried = [99u32; 2];
        while lanes.next(4, &mut window) {
            for (lane, &slot) in window.slots.iter().enumerate() {
                for t in 0..4 {
                    let at = lane * 4 + t;
                    if window.weights[at] == 0.0 {
                        continue;
                    }
                    let target = window.targets[at];
                    assert_eq!(window.resets[at], [0, 5, 6, 17].contains(&target));
                    let expected = if window.resets[at] { 99 } else { carried[slot] };
                    assert_eq!(window.inputs[at], expected, "input before {target}");
                    carried[slot] = target;
                    seen.push(target);
                }
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, items);
    }

    #[test]
    fn the_order_depends_on_seed_and_epoch() {
        let items: Vec<u32> = (0..64).collect();
        let offsets: Vec<usize> = (0..=64).collect();
        let sequences = Sequences { offsets: &offsets, items: &items, weights: &[] };
        let first = |seed, epoch| {
            let mut window = Window::default();
            let mut lanes = Lanes::new(sequences, 64, 1);
            lanes.start(seed, epoch);
            lanes.next(64, &mut window);
            window.targets
        };
        assert_eq!(first(1, 0), first(1, 0));
        assert_ne!(first(1, 0), first(1, 1));
        assert_ne!(first(1, 0), first(2, 0));
    }
}
