//! The rows of an ensemble of signals.

use super::signals::{RelatedSignal, RelatedSignals};
use crate::item_matrix::{ItemMatrix, heaviest};
use crate::{Cancel, Error};
use rayon::prelude::*;

/// The weights of an ensemble.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Combination {
    /// Weights by signal, not below 0.
    pub weights: Vec<(RelatedSignal, f32)>,
    /// An item's sum is multiplied by `(events + 1)^-discount`.
    pub discount: f32,
}

impl Combination {
    /// The weight of a signal; 0 of those that it does not name.
    pub fn weight(&self, signal: RelatedSignal) -> f32 {
        self.weights.iter().find(|w| w.0 == signal).map_or(0.0, |w| w.1)
    }
}

/// For each item the `row_max` others with the highest `sum over signals of weight * row`, on the current rayon pool.
pub fn combine(
    signals: &RelatedSignals,
    combination: &Combination,
    row_max: usize,
    cancel: &Cancel,
) -> Result<ItemMatrix, Error> {
    let items = signals.counts.len();
    let weighted = signals.rows.iter().map(|(signal, rows)| (combination.weight(*signal), rows));
    let weighted: Vec<(f32, &ItemMatrix)> = weighted.filter(|w| w.0 > 0.0).collect();
    let discounts = discounts(&signals.counts, combination.discount);
    let row = |sums: &mut Vec<f32>, item: usize| {
        if item.is_multiple_of(256) {
            cancel.check()?;
        }
        let mut others = Vec::new();
        for (weight, rows) in &weighted {
            for (other, value) in rows.row(item as u32) {
                others.push(other);
                sums[other as usize] += weight * value;
            }
        }
        others.sort_unstable();
        others.dedup();
        let taken = others.into_iter().map(|other| {
            let sum = std::mem::take(&mut sums[other as usize]);
            (other, sum * discounts[other as usize])
        });
        let mut row: Vec<(u32, f32)> = taken.filter(|r| r.0 as usize != item && r.1 > 0.0).collect();
        heaviest(&mut row, row_max);
        Ok(row)
    };
    let rows: Result<Vec<_>, Error> = (0..items).into_par_iter().map_init(|| vec![0.0f32; items], row).collect();
    Ok(ItemMatrix::from_rows(rows?, row_max))
}

/// `(events + 1)^-discount` of each item.
pub(super) fn discounts(counts: &[u32], discount: f32) -> Vec<f32> {
    counts.iter().map(|&count| (count as f32 + 1.0).powf(-discount)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_added_by_weight_and_popular_items_discounted() {
        let rows = |row: Vec<(u32, f32)>| ItemMatrix::from_rows([row, vec![], vec![]], 10);
        let signals = RelatedSignals {
            rows: vec![
                (RelatedSignal::Following, rows(vec![(1, 0.5), (2, 0.25)])),
                (RelatedSignal::Cosine, rows(vec![(0, 1.0), (2, 0.5)])),
            ],
            counts: vec![1, 3, 0],
        };
        let combined = |weights: [f32; 2], discount, most| {
            let weights = vec![(RelatedSignal::Following, weights[0]), (RelatedSignal::Cosine, weights[1])];
            let combination = Combination { weights, discount };
            combine(&signals, &combination, most, &Cancel::new()).unwrap().row(0).collect::<Vec<_>>()
        };
        assert_eq!(combined([1.0, 0.0], 0.0, 9), [(1, 0.5), (2, 0.25)]);
        assert_eq!(combined([1.0, 1.0], 0.0, 9), [(1, 0.5), (2, 0.75)]);
        assert_eq!(combined([1.0, 1.0], 0.0, 1), [(2, 0.75)]);
        assert_eq!(combined([1.0, 0.0], 0.5, 9), [(1, 0.25), (2, 0.25)]);
    }
}
