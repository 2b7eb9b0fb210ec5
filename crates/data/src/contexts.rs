//! Counts of the contextual columns of interactions, and of impressions, by item.

use crate::ids::IdMap;
use std::collections::{BTreeMap, HashMap};

/// Values of all columns that are kept, the most frequent; more are names rather than circumstances.
const VALUES_MAX: usize = 5000;

/// The number that stands for a column, in any case, and its value: FNV-1a, whose collisions in 64 bits are as good as
/// impossible.
pub fn key(column: &str, value: &str) -> u64 {
    let bytes = column.bytes().map(|b| b.to_ascii_uppercase()).chain([0]).chain(value.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// The values in a text, which `|` separates.
pub fn values(text: &str) -> impl Iterator<Item = &str> {
    text.split('|').map(str::trim).filter(|value| !value.is_empty())
}

/// Collects interactions with their circumstances.
#[derive(Debug, Clone, Default)]
pub struct ContextCounts {
    items: IdMap,
    events: Vec<u32>,
    having: HashMap<u64, HashMap<u32, u32>>,
    shown: HashMap<Box<str>, u32>,
}

impl ContextCounts {
    /// Counts an interaction with `item` under circumstances given as `(column, text)`.
    pub fn push<'a>(&mut self, item: &str, circumstances: impl Iterator<Item = (&'a str, &'a str)>) {
        let item = self.items.insert(item);
        if item as usize == self.events.len() {
            self.events.push(0);
        }
        self.events[item as usize] += 1;
        for (column, text) in circumstances {
            for value in values(text) {
                *self.having.entry(key(column, value)).or_default().entry(item).or_insert(0) += 1;
            }
        }
    }

    /// Counts the items of an impression, which `|` separates.
    pub fn push_shown(&mut self, impression: &str) {
        values(impression).for_each(|item| *self.shown.entry(item.into()).or_insert(0) += 1);
    }

    /// `[items]`: how often each was shown, by the indices of `items`; empty where nothing is known of it.
    pub fn shown(&self, items: &IdMap) -> Vec<u32> {
        match self.shown.is_empty() {
            true => Vec::new(),
            false => items.iter().map(|id| self.shown.get(id).copied().unwrap_or(0)).collect(),
        }
    }

    /// Whether no circumstance was counted.
    pub fn is_empty(&self) -> bool {
        self.having.is_empty()
    }

    /// `[items]`: interactions by the indices of `items`.
    pub fn events(&self, items: &IdMap) -> Vec<f32> {
        let count = |id: &str| self.items.get(id).map_or(0.0, |item| self.events[item as usize] as f32);
        items.iter().map(count).collect()
    }

    /// By [`key`], for values that are not the same for all: `(item, interactions)` by the indices of `items`, ascending.
    pub fn counts(&self, items: &IdMap) -> BTreeMap<u64, Vec<(u32, f32)>> {
        let all: u64 = self.events.iter().map(|&n| u64::from(n)).sum();
        let mut kept: Vec<(u64, u64)> = self
            .having
            .iter()
            .map(|(key, counts)| (counts.values().map(|&n| u64::from(n)).sum(), *key))
            .filter(|(total, _)| *total < all)
            .collect();
        kept.sort_unstable_by_key(|&(total, key)| (std::cmp::Reverse(total), key));
        kept.truncate(VALUES_MAX);
        let row = |key: u64| {
            let of = |(&item, &n): (&u32, &u32)| Some((items.get(self.items.id(item))?, n as f32));
            let mut row: Vec<(u32, f32)> = self.having.get(&key).into_iter().flatten().filter_map(of).collect();
            row.sort_unstable_by_key(|entry| entry.0);
            row
        };
        kept.into_iter().map(|(_, key)| (key, row(key))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circumstances_are_counted_by_item_and_constants_left_out() {
        let mut counts = ContextCounts::default();
        let push = |counts: &mut ContextCounts, item: &str, device: &str| {
            counts.push(item, [("DEVICE", device), ("PLANET", "earth")].into_iter());
        };
        push(&mut counts, "a", "phone|app");
        push(&mut counts, "b", "tv");
        push(&mut counts, "a", "phone");
        push(&mut counts, "gone", "phone");
        let mut items = IdMap::default();
        ["b", "a", "new"].iter().for_each(|id| {
            items.insert(id);
        });
        assert_eq!(counts.events(&items), [1.0, 2.0, 0.0]);
        let found = counts.counts(&items);
        assert_eq!(found.len(), 3);
        assert_eq!(found[&key("device", "phone")], [(1, 2.0)]);
        assert_eq!(found[&key("DEVICE", "tv")], [(0, 1.0)]);
        assert!(!counts.is_empty() && ContextCounts::default().is_empty());
        assert!(counts.shown(&items).is_empty());
        ["b|a|other", "a"].iter().for_each(|impression| counts.push_shown(impression));
        assert_eq!(counts.shown(&items), [1, 2, 0]);
    }
}
