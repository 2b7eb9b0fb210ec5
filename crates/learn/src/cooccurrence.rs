//! What follows what: directed co-occurrence within a window, discounted by distance.
//!
//! One pass over every history, as sequential rules are counted in `sequential-rules`:
//! ```text
//! W[i, j] = sum over pairs (i at step s, j at step s + d), 1 <= d <= window, of d^-power   / occurrences(i)
//! ```
//! Where events have weights, a pair counts by that of its later event. An item is not related to itself. Cost: events * window
//! additions; memory 12 bytes for every pair that occurs, bounded by working through the rows in bands.

use crate::gru::Sequences;
use crate::relations::Relations;
use crate::{Cancel, Error};

/// How pairs are counted.
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

/// Pairs held at once while counting, at most; more are counted in several passes over the data.
const PAIRS_MAX: usize = 40_000_000;

/// Counts and normalises. Items outside `0..items` are skipped.
pub fn directed(sequences: &Sequences<'_>, items: usize, window: Window, cancel: &Cancel) -> Result<Relations, Error> {
    let discount: Vec<f32> = (1..=window.steps).map(|d| (d as f32).powf(-window.power)).collect();
    let mut occurrences = vec![0usize; items];
    for &item in sequences.items {
        if let Some(count) = occurrences.get_mut(item as usize) {
            *count += 1;
        }
    }
    let mut relations = Relations::from_rows([], 0);
    let mut from = 0;
    while from < items {
        cancel.check()?;
        let mut to = from;
        let mut pairs = 0;
        while to < items && (to == from || pairs + occurrences[to] * window.steps <= PAIRS_MAX) {
            pairs += occurrences[to] * window.steps;
            to += 1;
        }
        let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); to - from];
        for user in 0..sequences.len() {
            let history = sequences.user(user);
            let weights = sequences.weights.get(sequences.offsets[user]..sequences.offsets[user + 1]);
            for (at, &item) in history.iter().enumerate() {
                let Some(row) = (item as usize).checked_sub(from).and_then(|row| rows.get_mut(row)) else { continue };
                let following = (at + 1..history.len()).zip(&discount).filter(|(n, _)| history[*n] != item);
                row.extend(following.map(|(n, share)| (history[n], share * weights.map_or(1.0, |of| of[n]))));
            }
        }
        for (n, mut row) in rows.into_iter().enumerate() {
            row.retain(|r| (r.0 as usize) < items);
            let total = occurrences[from + n].max(1) as f32;
            let mut summed = sum(row);
            summed.iter_mut().for_each(|r| r.1 /= total);
            crate::relations::heaviest(&mut summed, window.row_max);
            relations.push(&summed);
        }
        from = to;
    }
    Ok(relations)
}

/// Adds up the weights of equal items; sums do not depend on the order of other items.
pub(crate) fn sum(mut row: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
    row.sort_by_key(|r| r.0);
    row.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0, same.iter().map(|r| r.1).sum())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_forward_by_distance() {
        let sequences = Sequences { offsets: &[0, 4, 6], items: &[0, 1, 0, 2, 1, 2], weights: &[] };
        let window = Window { steps: 2, power: 1.0, row_max: 10 };
        let relations = directed(&sequences, 4, window, &Cancel::new()).unwrap();
        let row = |item| relations.row(item).collect::<Vec<_>>();
        // 0 at steps 0 and 2: followed by 1 at distance 1, and by 2 at distance 1.
        assert_eq!(row(0), [(1, 0.5), (2, 0.5)]);
        // 1 at step 1 of the first (0 next, 2 after it) and step 0 of the second (2 next).
        assert_eq!(row(1), [(2, 0.75), (0, 0.5)]);
        assert_eq!((row(2).len(), row(3).len(), relations.len()), (0, 0, 4));
    }

    #[test]
    fn an_event_counts_by_its_weight() {
        let sequences = Sequences { offsets: &[0, 2, 4], items: &[0, 1, 0, 2], weights: &[9.0, 0.5, 9.0, 1.5] };
        let relations = directed(&sequences, 3, Window::default(), &Cancel::new()).unwrap();
        assert_eq!(relations.row(0).collect::<Vec<_>>(), [(2, 0.75), (1, 0.25)]);
    }

    /// The reference is `fixtures/components.py`.
    #[test]
    fn equals_the_reference() {
        let fixture = crate::fixtures::Components::read();
        let window = Window { steps: 4, power: 0.7, row_max: 100 };
        let relations = directed(&fixture.sequences(), fixture.items, window, &Cancel::new()).unwrap();
        fixture.same("cooccurrence", &relations, 1e-5);
    }

    #[test]
    fn a_cancelled_count_stops() {
        let cancel = Cancel::new();
        cancel.cancel();
        let sequences = Sequences { offsets: &[0, 2], items: &[0, 1], weights: &[] };
        assert_eq!(directed(&sequences, 2, Window::default(), &cancel), Err(Error::Cancelled));
    }
}
