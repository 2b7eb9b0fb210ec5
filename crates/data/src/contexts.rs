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
        assert_eq!(counts.events, [2, 1, 1], "one number an item");
        let found = counts.counts(&items);
        assert_eq!(found.len(), 3);
        assert_eq!(found[&key("device", "phone")], [(1, 2.0)]);
        assert_eq!(found[&key("DEVICE", "tv")], [(0, 1.0)]);
        assert!(!counts.is_empty() && ContextCounts::default().is_empty());
        assert!(counts.shown(&items).is_empty());
        ["b|a|other", "a"].iter().for_each(|impression| counts.push_shown(impression));
        assert_eq!(counts.shown(&items), [1, 2, 0]);
    }

    #[test]
    fn of_too_many_values_the_most_frequent_are_kept() {
        let mut counts = ContextCounts::default();
        let mut push = |item: &str, value: usize| counts.push(item, [("N", &*value.to_string())].into_iter());
        (0..3 * VALUES_MAX).for_each(|value| push("a", value));
        (0..100).for_each(|value| push("b", value));
        let mut items = IdMap::default();
        assert_eq!((items.insert("b"), items.insert("a")), (0, 1));
        let found = counts.counts(&items);
        assert_eq!(found.len(), VALUES_MAX);
        for value in 0..100 {
            assert_eq!(found[&key("N", &value.to_string())], [(0, 1.0), (1, 1.0)], "{value}");
        }
    }

    #[test]
    fn items_are_in_the_order_of_their_indices() {
        let (mut counts, mut items) = (ContextCounts::default(), IdMap::default());
        (0..100).for_each(|n| _ = items.insert(&format!("i{n}")));
        (0..100).rev().for_each(|n| counts.push(&format!("i{n}"), [("DEVICE", "tv")].into_iter()));
        counts.push("i0", std::iter::empty());
        let expected: Vec<_> = (0..100).map(|n| (n, 1.0)).collect();
        assert_eq!(counts.counts(&items)[&key("DEVICE", "tv")], expected);
    }

    #[test]
    fn a_key_is_of_column_and_value() {
        assert_eq!(key("device", "tv"), key("DEVICE", "tv"));
        let keys = [key("DEVICE", "tv"), key("DEVICE", "TV"), key("DEVICET", "v"), key("DEVIC", "Etv")];
        assert_eq!(std::collections::HashSet::from(keys).len(), 4);
    }
}
