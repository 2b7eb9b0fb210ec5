//! The items that nobody has taken yet, ordered for a user by their metadata.
//!
//! ```text
//! score[j] = standardized(sum over the items i of the history of cosine_ij) + 0.5 standardized(expected_j)      0 for other items
//! ```
//! Standardized among the new items, for every user anew: a long history and a short one tell them apart equally far. What is expected
//! of an item is [`super::cold_start_popularity`].

use crate::artifact::Tensors;
use crate::item_matrix::{ItemMatrix, Recency};
use crate::{Error, Event};

/// The weight of the expected popularity against the likeness to the history.
const EXPECTED: f32 = 0.5;

/// New items and what relates them to others.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewItems {
    /// The new items, ascending.
    items: Vec<u32>,
    /// `[items of the catalog]`: the new items like each, by cosine.
    relations: ItemMatrix,
    /// `[new items]`: the share of the score that is the same for all users.
    expected: Vec<f32>,
}

impl NewItems {
    /// Those of `counts` 0, with the new items like each item and the popularity `expected` `[items of the catalog]`, empty where
    /// metadata says nothing of it.
    pub fn new(counts: &[f32], relations: ItemMatrix, expected: &[f32]) -> Self {
        let items: Vec<u32> = (0u32..).zip(counts).filter(|(_, count)| **count == 0.0).map(|(item, _)| item).collect();
        let of = |item: &u32| expected.get(*item as usize).copied().unwrap_or(0.0);
        let mut own: Vec<f32> = items.iter().map(of).collect();
        standardize(&mut own);
        own.iter_mut().for_each(|x| *x *= EXPECTED);
        Self { items, relations, expected: own }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Fills `out` `[items of the catalog]` with the scores for a history.
    pub fn scores(&self, history: &[Event], out: &mut [f32]) {
        out.fill(0.0);
        self.relations.add_history(history, Recency { decay: 0.0, floor: 0.0, distinct: true }, out);
        let mut own: Vec<f32> = self.items.iter().map(|item| out.get(*item as usize).copied().unwrap_or(0.0)).collect();
        standardize(&mut own);
        for ((item, like), expected) in self.items.iter().zip(own).zip(&self.expected) {
            if let Some(score) = out.get_mut(*item as usize) {
                *score = like + expected;
            }
        }
    }

    /// Stores them under `prefix`.
    pub fn store(&self, prefix: &str, tensors: &mut Tensors) {
        tensors.insert_integers(&format!("{prefix}.new"), self.items.clone());
        tensors.insert(&format!("{prefix}.expected"), &[self.expected.len()], self.expected.clone());
        self.relations.store(prefix, tensors);
    }

    /// Reads what [`Self::store`] wrote for a model of `items` items.
    pub fn load(prefix: &str, tensors: &Tensors, items: usize) -> Result<Self, Error> {
        let new = tensors.get_integers(&format!("{prefix}.new"))?.to_vec();
        let expected = tensors.get(&format!("{prefix}.expected"), 1)?.data.clone();
        if new.len() != expected.len() || !new.is_sorted() || new.iter().any(|item| *item as usize >= items) {
            return Err(Error::Artifact(format!("{prefix}: new items must be among {items} items")));
        }
        if new.is_empty() {
            return Ok(Self::default());
        }
        let is_new = |item: u32| new.binary_search(&item).is_ok();
        let relations = ItemMatrix::load(prefix, tensors, items)?;
        if (0..items as u32).any(|item| relations.row(item).any(|(other, _)| !is_new(other))) {
            return Err(Error::Artifact(format!("{prefix}: rows must be of new items")));
        }
        Ok(Self { items: new, relations, expected })
    }
}

/// Zeros where all are equal.
fn standardize(values: &mut [f32]) {
    let n = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / n;
    let deviation = (values.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / n).sqrt();
    let scale = if deviation > 1e-9 { deviation.recip() } else { 0.0 };
    values.iter_mut().for_each(|x| *x = (*x - mean) * scale);
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::ItemIx;

    fn example() -> NewItems {
        // Items 0 and 1 are known, 2 to 4 new; 2 is like 0, 3 like 1, and most is expected of 4.
        let relations = ItemMatrix::from_rows([vec![(2, 0.9)], vec![(3, 0.8)], vec![], vec![], vec![]], 10);
        NewItems::new(&[3.0, 1.0, 0.0, 0.0, 0.0], relations, &[0.0, 0.0, 0.1, 0.1, 2.0])
    }

    fn order(history: &[u32]) -> Vec<u32> {
        let history: Vec<Event> = (0..).zip(history).map(|(time, item)| Event::new(ItemIx(*item), time)).collect();
        let mut scores = vec![7.0; 5];
        example().scores(&history, &mut scores);
        assert_eq!(scores[..2], [0.0, 0.0], "known items take no part");
        let mut order = vec![2, 3, 4];
        order.sort_by(|a, b| scores[*b as usize].total_cmp(&scores[*a as usize]));
        order
    }

    #[test]
    fn new_items_like_the_history_come_first_and_without_one_those_of_whom_most_is_expected() {
        assert_eq!(order(&[0])[0], 2);
        assert_eq!(order(&[1])[0], 3);
        assert_eq!(order(&[])[0], 4);
        assert!(NewItems::new(&[1.0], ItemMatrix::default(), &[]).is_empty());
    }

    #[test]
    fn storing_changes_nothing_and_foreign_rows_are_refused() {
        let mut tensors = Tensors::new("x/1");
        example().store("new", &mut tensors);
        let read = Tensors::from_safetensors(&tensors.to_safetensors().unwrap()).unwrap();
        assert_eq!(NewItems::load("new", &read, 5).unwrap(), example());
        assert!(NewItems::load("new", &read, 4).is_err());
        tensors.insert_integers("new.new", vec![1, 3, 4]);
        assert!(NewItems::load("new", &tensors, 5).is_err());
    }
}
