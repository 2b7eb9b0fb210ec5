//! A choice of users as the slices that `learn` trains on.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256PlusPlus;
use tastemaker_data::Dataset;
use tastemaker_learn::{Sequences, TimedSequences};

/// One user in this many is held out for early stopping and for the blend's weights,
const VALIDATION_ONE_IN: usize = 10;
/// but at least so many where that leaves four fifths for training,
const VALIDATION_USERS_MIN: usize = 100;
/// and at most so many: a more exact validation metric would change neither much.
const VALIDATION_USERS_MAX: usize = 1000;
/// One event in this many, rounded up, is predicted for a validation user: the newer half, so that a few users already give
/// a steady metric.
const TARGETS_ONE_IN: usize = 2;

/// Some users' events, copied together.
pub(crate) struct Part {
    offsets: Vec<usize>,
    items: Vec<u32>,
    times: Vec<i64>,
    weights: Vec<f32>,
    /// Marks of orders, or empty ([`Dataset::order_column`]).
    orders: Vec<u16>,
}

impl Part {
    /// The events of `users`. `weights` is per event of the whole dataset, or empty.
    pub(crate) fn of(dataset: &Dataset, weights: &[f32], users: &[usize]) -> Self {
        let mut part =
            Self { offsets: vec![0], items: Vec::new(), times: Vec::new(), weights: Vec::new(), orders: Vec::new() };
        for &user in users {
            let events = dataset.offsets()[user]..dataset.offsets()[user + 1];
            part.items.extend_from_slice(&dataset.item_column()[events.clone()]);
            part.times.extend_from_slice(&dataset.time_column()[events.clone()]);
            part.weights.extend_from_slice(weights.get(events.clone()).unwrap_or_default());
            part.orders.extend_from_slice(dataset.order_column().get(events).unwrap_or_default());
            part.offsets.push(part.items.len());
        }
        part
    }

    /// The events whose item `keep` accepts; users keep their indices.
    pub(crate) fn only(&self, keep: impl Fn(u32) -> bool) -> Self {
        let mut part =
            Self { offsets: vec![0], items: Vec::new(), times: Vec::new(), weights: Vec::new(), orders: Vec::new() };
        for range in self.offsets.windows(2).map(|w| w[0]..w[1]) {
            for n in range.filter(|&n| keep(self.items[n])) {
                part.items.push(self.items[n]);
                part.times.push(self.times[n]);
                part.weights.extend(self.weights.get(n));
                part.orders.extend(self.orders.get(n));
            }
            part.offsets.push(part.items.len());
        }
        part
    }

    /// The same events, a user's split wherever two are more than `gap_s` seconds apart.
    pub(crate) fn split(&self, gap_s: i64) -> Self {
        self.split_where(|n| self.is_apart(n, gap_s))
    }

    /// The same events, a user's split into baskets: where the orders of two neighbors are known, by these, else wherever the two are
    /// more than `gap_s` seconds apart.
    pub(crate) fn baskets(&self, gap_s: i64) -> Self {
        self.split_where(|n| match (self.orders.get(n - 1), self.orders.get(n)) {
            (Some(&before), Some(&order)) if before > 0 && order > 0 => before != order,
            _ => self.is_apart(n, gap_s),
        })
    }

    fn is_apart(&self, n: usize, gap_s: i64) -> bool {
        self.times[n].saturating_sub(self.times[n - 1]) > gap_s
    }

    /// `begins` is asked of every event but a user's first.
    fn split_where(&self, begins: impl Fn(usize) -> bool) -> Self {
        let mut offsets = vec![0];
        for range in self.offsets.windows(2).map(|w| w[0]..w[1]) {
            offsets.extend((range.start + 1..range.end).filter(|n| begins(*n)));
            offsets.push(range.end);
        }
        let Self { items, times, weights, orders, .. } = self;
        Self { offsets, items: items.clone(), times: times.clone(), weights: weights.clone(), orders: orders.clone() }
    }

    pub(crate) fn events(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn sequences(&self) -> Sequences<'_> {
        Sequences { offsets: &self.offsets, items: &self.items, weights: &self.weights }
    }

    /// With times in seconds since the Unix epoch.
    pub(crate) fn timed(&self) -> TimedSequences<'_> {
        TimedSequences { sequences: self.sequences(), times: &self.times }
    }

    /// For each user, the position of the first event to predict.
    pub(crate) fn first_targets(&self) -> Vec<usize> {
        let length = |w: &[usize]| w[1] - w[0];
        self.offsets.windows(2).map(length).map(|n| n - n.div_ceil(TARGETS_ONE_IN)).collect()
    }
}

/// Splits `users` into those to train on and those to decide by when to stop; both ascending. Only users with two events
/// can be held out, and none is where there are fewer than five users.
pub(crate) fn hold_out(dataset: &Dataset, users: &[usize], seed: u64) -> (Vec<usize>, Vec<usize>) {
    let wanted = (users.len() / VALIDATION_ONE_IN).max(VALIDATION_USERS_MIN.min(users.len() / 5));
    hold_out_of(dataset, users, seed, wanted.min(VALIDATION_USERS_MAX))
}

/// [`hold_out`] of so many users, as far as there are with two events.
pub(crate) fn hold_out_of(dataset: &Dataset, users: &[usize], seed: u64, wanted: usize) -> (Vec<usize>, Vec<usize>) {
    /// Keeps this stream apart from the other uses of the seed.
    const PURPOSE: u64 = 0x7661_6c69_6461_7465;
    let offsets = dataset.offsets();
    let mut eligible: Vec<usize> = users.iter().copied().filter(|&u| offsets[u + 1] - offsets[u] >= 2).collect();
    eligible.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed ^ PURPOSE));
    eligible.truncate(wanted);
    eligible.sort_unstable();
    let training = users.iter().copied().filter(|user| eligible.binary_search(user).is_err()).collect();
    (training, eligible)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::DatasetBuilder;

    fn dataset(lengths: &[usize]) -> Dataset {
        let mut builder = DatasetBuilder::new();
        for (user, &length) in lengths.iter().enumerate() {
            for k in 0..length {
                builder.push(&user.to_string(), &k.to_string(), k as i64, None, None);
            }
        }
        builder.build()
    }

    #[test]
    fn every_user_lands_on_exactly_one_side() {
        for (users, held_out) in [(2000, 200), (600, 100), (200, 40), (25, 5), (4, 0), (100_000, 1000)] {
            let data = dataset(&vec![2; users]);
            let all: Vec<usize> = (0..users).collect();
            let (training, valid) = hold_out(&data, &all, 7);
            assert_eq!((training.len(), valid.len()), (users - held_out, held_out));
            let mut both = [training, valid].concat();
            both.sort_unstable();
            assert_eq!(both, all);
        }
    }

    #[test]
    fn single_events_are_never_held_out_and_the_seed_decides() {
        let data = dataset(&[1, 2, 1, 1, 1, 3, 1, 1, 1, 1]);
        assert_eq!(hold_out(&data, &(0..10).collect::<Vec<_>>(), 3).1, [1, 5]);
        let data = dataset(&[2; 100]);
        let all: Vec<usize> = (0..100).collect();
        assert_eq!(hold_out(&data, &all, 3), hold_out(&data, &all, 3));
        assert_ne!(hold_out(&data, &all, 3), hold_out(&data, &all, 4));
    }

    #[test]
    fn baskets_are_orders_where_they_are_known() {
        let mut builder = DatasetBuilder::new();
        let rows = [
            (0, Some("1")),
            (50, Some("1")),
            (51, Some("2")),
            (900, Some("2")),
            (901, None),
            (902, Some("3")),
            (5000, None),
        ];
        for (n, (time, order)) in rows.into_iter().enumerate() {
            builder.push_of_order("u", &n.to_string(), time, None, None, order);
        }
        let data = builder.build();
        let part = Part::of(&data, &[], &[0]);
        assert_eq!(part.baskets(100).offsets, [0, 2, 6, 7]);
        assert_eq!(part.split(100).offsets, [0, 3, 6, 7]);
        assert_eq!(part.only(|item| item != 1).baskets(100).offsets, [0, 1, 5, 6]);
        assert_eq!(Part::of(&dataset(&[3]), &[], &[0]).baskets(0).offsets, [0, 1, 2, 3], "by time alone");
    }

    #[test]
    fn parts_carry_items_weights_and_targets() {
        let data = dataset(&[2, 11, 3]);
        let weights: Vec<f32> = (0..16u8).map(f32::from).collect();
        let part = Part::of(&data, &weights, &[0, 2]);
        let sequences = part.sequences();
        assert_eq!((sequences.offsets, sequences.items), (&[0, 2, 5][..], &[0, 1, 0, 1, 2][..]));
        assert_eq!(sequences.weights, [0.0, 1.0, 13.0, 14.0, 15.0]);
        assert_eq!(part.first_targets(), [1, 1]);
        let rest = part.only(|item| item != 0);
        assert_eq!((rest.sequences().offsets, rest.sequences().weights), (&[0, 1, 3][..], &[1.0, 14.0, 15.0][..]));
        let split = Part::of(&data, &weights, &[1, 2]).split(0);
        assert_eq!((split.offsets.len(), split.offsets.last()), (15, Some(&14)), "a second apart");
        assert_eq!(Part::of(&data, &weights, &[1, 2]).split(1).offsets, [0, 11, 14]);
        assert_eq!(split.weights.len(), 14);
        assert_eq!(Part::of(&data, &[], &[1]).first_targets(), [5]);
        assert!(Part::of(&data, &[], &[1]).sequences().weights.is_empty());
    }
}
