//! EASE (`ease`): a linear item-to-item model in closed form.
//!
//! ```text
//! P = (X'X + lambda I)^-1          X [users, items]: 1 where a user took an item
//! B[i, j] = -P[i, j] / P[j, j],  B[i, i] = 0        score of a history x: x B
//! ```
//! The inverse is computed in position in f32: `items^3` multiply-adds and `4 items^2` bytes. Beyond [`EaseConfig::items_max`]
//! it is that of the most popular items, and towards each of the others weights come from that item's own regression on the
//! hundred items it occurs with most (`columns`): EASE with a support of one block and some rows. Rows keep their
//! [`EaseConfig::row_max`] heaviest weights.
//!
//! A history may be weighted by recency when it is scored (`relations::Recency`); training is unchanged by that.

mod columns;
mod inverse;
mod lists;

use crate::Sequences;
use crate::item_matrix::{ItemMatrix, heaviest};
use crate::{Cancel, Error};
use columns::{Incidence, Members, columns};
use faer::Mat;
use lists::Lists;
use rayon::prelude::*;

/// Size and regularization.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EaseConfig {
    /// Added to the diagonal; above 0.
    pub lambda: f32,
    /// Weights kept for each item.
    pub row_max: usize,
    /// Items in the inverse, the most popular first.
    pub items_max: usize,
}

impl EaseConfig {
    /// The bytes that training needs for this many items: the matrix, and the rows that are kept.
    pub fn bytes(&self, items: usize) -> usize {
        let n = items.min(self.items_max);
        4 * n * n + 8 * n * self.row_max.min(n)
    }
}

/// Trains on the distinct items of each user. Items outside `0..items` are skipped.
pub fn ease(
    sequences: &Sequences<'_>,
    items: usize,
    config: &EaseConfig,
    cancel: &Cancel,
) -> Result<ItemMatrix, Error> {
    if !(config.lambda > 0.0 && config.lambda.is_finite()) {
        return Err(Error::Invalid(format!("lambda must be above 0, it is {}", config.lambda)));
    }
    let histories = Lists::of_users(sequences, items);
    let users = histories.turned(items);
    let mut by_popularity: Vec<u32> = (0..items as u32).filter(|&item| !users.get(item as usize).is_empty()).collect();
    by_popularity.sort_by_key(|&item| (std::cmp::Reverse(users.get(item as usize).len()), item));
    let (members, others) = by_popularity.split_at(by_popularity.len().min(config.items_max));
    let mut members = members.to_vec();
    members.sort_unstable();
    let mut position = vec![u32::MAX; items];
    members.iter().zip(0..).for_each(|(&item, at)| position[item as usize] = at);

    let mut matrix = gram(&histories, &position, members.len(), config.lambda, cancel)?;
    let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); items];
    let targets = &others[..others.len().min(columns::COLUMNS_MAX)];
    let data = Incidence { histories: &histories, users: &users };
    let known = Members { gram: &matrix, position: &position };
    for (&target, column) in targets.iter().zip(columns(targets, &data, &known, config.lambda, cancel)?) {
        column.into_iter().for_each(|(source, weight)| rows[source as usize].push((target, weight)));
    }
    // The inverse needs their memory.
    drop((histories, users));
    inverse::invert(&mut matrix, cancel)?;
    let n = members.len();
    let diagonal: Vec<f32> = (0..n).map(|k| matrix[(k, k)]).collect();
    mirror(&mut matrix);
    rows.par_iter_mut().enumerate().try_for_each_init(Vec::new, |all, (item, row)| {
        cancel.check()?;
        all.clear();
        all.append(row);
        if position[item] != u32::MAX {
            let i = position[item] as usize;
            let weight = |(value, (&other, &own)): (&f32, (&u32, &f32))| (other, -value / own);
            for range in [0..i, i + 1..n] {
                let others = members[range.clone()].iter().zip(&diagonal[range.clone()]);
                all.extend(matrix.col_as_slice(i)[range].iter().zip(others).map(weight));
            }
        }
        heaviest(all, config.row_max);
        *row = all.to_vec();
        Ok(())
    })?;
    let mut relations = ItemMatrix::default();
    rows.iter().for_each(|row| relations.push(row));
    Ok(relations)
}

/// Copies the lower triangle into the upper one, in tiles that stay in cache.
fn mirror(matrix: &mut Mat<f32>) {
    const TILE: usize = 64;
    let n = matrix.nrows();
    for (left, top) in (0..n).step_by(TILE).flat_map(|left| (left..n).step_by(TILE).map(move |top| (left, top))) {
        for column in left..n.min(left + TILE) {
            for row in top.max(column + 1)..n.min(top + TILE) {
                matrix[(column, row)] = matrix[(row, column)];
            }
        }
    }
}

/// `X'X + lambda I` of the items that have a position, both triangles.
fn gram(histories: &Lists, position: &[u32], n: usize, lambda: f32, cancel: &Cancel) -> Result<Mat<f32>, Error> {
    let mut gram = Mat::<f32>::zeros(n, n);
    let mut positions = Vec::new();
    for user in 0..histories.len() {
        let history = histories.get(user);
        if user % 256 == 0 {
            cancel.check()?;
        }
        positions.clear();
        positions.extend(history.iter().map(|&item| position[item as usize]).filter(|&at| at != u32::MAX));
        for &column in &positions {
            let column = gram.col_as_slice_mut(column as usize);
            positions.iter().for_each(|&row| column[row as usize] += 1.0);
        }
    }
    for k in 0..n {
        gram[(k, k)] += lambda;
    }
    Ok(gram)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: EaseConfig = EaseConfig { lambda: 2.0, row_max: 100, items_max: 100 };

    /// The reference is `fixtures/components.py`.
    #[test]
    fn equals_the_reference() {
        let fixture = crate::fixtures::Components::read();
        let relations = ease(&fixture.sequences(), fixture.items, &CONFIG, &Cancel::new()).unwrap();
        fixture.same("ease", &relations, 1e-4);
    }

    /// With room for all neighbors, a column's regression is EASE's own column.
    #[test]
    fn items_beyond_the_limit_get_the_same_weights_from_their_own_regression() {
        let fixture = crate::fixtures::Components::read();
        let all = ease(&fixture.sequences(), fixture.items, &CONFIG, &Cancel::new()).unwrap();
        let limited = EaseConfig { items_max: 4, ..CONFIG };
        let relations = ease(&fixture.sequences(), fixture.items, &limited, &Cancel::new()).unwrap();
        let matrix = |relations: &ItemMatrix| {
            let mut rows = vec![vec![0.0f32; fixture.items]; fixture.items];
            rows.iter_mut().zip(0..).for_each(|(row, item)| relations.add_row(item, 1.0, row));
            rows
        };
        let (all, limited) = (matrix(&all), matrix(&relations));
        let inside = |item: usize| (0..fixture.items).filter(|&source| limited[source][item] != 0.0).count() <= 3;
        let outside: Vec<usize> = (0..fixture.items).filter(|&item| !inside(item)).collect();
        assert_eq!(outside.len(), fixture.items - 4);
        for target in outside {
            for source in 0..fixture.items {
                let (expected, found) = (all[source][target], limited[source][target]);
                assert!((expected - found).abs() < 2e-3, "{source} -> {target}: {expected} {found}");
            }
        }
        assert_eq!((limited_bytes(), CONFIG.bytes(4)), (48, 192));
    }

    fn limited_bytes() -> usize {
        EaseConfig { items_max: 2, ..CONFIG }.bytes(4)
    }

    #[test]
    fn bad_configurations_are_refused_and_no_data_is_no_relation() {
        let sequences = Sequences { offsets: &[0], items: &[], weights: &[] };
        for lambda in [0.0, -1.0, f32::NAN] {
            let config = EaseConfig { lambda, ..CONFIG };
            assert!(matches!(ease(&sequences, 3, &config, &Cancel::new()), Err(Error::Invalid(_))));
        }
        let none = ease(&sequences, 3, &CONFIG, &Cancel::new()).unwrap();
        assert_eq!((none.len(), none.row(1).len()), (3, 0));
    }
}
