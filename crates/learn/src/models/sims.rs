//! Item-to-item similarity by shared users (`amazon-item-to-item`), with popularity discounted.
//!
//! ```text
//! S[i, j] = users(i and j) / (users(i) * users(j)^discount)      where users(i and j) >= min
//! ```
//! `discount` 0 ranks by how many of i's users took j too, whatever j's popularity; 1 ranks by lift, where popularity does not
//! help at all. Cost: the sum over users of the square of their distinct items, histories beyond [`HISTORY_MAX`]
//! items counted by their newest.

use crate::Sequences;
use crate::item_matrix::{ItemMatrix, heaviest};
use crate::sequences::newest_distinct;
use crate::{Cancel, Error};

/// Distinct items of one user that are paired, at most.
pub const HISTORY_MAX: usize = 500;

/// Pairs held at once, at most.
const PAIRS_MAX: usize = 40_000_000;

/// The rules by which items are related.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimsConfig {
    /// In `[0, 1]`.
    pub popularity_discount: f32,
    /// Users who must share two items before they count as related.
    pub min_cointeractions: u32,
    /// Related items kept for each item.
    pub row_max: usize,
}

/// The similarities of all items.
pub fn sims(
    sequences: &Sequences<'_>,
    items: usize,
    config: &SimsConfig,
    cancel: &Cancel,
) -> Result<ItemMatrix, Error> {
    let distinct = |user: usize| {
        let newest_first = sequences.user(user).iter().rev().copied();
        newest_distinct(newest_first.filter(|&item| (item as usize) < items), HISTORY_MAX)
    };
    let mut users = vec![0u32; items];
    let mut pairs_of = vec![0usize; items];
    for user in 0..sequences.len() {
        let history = distinct(user);
        for &item in &history {
            users[item as usize] += 1;
            pairs_of[item as usize] += history.len();
        }
    }
    let mut relations = ItemMatrix::from_rows([], 0);
    let mut from = 0;
    while from < items {
        let (mut to, mut pairs) = (from, 0);
        while to < items && (to == from || pairs + pairs_of[to] <= PAIRS_MAX) {
            pairs += pairs_of[to];
            to += 1;
        }
        let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); to - from];
        for user in 0..sequences.len() {
            if user % 1024 == 0 {
                cancel.check()?;
            }
            let history = distinct(user);
            for &item in &history {
                if let Some(row) = (item as usize).checked_sub(from).and_then(|row| rows.get_mut(row)) {
                    row.extend(history.iter().filter(|&&other| other != item).map(|&other| (other, 1.0)));
                }
            }
        }
        for (n, row) in rows.into_iter().enumerate() {
            let own = users[from + n].max(1) as f32;
            let mut row = sum(row);
            row.retain(|r| r.1 >= config.min_cointeractions as f32);
            for related in &mut row {
                related.1 /= own * (users[related.0 as usize] as f32).powf(config.popularity_discount);
            }
            heaviest(&mut row, config.row_max);
            relations.push(&row);
        }
        from = to;
    }
    Ok(relations)
}

/// Adds up the weights of equal items; sums do not depend on the order of other items.
fn sum(mut row: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
    row.sort_by_key(|r| r.0);
    row.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0, same.iter().map(|r| r.1).sum())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Item 0 is shared with popular item 1 by three users and with rare item 2 by two, one of them twice.
    const SEQUENCES: Sequences<'static> =
        Sequences { offsets: &[0, 4, 6, 9, 10, 11, 12], items: &[0, 1, 2, 2, 1, 0, 0, 1, 2, 1, 1, 1], weights: &[] };

    fn related(popularity_discount: f32, min_cointeractions: u32) -> Vec<u32> {
        let config = SimsConfig { popularity_discount, min_cointeractions, row_max: 10 };
        let relations = sims(&SEQUENCES, 4, &config, &Cancel::new()).unwrap();
        let mut row: Vec<(u32, f32)> = relations.row(0).collect();
        row.sort_by(|a, b| b.1.total_cmp(&a.1));
        row.into_iter().map(|r| r.0).collect()
    }

    #[test]
    fn popularity_is_discounted_and_rare_pairs_are_dropped() {
        assert_eq!(related(0.0, 0), [1, 2]);
        assert_eq!(related(1.0, 0), [2, 1]);
        assert_eq!(related(1.0, 3), [1]);
        assert_eq!(related(0.0, 4), [0u32; 0]);
    }

    /// The reference is `fixtures/components.py`.
    #[test]
    fn equals_the_reference() {
        let fixture = crate::fixtures::Components::read();
        let config = SimsConfig { popularity_discount: 0.5, min_cointeractions: 2, row_max: 100 };
        let relations = sims(&fixture.sequences(), fixture.items, &config, &Cancel::new()).unwrap();
        fixture.same("sims", &relations, 1e-5);
    }
}
