//! Item-to-item weights as a dense matrix, for catalogs whose rows are long beside the number of items: adding a row of 3,500
//! contiguous numbers is faster than adding 1,000 that lie apart.

use super::{RunSize, ScoreBlock, TABLE_BYTES_MAX};
use crate::item_matrix::ItemMatrix;
use crate::kernels::{Aligned, ROW_TILE, add_rows_rounded};

/// One weight in so many, at least, makes a dense matrix worthwhile,
const DENSITY_MIN: usize = 12;
/// and so many users.
const USERS_MIN: usize = 256;

/// An [`ItemMatrix`] with its zeros, in tiles of [`ROW_TILE`] columns so that the rows of a tile stay in the cache.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DenseRows {
    items: usize,
    /// `[tiles, items, ROW_TILE]`.
    tiles: Aligned,
}

impl DenseRows {
    /// The dense form, if it is worthwhile.
    pub(crate) fn of(matrix: &ItemMatrix, items: usize, run: RunSize) -> Option<Self> {
        let values = items * items.next_multiple_of(ROW_TILE);
        let is_dense =
            matrix.len() == items && matrix.weight_count().saturating_mul(DENSITY_MIN) >= values && items > 0;
        if !is_dense || values * size_of::<f32>() > TABLE_BYTES_MAX || run.users < USERS_MIN {
            return None;
        }
        let mut tiles = Aligned::zeros(values);
        for item in 0..items {
            for (other, weight) in matrix.row(item as u32) {
                let (tile, column) = (other as usize / ROW_TILE, other as usize % ROW_TILE);
                tiles[(tile * items + item) * ROW_TILE + column] = weight;
            }
        }
        Some(Self { items, tiles })
    }

    /// Fills the rows of `out`, whose users are as many as `shares`, each with the sum of the rows of its items, each by its share.
    pub(crate) fn sums(&self, shares: &[Vec<(u32, f32)>], out: &mut ScoreBlock) {
        out.resize(shares.len(), self.items);
        let (values, stride) = out.padded_mut();
        let size = self.items * ROW_TILE;
        for (tile, matrix) in self.tiles.chunks_exact(size).enumerate() {
            let matrix = matrix.as_chunks::<ROW_TILE>().0;
            for (shares, row) in shares.iter().zip(values.chunks_exact_mut(stride)) {
                let Some(sums) = row[tile * ROW_TILE..].first_chunk_mut::<ROW_TILE>() else { continue };
                *sums = [0.0; ROW_TILE];
                add_rows_rounded(sums, shares, matrix);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_equal_those_of_the_sparse_rows_to_the_bit() {
        let items = 100;
        let wave = |i: usize, j: usize| ((i * 100 + j) as f32 * 0.37).sin();
        let row = |i: usize| {
            (0..items).filter(|j| !(i + j).is_multiple_of(3)).map(|j| (j as u32, wave(i, j))).collect::<Vec<_>>()
        };
        let matrix = ItemMatrix::from_rows((0..items).map(row), items);
        let run = RunSize { users: USERS_MIN, events: 0 };
        let dense = DenseRows::of(&matrix, items, run).unwrap();
        let shares: Vec<Vec<(u32, f32)>> =
            (0..5u32).map(|user| (0..user * 7).map(|k| (k * 13 % 101, wave(k as usize, 1))).collect()).collect();
        let mut out = ScoreBlock::default();
        dense.sums(&shares, &mut out);
        for (user, shares) in shares.iter().enumerate() {
            let mut expected = vec![0.0; items];
            shares.iter().for_each(|&(item, share)| matrix.add_row(item, share, &mut expected));
            assert_eq!(out.row(user), expected);
        }
    }

    #[test]
    fn sparse_matrices_and_few_users_are_left_as_they_are() {
        let matrix = ItemMatrix::from_rows((0..100).map(|i| vec![(i as u32, 1.0)]), 100);
        assert_eq!(DenseRows::of(&matrix, 100, RunSize { users: 1 << 20, events: 0 }), None);
        let full = ItemMatrix::from_rows((0..10).map(|_| (0..10).map(|j| (j, 1.0)).collect()), 10);
        assert_eq!(DenseRows::of(&full, 10, RunSize { users: USERS_MIN - 1, events: 0 }), None);
        assert!(DenseRows::of(&full, 10, RunSize { users: USERS_MIN, events: 0 }).is_some());
    }
}
