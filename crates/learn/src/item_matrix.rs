//! Item-to-item weights as sparse rows: what co-occurrence, SIMS and EASE learn, and how a history is scored with it.

use crate::artifact::Tensors;
use crate::parts::Part;
use crate::{Error, Event};

/// For each item a row of related items with finite weights, in the order of the items: scores are then added in the order in which
/// they lie in memory.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ItemMatrix {
    /// `[items + 1]`: item i's row is `offsets[i]..offsets[i + 1]`.
    offsets: Vec<usize>,
    items: Vec<u32>,
    weights: Vec<f32>,
}

/// The weight of each event of a history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recency {
    /// The event `k` steps before the newest counts `exp(-decay k) + floor`.
    pub decay: f32,
    /// The weight that even the oldest event has.
    pub floor: f32,
    /// Whether an item counts once only, by its newest event.
    pub distinct: bool,
}

impl Recency {
    /// Gives the item and the share of each event of a history (oldest first) that counts, newest first.
    pub(crate) fn shares(&self, history: &[Event], mut visit: impl FnMut(u32, f32)) {
        for (k, event) in history.iter().rev().enumerate() {
            let share = (-self.decay * k as f32).exp() + self.floor;
            if share < SHARE_MIN {
                break;
            }
            let newer = &history[history.len() - k..];
            if !(self.distinct && newer.iter().any(|e| e.item == event.item)) {
                visit(event.item.0, share);
            }
        }
    }
}

/// Shares below this are not worth adding: no ranking changes by them.
const SHARE_MIN: f32 = 1e-3;

impl ItemMatrix {
    /// Joins rows of `(item, weight)`, keeping the `row_max` heaviest of each by absolute value (of equal ones the first items).
    /// Weights that are zero or not finite are dropped.
    pub fn from_rows(rows: impl IntoIterator<Item = Vec<(u32, f32)>>, row_max: usize) -> Self {
        let mut relations = Self { offsets: vec![0], ..Self::default() };
        for mut row in rows {
            heaviest(&mut row, row_max);
            relations.push(&row);
        }
        relations
    }

    /// Appends the next item's row.
    pub(crate) fn push(&mut self, row: &[(u32, f32)]) {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        self.items.extend(row.iter().map(|r| r.0));
        self.weights.extend(row.iter().map(|r| r.1));
        self.offsets.push(self.items.len());
    }

    /// The number of items with a row, empty ones included.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of weights in all rows.
    pub fn weight_count(&self) -> usize {
        self.weights.len()
    }

    /// Item `item`'s row; empty for items beyond the end.
    pub fn row(&self, item: u32) -> impl ExactSizeIterator<Item = (u32, f32)> {
        let at = item as usize;
        let range = if at < self.len() { self.offsets[at]..self.offsets[at + 1] } else { 0..0 };
        self.items[range.clone()].iter().copied().zip(self.weights[range].iter().copied())
    }

    /// Multiplies each row by `factor(item, sum of the row's weights)`.
    pub(crate) fn scale_rows(&mut self, factor: impl Fn(usize, f32) -> f32) {
        for (item, range) in self.offsets.windows(2).enumerate() {
            let row = &mut self.weights[range[0]..range[1]];
            let by = factor(item, row.iter().sum());
            row.iter_mut().for_each(|weight| *weight *= by);
        }
    }

    /// Puts `map(weight)` in the place of each weight; what is not finite or above 0 then is 0.
    pub(crate) fn map_weights(&mut self, map: impl Fn(f32) -> f32) {
        for weight in &mut self.weights {
            let new = map(*weight);
            *weight = if new.is_finite() && new > 0.0 { new } else { 0.0 };
        }
    }

    /// `[items]` rows in which row j holds what rows hold at j.
    pub(crate) fn transposed(&self) -> Self {
        let items = self.len();
        let mut offsets = vec![0usize; items + 1];
        self.items.iter().for_each(|&other| offsets[other as usize + 1] += 1);
        (0..items).for_each(|item| offsets[item + 1] += offsets[item]);
        let mut next = offsets.clone();
        let (mut others, mut weights) = (vec![0; self.items.len()], vec![0.0; self.items.len()]);
        for item in 0..items as u32 {
            for (other, weight) in self.row(item) {
                let at = next[other as usize];
                (others[at], weights[at]) = (item, weight);
                next[other as usize] += 1;
            }
        }
        Self { offsets, items: others, weights }
    }

    /// Adds `share` times item `item`'s row to `scores` `[items]`.
    pub fn add_row(&self, item: u32, share: f32, scores: &mut [f32]) {
        for (other, weight) in self.row(item) {
            if let Some(score) = scores.get_mut(other as usize) {
                *score += share * weight;
            }
        }
    }

    /// Adds the rows of a history (oldest first) to `scores`, each by its share. Cost: the rows' lengths.
    pub fn add_history(&self, history: &[Event], recency: Recency, scores: &mut [f32]) {
        recency.shares(history, |item, share| self.add_row(item, share, scores));
    }

    /// Stores the rows under `prefix`.
    pub fn store(&self, prefix: &str, tensors: &mut Tensors) {
        let lengths = self.offsets.windows(2).map(|w| (w[1] - w[0]) as u32).collect();
        tensors.insert_integers(&format!("{prefix}.lengths"), lengths);
        tensors.insert_integers(&format!("{prefix}.items"), self.items.clone());
        tensors.insert(&format!("{prefix}.weights"), &[self.weights.len()], self.weights.clone());
    }

    /// Reads what [`Self::store`] wrote for a model of `items` items.
    pub fn load(prefix: &str, tensors: &Tensors, items: usize) -> Result<Self, Error> {
        let lengths = tensors.get_integers(&format!("{prefix}.lengths"))?;
        let columns = tensors.get_integers(&format!("{prefix}.items"))?;
        let weights = &tensors.get(&format!("{prefix}.weights"), 1)?.data;
        let mut offsets = vec![0usize];
        for &length in lengths {
            offsets.push(offsets[offsets.len() - 1].saturating_add(length as usize));
        }
        let fits = lengths.len() == items
            && offsets.last() == Some(&columns.len())
            && columns.len() == weights.len()
            && columns.iter().all(|&item| (item as usize) < items);
        if !fits {
            return Err(Error::Artifact(format!("{prefix}: rows must fit {items} items")));
        }
        Ok(Self { offsets, items: columns.to_vec(), weights: weights.clone() })
    }
}

impl Part for ItemMatrix {
    fn to_tensors(&self) -> Tensors {
        let mut tensors = Tensors::new("rows/1");
        self.store("rows", &mut tensors);
        tensors
    }

    fn from_tensors(tensors: &Tensors) -> Result<Self, Error> {
        let items = tensors.get_integers("rows.lengths")?.len();
        Self::load("rows", tensors, items)
    }
}

/// Keeps the `most` heaviest by absolute value, of equals the first items, and puts them in the order of the items. Weights that are
/// zero or not finite are dropped.
pub(crate) fn heaviest(row: &mut Vec<(u32, f32)>, most: usize) {
    // Whole numbers are compared several times as fast as pairs: 31 bits of the absolute value, turned round, then the item.
    const HIGHEST: u64 = 0x7fff_ffff;
    let key = |&(item, weight): &(u32, f32)| (HIGHEST - u64::from(weight.abs().to_bits())) << 32 | u64::from(item);
    row.retain(|r| r.1.is_finite() && r.1 != 0.0);
    if row.len() > most {
        let mut keys: Vec<u64> = row.iter().map(key).collect();
        match most.checked_sub(1) {
            Some(last) => {
                let least = *keys.select_nth_unstable(last).1;
                row.retain(|r| key(r) <= least);
            }
            None => row.clear(),
        }
    }
    if !row.is_sorted_by_key(|r| r.0) {
        row.sort_unstable_by_key(|r| r.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::ItemIx;

    fn sample() -> ItemMatrix {
        ItemMatrix::from_rows([vec![(1, 0.5), (2, -2.0), (0, f32::NAN)], vec![], vec![(0, 1.0), (1, 0.0)]], 2)
    }

    #[test]
    fn rows_keep_the_heaviest() {
        let relations = sample();
        assert_eq!(relations.row(0).collect::<Vec<_>>(), [(1, 0.5), (2, -2.0)]);
        assert_eq!((relations.row(1).len(), relations.row(2).len(), relations.row(9).len()), (0, 1, 0));
        let one = ItemMatrix::from_rows([vec![(1, 0.5), (2, -2.0)]], 1);
        assert_eq!(one.row(0).collect::<Vec<_>>(), [(2, -2.0)]);
    }

    #[test]
    fn a_history_is_weighted_from_its_newest_event() {
        let history: Vec<Event> = [0, 2, 0].map(|item| Event::new(ItemIx(item), 0)).to_vec();
        let add = |recency| {
            let mut scores = [0.0f32; 3];
            sample().add_history(&history, recency, &mut scores);
            scores
        };
        let all = add(Recency { decay: 0.0, floor: 0.0, distinct: false });
        assert_eq!(all, [1.0, 1.0, -4.0]);
        assert_eq!(add(Recency { decay: 0.0, floor: 0.5, distinct: true }), [1.5, 0.75, -3.0]);
        let half = std::f32::consts::LN_2;
        let faded = add(Recency { decay: half, floor: 0.0, distinct: true });
        assert!(faded.iter().zip([0.5, 0.5, -2.0]).all(|(a, b)| (a - b).abs() < 1e-6), "{faded:?}");
    }

    #[test]
    fn storing_changes_nothing_and_damage_is_an_error() {
        let mut tensors = Tensors::new("t/1");
        sample().store("r", &mut tensors);
        let bytes = tensors.to_safetensors().unwrap();
        let mut read = Tensors::from_safetensors(&bytes).unwrap();
        assert_eq!(ItemMatrix::load("r", &read, 3).unwrap(), sample());
        assert!(matches!(ItemMatrix::load("r", &read, 2), Err(Error::Artifact(_))));
        read.insert_integers("r.lengths", vec![9, 9, 9]);
        assert!(matches!(ItemMatrix::load("r", &read, 3), Err(Error::Artifact(_))));
    }
}
