//! Counts of pairs, smoothed by a matrix of low rank: items that follow the same items get each other's followers.
//!
//! ```text
//! C = counts + backward * counts'
//! P[i, j] = sqrt(C[i, j]) / (r(i) c(j))^(1/4)          r, c: sums of rows and of columns, plus 1
//! P ~ Y Q'                                             Q: the dominant right subspace, by iteration (`randomized-svd`)
//! counts of i in the result: max(0, Y[i] . Q[j])^2 sqrt(c(j))
//! ```
//! Cost: `4 iterations` products of the counts with `d` columns and `items others d` multiply-adds for the rows, where the others are all
//! items or, of many, the most counted ones. Memory: `4 items d` bytes for each of about four copies of the subspace.

use crate::item_matrix::{ItemMatrix, heaviest};
use crate::kernels;
use crate::random::{Purpose, stream};
use crate::{Error, TrainContext};
use faer::Mat;
use rand::Rng;
use rayon::prelude::*;

/// Size of the reconstruction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LowRankConfig {
    /// Columns of the subspace, at most; a sixth of the items where that is less.
    pub dimension: usize,
    /// The weight of pairs in reversed order.
    pub backward: f32,
    /// Steps of the subspace iteration.
    pub iterations: usize,
    /// Related items kept for each item.
    pub row_max: usize,
}

impl Default for LowRankConfig {
    /// Measured on retail, film and session data: fewer columns lose what sparse sessions say.
    fn default() -> Self {
        Self { dimension: 192, backward: 0.3, iterations: 3, row_max: 500 }
    }
}

/// Rows of items reconstructed at once.
const BLOCK: usize = 64;
/// Values of a basis at most: of very many items fewer columns are kept.
const BASIS_VALUES_MAX: usize = 200_000 * 192;

/// Reconstructs `counts` `[items]`, on the current rayon pool. Rows hold weights above 0 and never the item itself; with `others`
/// (ascending), only these.
pub(super) fn low_rank(
    counts: &ItemMatrix,
    config: &LowRankConfig,
    others: Option<&[u32]>,
    context: &TrainContext,
) -> Result<ItemMatrix, Error> {
    let items = counts.len();
    let width = config.dimension.min(items / 6).min(BASIS_VALUES_MAX / items.max(1));
    if width == 0 || counts.weight_count() == 0 {
        return Ok(ItemMatrix::from_rows(vec![Vec::new(); items], config.row_max));
    }
    let (scaled, columns) = scaled(counts, config.backward);
    let back = scaled.transposed();
    let mut random = stream(context.seed, Purpose::Init, 0);
    let mut right: Vec<f32> = (0..items * width).map(|_| random.random_range(-1.0..1.0)).collect();
    for _ in 0..config.iterations {
        context.cancel.check()?;
        let left = orthonormal(&product(&scaled, &right, width), width);
        right = orthonormal(&product(&back, &left, width), width);
    }
    let left = product(&scaled, &right, width);
    let every: Vec<u32>;
    let others = match others {
        Some(others) => {
            let row = |&item: &u32| right[item as usize * width..][..width].iter().copied();
            right = others.iter().flat_map(row).collect();
            others
        }
        None => {
            every = (0..items as u32).collect();
            &every
        }
    };
    let among = others.len();
    let scale: Vec<f32> = others.iter().map(|&item| columns[item as usize].sqrt()).collect();
    let block = |from: usize| {
        context.cancel.check()?;
        let many = BLOCK.min(items - from);
        let mut dense = vec![0.0f32; many * among];
        let own = kernels::rows(&left[from * width..], many, width, width);
        kernels::set_product(&mut dense, among, own, kernels::rows(&right, among, width, width).transpose());
        let row = |(n, row): (usize, &[f32])| {
            let found = others.iter().zip(row).zip(&scale);
            let found = found.filter(|((other, value), _)| **value > 0.0 && **other as usize != from + n);
            let mut found: Vec<(u32, f32)> = found.map(|((other, v), scale)| (*other, v * v * scale)).collect();
            heaviest(&mut found, config.row_max);
            found
        };
        Ok(dense.chunks_exact(among).enumerate().map(row).collect::<Vec<_>>())
    };
    let starts: Vec<usize> = (0..items).step_by(BLOCK).collect();
    let rows: Vec<Vec<_>> = starts.into_par_iter().map(block).collect::<Result<_, Error>>()?;
    Ok(ItemMatrix::from_rows(rows.into_iter().flatten(), config.row_max))
}

/// `P`, and the sums of the columns plus 1.
fn scaled(counts: &ItemMatrix, backward: f32) -> (ItemMatrix, Vec<f32>) {
    let items = counts.len();
    let transposed = counts.transposed();
    let mut columns = vec![1.0f32; items];
    let sum = |item: u32| {
        let back = transposed.row(item).map(|(other, weight)| (other, weight * backward));
        let mut row: Vec<(u32, f32)> = counts.row(item).chain(back).collect();
        row.sort_unstable_by_key(|r| r.0);
        row.dedup_by(|later, first| {
            let same = later.0 == first.0;
            first.1 += if same { later.1 } else { 0.0 };
            same
        });
        row
    };
    let mut rows: Vec<Vec<(u32, f32)>> = (0..items as u32).map(sum).collect();
    rows.iter().flatten().for_each(|&(other, weight)| columns[other as usize] += weight);
    for row in &mut rows {
        let own = 1.0 + row.iter().map(|r| r.1).sum::<f32>();
        row.iter_mut().for_each(|r| r.1 = r.1.sqrt() / (own * columns[r.0 as usize]).powf(0.25));
    }
    (ItemMatrix::from_rows(rows, items), columns)
}

/// `matrix` times the row-major `[items, width]` `dense`.
fn product(matrix: &ItemMatrix, dense: &[f32], width: usize) -> Vec<f32> {
    let mut result = vec![0.0f32; matrix.len() * width];
    result.par_chunks_exact_mut(width).enumerate().for_each(|(item, sum)| {
        for (other, weight) in matrix.row(item as u32) {
            let row = &dense[other as usize * width..][..width];
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
        }
    });
    result
}

/// An orthonormal basis of the columns of the row-major `[items, width]` `dense`.
fn orthonormal(dense: &[f32], width: usize) -> Vec<f32> {
    let items = dense.len() / width;
    let basis = Mat::from_fn(items, width, |item, column| dense[item * width + column]).qr().compute_thin_Q();
    (0..items * width).map(|n| basis[(n / width, n % width)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cancel;

    fn reconstruct(rows: Vec<Vec<(u32, f32)>>) -> ItemMatrix {
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 1,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &crate::NoCheckpoints,
        };
        low_rank(&ItemMatrix::from_rows(rows, 100), &LowRankConfig::default(), None, &context).unwrap()
    }

    /// Two groups of six items; in each, every item is followed by all others but one.
    #[test]
    fn a_pair_never_counted_is_found_through_what_follows_both() {
        let row = |item: u32| {
            let group = item / 6 * 6;
            let others = (group..group + 6).filter(|&other| other != item && other != group + (item + 1) % 6);
            others.map(|other| (other, 10.0)).collect()
        };
        let found = reconstruct((0..12).map(row).collect());
        for item in 0..12u32 {
            let near: Vec<u32> = found.row(item).filter(|r| r.1 > 0.1).map(|r| r.0).collect();
            let group = item / 6 * 6;
            assert_eq!(near, (group..group + 6).filter(|&other| other != item).collect::<Vec<_>>());
        }
    }

    #[test]
    fn nothing_counted_and_few_items_have_empty_rows() {
        assert_eq!(reconstruct(vec![Vec::new(); 20]), ItemMatrix::from_rows(vec![Vec::new(); 20], 9));
        assert_eq!(reconstruct(vec![vec![(1, 1.0)], vec![]]).weight_count(), 0);
    }

    #[test]
    fn rows_hold_the_given_others_with_the_weights_that_they_have_among_all() {
        let row = |item: u32| {
            (0..30).filter(|&other| other != item && !(other + item).is_multiple_of(3)).map(|o| (o, 5.0)).collect()
        };
        let counts = ItemMatrix::from_rows((0..30).map(row), 100);
        let cancel = Cancel::new();
        let context = TrainContext { cancel: &cancel, ..crate::fixtures::quiet(1, 1) };
        let of = |others| low_rank(&counts, &LowRankConfig::default(), others, &context).unwrap();
        let (all, some) = (of(None), of(Some(&[2, 3, 11, 29][..])));
        assert!(some.weight_count() > 30);
        for item in 0..30u32 {
            let among: Vec<(u32, f32)> = all.row(item).filter(|r| [2, 3, 11, 29].contains(&r.0)).collect();
            let found: Vec<(u32, f32)> = some.row(item).collect();
            assert_eq!(found.len(), among.len());
            assert!(found.iter().zip(&among).all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() < 1e-3 * b.1.max(1e-3)));
        }
    }
}
