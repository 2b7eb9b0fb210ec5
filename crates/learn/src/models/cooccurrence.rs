//! Directed co-occurrence of items within a window, discounted by distance.
//!
//! One pass over every history, as sequential rules are counted in `sequential-rules`:
//! ```text
//! W[i, j] = sum over pairs (i at step s, j at step s + d), 1 <= d <= window, of d^-power   / occurrences(i)
//! ```
//! A pair counts by the weight of its later event, if events have weights. An item is not related to itself. Cost:
//! events * window additions of whole numbers; memory 8 bytes for each event and, for each thread, 8 for each item.

use crate::Sequences;
use crate::item_matrix::{ItemMatrix, heaviest};
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
/// A pair of weight 1 in the unit of the sums. Whole numbers add up to the same in any order, so that counts can be merged.
const UNIT: f64 = (1u64 << 32) as f64;

/// Counts and normalizes, on the current rayon pool. Items outside `0..items` are skipped.
pub fn directed(sequences: &Sequences<'_>, items: usize, window: Window, cancel: &Cancel) -> Result<ItemMatrix, Error> {
    directed_in_parts(sequences, items, window, u32::MAX as usize, cancel)
}

/// [`directed`], counting users of no more than `events_max` events together at once.
fn directed_in_parts(
    sequences: &Sequences<'_>,
    items: usize,
    window: Window,
    events_max: usize,
    cancel: &Cancel,
) -> Result<ItemMatrix, Error> {
    if sequences.items.len() <= events_max {
        let normalize = |row: Vec<(u32, u64)>, occurrences: u64| normalized(row, occurrences, window.row_max);
        let rows = count(sequences, items, window, cancel, normalize)?;
        let mut relations = ItemMatrix::from_rows([], 0);
        rows.iter().for_each(|row| relations.push(row));
        return Ok(relations);
    }
    let mut all = PairCounts::default();
    let mut first = 0;
    while first < sequences.len() {
        let from = sequences.offsets[first];
        let whole = sequences.offsets[first..].partition_point(|&end| end - from <= events_max) - 1;
        if whole == 0 {
            return Err(Error::Invalid(format!("co-occurrence counts at most {events_max} events of one user")));
        }
        let offsets: Vec<usize> = sequences.offsets[first..=first + whole].iter().map(|&at| at - from).collect();
        let events = from..sequences.offsets[first + whole];
        let weights = sequences.weights.get(events.clone()).unwrap_or_default();
        let part = Sequences { offsets: &offsets, items: &sequences.items[events], weights };
        all.merge(&PairCounts::of(&part, items, window, cancel)?);
        first += whole;
    }
    Ok(all.normalized(window.row_max))
}

/// Counts of pairs before they are normalized: those of two groups of users add up to exactly those of all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PairCounts {
    /// By item: its occurrences, and the sum with each other item in the order of the items.
    rows: Vec<PairCount>,
}

/// An item's occurrences, and the sum with each other item.
type PairCount = (u64, Vec<(u32, u64)>);

impl PairCounts {
    /// Counts on the current rayon pool, as [`directed`]; its `row_max` is without effect.
    pub fn of(sequences: &Sequences<'_>, items: usize, window: Window, cancel: &Cancel) -> Result<Self, Error> {
        let rows = count(sequences, items, window, cancel, |row, occurrences| (occurrences, row))?;
        Ok(Self { rows })
    }

    /// Adds the counts of other users.
    pub fn merge(&mut self, other: &Self) {
        if self.rows.len() < other.rows.len() {
            self.rows.resize_with(other.rows.len(), Default::default);
        }
        for ((occurrences, row), (more, added)) in self.rows.iter_mut().zip(&other.rows) {
            *occurrences += more;
            row.extend(added);
            row.sort_by_key(|pair| pair.0);
            row.dedup_by(|later, first| {
                let same = later.0 == first.0;
                if same {
                    first.1 = first.1.saturating_add(later.1);
                }
                same
            });
        }
    }

    /// The weights of [`directed`] over all users that were counted.
    pub fn normalized(&self, row_max: usize) -> ItemMatrix {
        let mut relations = ItemMatrix::from_rows([], 0);
        for (occurrences, row) in &self.rows {
            relations.push(&normalized(row.clone(), *occurrences, row_max));
        }
        relations
    }
}

/// A row's weights, the heaviest `row_max` of them.
fn normalized(row: Vec<(u32, u64)>, occurrences: u64, row_max: usize) -> Vec<(u32, f32)> {
    let one = UNIT * occurrences.max(1) as f64;
    let mut row: Vec<(u32, f32)> = row.into_iter().map(|(to, sum)| (to, (sum as f64 / one) as f32)).collect();
    heaviest(&mut row, row_max);
    row
}

/// The rows that `finish` makes of each item's sums with other items, in the order of the items, and of its occurrences.
fn count<T: Send>(
    sequences: &Sequences<'_>,
    items: usize,
    window: Window,
    cancel: &Cancel,
    finish: impl Fn(Vec<(u32, u64)>, u64) -> T + Sync,
) -> Result<Vec<T>, Error> {
    if u32::try_from(sequences.items.len()).is_err() {
        return Err(Error::Invalid(format!("co-occurrence counts at most {} events at once", u32::MAX)));
    }
    let occurrences = Occurrences::of(sequences, items);
    let discount: Vec<f64> = (1..=window.steps).map(|d| f64::from((d as f32).powf(-window.power)) * UNIT).collect();
    let plain: Vec<u64> = discount.iter().map(|share| share.round() as u64).collect();
    let chunks: Vec<usize> = (0..items).step_by(CHUNK).collect();
    let count = |sums: &mut Vec<u64>, from: &usize| {
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
                for (n, (&other, &share)) in sequences.items[following].iter().zip(&plain).enumerate() {
                    let Some(sum) = sums.get_mut(other as usize) else { continue };
                    if !dense {
                        others.push(other);
                    }
                    let weighted = weights.get(n).map(|&weight| (discount[n] * f64::from(weight)).round() as u64);
                    *sum = sum.saturating_add(weighted.unwrap_or(share));
                }
            }
            if dense {
                others.extend(0..items as u32);
            } else {
                others.sort_unstable();
                others.dedup();
            }
            let taken = others.into_iter().map(|to| (to, std::mem::take(&mut sums[to as usize])));
            let row = taken.filter(|&(to, sum)| sum != 0 && to as usize != item).collect();
            finish(row, own.len() as u64)
        };
        Ok((*from..items.min(from + CHUNK)).map(row).collect::<Vec<_>>())
    };
    let buffers = || vec![0u64; items];
    let rows: Vec<Vec<T>> = chunks.par_iter().map_init(buffers, count).collect::<Result<_, Error>>()?;
    Ok(rows.into_iter().flatten().collect())
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn counts_of_two_halves_of_the_users_add_up_to_those_of_all(
            histories in proptest::collection::vec(proptest::collection::vec((0u32..25, 0.0f32..3.0), 0..12), 1..20),
            half in 0usize..20,
            weighted: bool,
        ) {
            const ITEMS: usize = 24;
            let window = Window { steps: 3, power: 0.7, row_max: 5 };
            let of = |histories: &[Vec<(u32, f32)>]| {
                let mut offsets = vec![0];
                histories.iter().for_each(|history| offsets.push(offsets[offsets.len() - 1] + history.len()));
                let (items, mut weights): (Vec<u32>, Vec<f32>) = histories.iter().flatten().copied().unzip();
                weights.truncate(if weighted { weights.len() } else { 0 });
                (offsets, items, weights)
            };
            let counted = |histories: &[Vec<(u32, f32)>]| {
                let (offsets, items, weights) = of(histories);
                let sequences = Sequences { offsets: &offsets, items: &items, weights: &weights };
                PairCounts::of(&sequences, ITEMS, window, &Cancel::new()).unwrap()
            };
            let (first, second) = histories.split_at(half.min(histories.len()));
            let all = counted(&histories);
            let mut merged = counted(first);
            merged.merge(&counted(second));
            prop_assert_eq!(&merged, &all);
            let mut turned = counted(second);
            turned.merge(&counted(first));
            prop_assert_eq!(&turned, &all);
            let (offsets, items, weights) = of(&histories);
            let sequences = Sequences { offsets: &offsets, items: &items, weights: &weights };
            let whole = directed(&sequences, ITEMS, window, &Cancel::new()).unwrap();
            prop_assert_eq!(&all.normalized(window.row_max), &whole);
            let in_parts = directed_in_parts(&sequences, ITEMS, window, 12, &Cancel::new()).unwrap();
            prop_assert_eq!(in_parts, whole);
        }
    }

    #[test]
    fn one_user_of_too_many_events_is_refused() {
        let sequences = Sequences { offsets: &[0, 1, 4], items: &[0, 1, 0, 1], weights: &[] };
        let refused = directed_in_parts(&sequences, 2, Window::default(), 2, &Cancel::new());
        assert!(matches!(refused, Err(Error::Invalid(text)) if text.contains("at most 2 events of one user")));
    }
}
