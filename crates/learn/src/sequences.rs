//! Users' histories as plain slices, for training and for validation.

use crate::Error;
use std::collections::HashSet;

/// Events grouped by user, oldest first within a user.
#[derive(Debug, Clone, Copy)]
pub struct Sequences<'a> {
    /// `[users + 1]`, ascending: user u's events are `items[offsets[u]..offsets[u + 1]]`.
    pub offsets: &'a [usize],
    /// `[events]`: item indices.
    pub items: &'a [u32],
    /// `[events]`: the weight of each event's loss, finite and not negative; 0 makes it context only.
    /// Empty means 1 throughout.
    pub weights: &'a [f32],
}

impl<'a> Sequences<'a> {
    /// The number of users.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there are no users.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// User `u`'s items. Panics when out of range, like slice indexing.
    pub fn user(&self, u: usize) -> &'a [u32] {
        &self.items[self.offsets[u]..self.offsets[u + 1]]
    }

    /// User `u`'s distinct items below `items`, ascending.
    pub(crate) fn distinct(&self, u: usize, items: usize) -> Vec<u32> {
        let mut distinct: Vec<u32> = self.user(u).iter().copied().filter(|&item| (item as usize) < items).collect();
        distinct.sort_unstable();
        distinct.dedup();
        distinct
    }

    pub(crate) fn weight(&self, event: usize) -> f32 {
        self.weights.get(event).copied().unwrap_or(1.0)
    }

    /// The sum of all weights.
    pub(crate) fn total_weight(&self) -> f64 {
        (0..self.items.len()).map(|event| f64::from(self.weight(event))).sum()
    }

    /// The occurrences of each of `items` items.
    pub(crate) fn counts(&self, items: usize) -> Vec<u64> {
        let mut counts = vec![0u64; items];
        self.items.iter().for_each(|&item| counts[item as usize] += 1);
        counts
    }

    /// [`Error::Invalid`] unless offsets, items and weights agree and every item is below `items`.
    pub(crate) fn check(&self, name: &str, items: usize) -> Result<(), Error> {
        let invalid = |what: String| Err(Error::Invalid(format!("{name}: {what}")));
        let events = self.items.len();
        let ascending = self.offsets.windows(2).all(|w| w[0] <= w[1]);
        if !ascending || self.offsets.last().copied().unwrap_or(0) != events {
            return invalid(format!("offsets must ascend and end at the {events} events"));
        }
        if !self.weights.is_empty() && self.weights.len() != events {
            return invalid(format!("weights must be empty or {events}, there are {}", self.weights.len()));
        }
        if let Some(item) = self.items.iter().find(|&&item| item as usize >= items) {
            return invalid(format!("items must be below {items}, there is {item}"));
        }
        if let Some(weight) = self.weights.iter().find(|w| !(w.is_finite() && **w >= 0.0)) {
            return invalid(format!("weights must be finite and not negative, there is {weight}"));
        }
        Ok(())
    }
}

/// The newest `most` distinct items, newest first.
pub(crate) fn newest_distinct(newest_first: impl Iterator<Item = u32>, most: usize) -> Vec<u32> {
    let mut seen = HashSet::new();
    newest_first.filter(|&item| seen.insert(item)).take(most).collect()
}

/// Sequences with the times of their events.
#[derive(Debug, Clone, Copy)]
pub struct TimedSequences<'a> {
    /// The events.
    pub sequences: Sequences<'a>,
    /// `[events]`: seconds, ascending within a user. Empty means equal throughout.
    pub times: &'a [i64],
}

impl TimedSequences<'_> {
    pub(crate) fn check(&self, name: &str, items: usize) -> Result<(), Error> {
        self.sequences.check(name, items)?;
        let events = self.sequences.items.len();
        if !self.times.is_empty() && self.times.len() != events {
            let found = self.times.len();
            return Err(Error::Invalid(format!("{name}: times must be empty or {events}, there are {found}")));
        }
        Ok(())
    }

    pub(crate) fn time(&self, event: usize) -> i64 {
        self.times.get(event).copied().unwrap_or(0)
    }
}

/// The users and events that early stopping is judged on, by next-item ranking over all items.
#[derive(Debug, Clone, Copy)]
pub struct Validation<'a> {
    /// Whole histories, context and held-out events together; weights are not used, times only by networks that see them.
    pub histories: TimedSequences<'a>,
    /// `[users]`: the position within each history from which events are held out; each is predicted
    /// from everything before it.
    pub first_target: &'a [usize],
    /// Whether items that occur earlier in the history are removed from the ranking (they are then no
    /// targets either).
    pub exclude_seen: bool,
}

impl Validation<'_> {
    pub(crate) fn check(&self, items: usize) -> Result<(), Error> {
        self.histories.check("validation", items)?;
        let users = self.histories.sequences.len();
        if self.first_target.len() != users {
            return Err(Error::Invalid(format!(
                "validation: first_target must have one position per user, {} for {} users",
                self.first_target.len(),
                users
            )));
        }
        Ok(())
    }
}
