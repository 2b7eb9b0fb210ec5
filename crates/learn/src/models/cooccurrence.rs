//! Directed co-occurrence of items within a window, discounted by distance.
//!
//! One pass over every history, as sequential rules are counted in `sequential-rules`:
//! ```text
//! W[i, j] = sum over pairs (i at step s, j at step s + d), 1 <= d <= window, of d^-power   / occurrences(i)
//! ```
//! A pair counts by the weight of its later event, if events have weights. An item is not related to itself. Cost:
//! events * window additions; memory 8 bytes for each event and, for each thread, 4 for each item.

use crate::Sequences;
use crate::item_matrix::ItemMatrix;
use crate::kernels::prefetch;
use crate::{Cancel, Error};
use rayon::prelude::*;

/// The pairs that count, and their weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Steps between the two events, at most.
    pub steps: usize,
    /// A pair `d` steps apart counts `d^-power`.
    pub power: f32,
    /// Related items kept for each item.
    pub row_max: usize,
}

impl Default for Window {
    /// Measured on MovieLens, retail and session data: 10 steps and 0.7 are near the best on all of them.
    fn default() -> Self {
        Self { steps: 10, power: 0.7, row_max: 1000 }
    }
}

/// From one pair for so many items on, all items are looked through for those that were met.
const LOOKED_THROUGH: usize = 8;
/// Occurrences whose surroundings are asked for before they are read: they lie anywhere in memory.
const AHEAD: usize = 12;
/// Items computed between two looks at the cancel switch.
const CHUNK: usize = 64;

/// Counts and normalizes, on the current rayon pool. Items outside `0..items` are skipped.
pub fn directed(sequences: &Sequences<'_>, items: usize, window: Window, cancel: &Cancel) -> Result<ItemMatrix, Error> {
    if u32::try_from(sequences.items.len()).is_err() {
        return Err(Error::Invalid(format!("co-occurrence counts at most {} events", u32::MAX)));
    }
    let occurrences = Occurrences::of(sequences, items);
    let discount: Vec<f32> = (1..=window.steps).map(|d| (d as f32).powf(-window.power)).collect();
    let chunks: Vec<usize> = (0..items).step_by(CHUNK).collect();
    let count = |sums: &mut Vec<f32>, from: &usize| {
        cancel.check()?;
        let row = |item: usize| {
            let mut others = Vec::new();
            let own = occurrences.of_item(item);
            // Many are found faster by looking through all items than by remembering which were met.
            let dense = own.len() * window.steps > items / LOOKED_THROUGH;
            for (k, &(at, end)) in own.iter().enumerate() {
                if let Some(&(next, _)) = own.get(k + AHEAD) {
                    prefetch(sequences.items, next as usize + 1);
                    prefetch(sequences.items, next as usize + window.steps);
                }
                let following = at as usize + 1..end as usize;
                let weights = sequences.weights.get(following.clone()).unwrap_or_default();
                let known = sequences.items[following].iter().zip(&discount).enumerate();
                for (n, (&other, share)) in known {
                    let Some(sum) = sums.get_mut(other as usize) else { continue };
                    if !dense {
                        others.push(other);
                    }
                    *sum += share * weights.get(n).copied().unwrap_or(1.0);
                }
            }
            if dense {
                others.extend(0..items as u32);
            } else {
                others.sort_unstable();
                others.dedup();
            }
            let total = own.len().max(1) as f32;
            let taken = others.into_iter().map(|to| (to, std::mem::take(&mut sums[to as usize]) / total));
            let mut row: Vec<(u32, f32)> = taken.filter(|&(to, weight)| weight != 0.0 && to as usize != item).collect();
            crate::item_matrix::heaviest(&mut row, window.row_max);
            row
        };
        Ok((*from..items.min(from + CHUNK)).map(row).collect::<Vec<_>>())
    };
    let buffers = || vec![0.0f32; items];
    let rows: Vec<Vec<_>> = chunks.par_iter().map_init(buffers, count).collect::<Result<_, Error>>()?;
    let mut relations = ItemMatrix::from_rows([], 0);
    rows.iter().flatten().for_each(|row| relations.push(row));
    Ok(relations)
}

/// The events of each item.
struct Occurrences {
    /// `[items + 1]` into `positions`.
    offsets: Vec<usize>,
    /// Positions in the column of all events, ascending for each item, each with the end of its user's events.
    positions: Vec<(u32, u32)>,
}

impl Occurrences {
    fn of(sequences: &Sequences<'_>, items: usize) -> Self {
        let known = |item: &u32| (*item as usize) < items;
        let mut offsets = vec![0usize; items + 1];
        sequences.items.iter().filter(|item| known(item)).for_each(|&item| offsets[item as usize + 1] += 1);
        (0..items).for_each(|item| offsets[item + 1] += offsets[item]);
        let (mut next, mut positions) = (offsets.clone(), vec![(0, 0); offsets[items]]);
        for range in sequences.offsets.windows(2).map(|w| w[0]..w[1]) {
            let end = range.end as u32;
            for (at, &item) in range.clone().zip(&sequences.items[range]).filter(|(_, item)| known(item)) {
                positions[next[item as usize]] = (at as u32, end);
                next[item as usize] += 1;
            }
        }
        Self { offsets, positions }
    }

    fn of_item(&self, item: usize) -> &[(u32, u32)] {
        &self.positions[self.offsets[item]..self.offsets[item + 1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Components, cancelled};

    #[test]
    fn counts_forward_by_distance() {
        let sequences = Sequences { offsets: &[0, 4, 6], items: &[0, 1, 0, 2, 1, 2], weights: &[] };
        let window = Window { steps: 2, power: 1.0, row_max: 10 };
        let relations = directed(&sequences, 4, window, &Cancel::new()).unwrap();
        let row = |item| relations.row(item).collect::<Vec<_>>();
        // 0 at steps 0 and 2: followed by 1 at distance 1, and by 2 at distance 1.
        assert_eq!(row(0), [(1, 0.5), (2, 0.5)]);
        // 1 at step 1 of the first (0 next, 2 after it) and step 0 of the second (2 next).
        assert_eq!(row(1), [(0, 0.5), (2, 0.75)]);
        assert_eq!((row(2).len(), row(3).len(), relations.len()), (0, 0, 4));
    }

    #[test]
    fn an_event_counts_by_its_weight() {
        let sequences = Sequences { offsets: &[0, 2, 4], items: &[0, 1, 0, 2], weights: &[9.0, 0.5, 9.0, 1.5] };
        let relations = directed(&sequences, 3, Window::default(), &Cancel::new()).unwrap();
        assert_eq!(relations.row(0).collect::<Vec<_>>(), [(1, 0.25), (2, 0.75)]);
    }

    /// The reference is `fixtures/components.py`.
    #[test]
    fn equals_the_reference() {
        let fixture = Components::read();
        let window = Window { steps: 4, power: 0.7, row_max: 100 };
        let relations = directed(&fixture.sequences(), fixture.items, window, &Cancel::new()).unwrap();
        fixture.same("cooccurrence", &relations, 1e-5);
    }

    #[test]
    fn a_cancelled_count_stops() {
        let cancel = cancelled();
        let sequences = Sequences { offsets: &[0, 2], items: &[0, 1], weights: &[] };
        assert_eq!(directed(&sequences, 2, Window::default(), &cancel), Err(Error::Cancelled));
    }
}
