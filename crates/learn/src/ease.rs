//! EASE (`ease`): a linear item-to-item model in closed form.
//!
//! ```text
//! P = (X'X + lambda I)^-1          X [users, items]: 1 where a user took an item
//! B[i, j] = -P[i, j] / P[j, j],  B[i, i] = 0        score of a history x: x B
//! ```
//! The inverse goes through faer's Cholesky factors in f32: `items^3` multiply-adds and `12 items^2` bytes. Beyond
//! [`EaseConfig::items_max`] the model is that of the most popular items alone and the others have empty rows; rows keep
//! their [`EaseConfig::row_max`] heaviest weights.
//!
//! A history may be weighted by recency when it is scored (`relations::Recency`); training is unchanged by that.

use crate::gru::Sequences;
use crate::relations::{Relations, heaviest};
use crate::{Cancel, Error};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt;
use faer::{Mat, Par};

/// How large and how regularised.
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
    /// The bytes that training needs for this many items: the Gram matrix, its inverse and the factor's inverse.
    pub fn bytes(&self, items: usize) -> usize {
        let n = items.min(self.items_max);
        12 * n * n
    }
}

/// Trains on the distinct items of each user. Items outside `0..items` are skipped.
pub fn ease(sequences: &Sequences<'_>, items: usize, config: &EaseConfig, cancel: &Cancel) -> Result<Relations, Error> {
    if !(config.lambda > 0.0 && config.lambda.is_finite()) {
        return Err(Error::Invalid(format!("lambda must be above 0, it is {}", config.lambda)));
    }
    let (members, histories) = block(sequences, items, config.items_max);
    let n = members.len();
    let mut gram = Mat::<f32>::zeros(n, n);
    for (user, history) in histories.iter().enumerate() {
        if user % 256 == 0 {
            cancel.check()?;
        }
        for &column in history {
            let column = gram.col_as_slice_mut(column as usize);
            history.iter().for_each(|&row| column[row as usize] += 1.0);
        }
    }
    for k in 0..n {
        gram[(k, k)] += config.lambda;
    }
    cancel.check()?;
    let par = if rayon::current_num_threads() > 1 { Par::rayon(0) } else { Par::Seq };
    let mut memory = MemBuffer::new(
        llt::factor::cholesky_in_place_scratch::<f32>(n, par, Default::default())
            .or(llt::inverse::inverse_scratch::<f32>(n, par)),
    );
    let stack = MemStack::new(&mut memory);
    llt::factor::cholesky_in_place(gram.as_mut(), Default::default(), par, stack, Default::default())
        .map_err(|error| Error::Invalid(format!("the co-occurrence matrix cannot be inverted: {error:?}")))?;
    cancel.check()?;
    let mut inverse = Mat::<f32>::zeros(n, n);
    llt::inverse::inverse(inverse.as_mut(), gram.as_ref(), par, stack);
    drop(gram);
    cancel.check()?;
    let diagonal: Vec<f32> = (0..n).map(|k| inverse[(k, k)]).collect();
    // Only the lower triangle is filled.
    let value = |i: usize, j: usize| if i >= j { inverse[(i, j)] } else { inverse[(j, i)] };
    let mut place = vec![u32::MAX; items];
    members.iter().zip(0..).for_each(|(&item, at)| place[item as usize] = at);
    let mut relations = Relations::from_rows([], 0);
    let mut row = Vec::with_capacity(n);
    for &at in &place {
        row.clear();
        if at != u32::MAX {
            let i = at as usize;
            let others = (0..n).filter(|&j| j != i);
            row.extend(others.map(|j| (members[j], -value(i, j) / diagonal[j])));
            heaviest(&mut row, config.row_max);
        }
        relations.push(&row);
    }
    Ok(relations)
}

/// The most popular `most` items in ascending order, and each user's distinct items among them by place in that order.
fn block(sequences: &Sequences<'_>, items: usize, most: usize) -> (Vec<u32>, Vec<Vec<u32>>) {
    let mut count = vec![0u32; items];
    let histories: Vec<Vec<u32>> = (0..sequences.len())
        .map(|user| {
            let mut history: Vec<u32> =
                sequences.user(user).iter().copied().filter(|&i| (i as usize) < items).collect();
            history.sort_unstable();
            history.dedup();
            history.iter().for_each(|&item| count[item as usize] += 1);
            history
        })
        .collect();
    let mut members: Vec<u32> = (0..items as u32).filter(|&item| count[item as usize] > 0).collect();
    members.sort_by_key(|&item| (std::cmp::Reverse(count[item as usize]), item));
    members.truncate(most);
    members.sort_unstable();
    let places = |history: Vec<u32>| {
        history.into_iter().filter_map(|item| members.binary_search(&item).ok()).map(|at| at as u32).collect()
    };
    let histories = histories.into_iter().map(places).collect();
    (members, histories)
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

    #[test]
    fn beyond_the_limit_only_popular_items_take_part() {
        let sequences = Sequences { offsets: &[0, 3, 5, 7, 9], items: &[0, 1, 2, 0, 1, 1, 3, 0, 1], weights: &[] };
        let limited = EaseConfig { items_max: 2, ..CONFIG };
        let relations = ease(&sequences, 4, &limited, &Cancel::new()).unwrap();
        let lengths: Vec<usize> = (0..4).map(|item| relations.row(item).len()).collect();
        assert_eq!(lengths, [1, 1, 0, 0]);
        assert!(relations.row(0).all(|(item, weight)| item == 1 && weight > 0.0));
        assert_eq!((limited.bytes(4), CONFIG.bytes(4)), (48, 192));
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
