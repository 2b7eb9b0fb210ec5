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
use rayon::prelude::*;

/// Distinct items of one user that are paired, at most.
pub const HISTORY_MAX: usize = 500;

/// Items counted between two looks at the cancel switch.
const CHECKED_EVERY: usize = 32;

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

/// The similarities of all items, on the current rayon pool.
pub fn sims(
    sequences: &Sequences<'_>,
    items: usize,
    config: &SimsConfig,
    cancel: &Cancel,
) -> Result<ItemMatrix, Error> {
    let rows = shared_users(sequences, items, cancel, |_, own, counts, users| {
        let enough = counts.iter().filter(|r| r.1 >= config.min_cointeractions as f32);
        let discount = |other: u32| (users[other as usize] as f32).powf(config.popularity_discount);
        let mut row: Vec<(u32, f32)> = enough.map(|r| (r.0, r.1 / (own as f32 * discount(r.0)))).collect();
        heaviest(&mut row, config.row_max);
        row
    })?;
    Ok(ItemMatrix::from_rows(rows, config.row_max))
}

/// Counts for each item the users that others share with it, and makes of them what `make(item, users of the item, counts by other item
/// in ascending order, users of every item)` does, on the current rayon pool. Items outside `0..items` are skipped.
pub(crate) fn shared_users<R: Send>(
    sequences: &Sequences<'_>,
    items: usize,
    cancel: &Cancel,
    make: impl Fn(u32, u32, &[(u32, f32)], &[u32]) -> R + Sync,
) -> Result<Vec<R>, Error> {
    let distinct = |user: usize| {
        let newest_first = sequences.user(user).iter().rev().copied();
        newest_distinct(newest_first.filter(|&item| (item as usize) < items), HISTORY_MAX)
    };
    let histories: Vec<Vec<u32>> = (0..sequences.len()).into_par_iter().map(distinct).collect();
    let mut users_of: Vec<Vec<u32>> = vec![Vec::new(); items];
    for (user, history) in (0u32..).zip(&histories) {
        history.iter().for_each(|&item| users_of[item as usize].push(user));
    }
    let users: Vec<u32> = users_of.iter().map(|users| users.len() as u32).collect();
    let row = |sums: &mut Vec<u32>, item: usize| {
        if item.is_multiple_of(CHECKED_EVERY) {
            cancel.check()?;
        }
        let mut others = Vec::new();
        for &user in &users_of[item] {
            for &other in &histories[user as usize] {
                let sum = &mut sums[other as usize];
                if *sum == 0 {
                    others.push(other);
                }
                *sum += 1;
            }
        }
        others.sort_unstable();
        let taken = others.into_iter().map(|other| (other, std::mem::take(&mut sums[other as usize]) as f32));
        let counts: Vec<(u32, f32)> = taken.filter(|&(other, _)| other as usize != item).collect();
        Ok(make(item as u32, users[item].max(1), &counts, &users))
    };
    (0..items).into_par_iter().with_min_len(CHECKED_EVERY).map_init(|| vec![0u32; items], row).collect()
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
