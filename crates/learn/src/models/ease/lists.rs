//! Lists of indices end to end: each user's items or each item's users, at four bytes an entry.

use crate::Sequences;

/// Lists that are told apart by their ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lists {
    /// `[lists + 1]`, ascending from 0.
    offsets: Vec<usize>,
    values: Vec<u32>,
}

impl Lists {
    /// Each user's distinct items below `items`, ascending.
    pub(super) fn of_users(sequences: &Sequences<'_>, items: usize) -> Self {
        let mut lists = Self { offsets: vec![0], values: Vec::with_capacity(sequences.items.len()) };
        for user in 0..sequences.len() {
            lists.values.extend(sequences.distinct(user, items));
            lists.offsets.push(lists.values.len());
        }
        lists
    }

    /// For each value below `width` the lists that have it, ascending.
    pub(super) fn turned(&self, width: usize) -> Self {
        let mut offsets = vec![0usize; width + 1];
        self.values.iter().for_each(|&value| offsets[value as usize + 1] += 1);
        (0..width).for_each(|value| offsets[value + 1] += offsets[value]);
        let mut next = offsets.clone();
        let mut values = vec![0; self.values.len()];
        for list in 0..self.len() {
            for &value in self.get(list) {
                let at = &mut next[value as usize];
                values[*at] = list as u32;
                *at += 1;
            }
        }
        Self { offsets, values }
    }

    /// The number of lists.
    pub(super) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// List `n`. Panics when out of range, like slice indexing.
    pub(super) fn get(&self, n: usize) -> &[u32] {
        &self.values[self.offsets[n]..self.offsets[n + 1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_of_items_are_items_of_users_turned() {
        let sequences = Sequences { offsets: &[0, 4, 4, 7], items: &[3, 1, 3, 9, 1, 0, 1], weights: &[] };
        let histories = Lists::of_users(&sequences, 4);
        assert_eq!(
            (histories.len(), histories.get(0), histories.get(1), histories.get(2)),
            (3, &[1, 3][..], &[][..], &[0, 1][..])
        );
        let users = histories.turned(4);
        assert_eq!([0, 1, 2, 3].map(|item| users.get(item)), [&[2][..], &[0, 2], &[], &[0]]);
        assert_eq!(users.turned(3), histories);
    }
}
