//! Products of many vectors with one matrix. Every sum adds in the order of the kernel for a single vector, so that the results are
//! the same to the bit: [`vector_matrix`](super::vector_matrix) and [`scores_block`](super::scores_block).
//!
//! A tile of vectors times columns stays in registers while the matrix is read once for all of them.

use super::{Aligned, dispatch};

/// Columns of a panel of a packed matrix: three registers of sixteen.
pub(crate) const PANEL: usize = 48;
/// Columns of a matrix whose rows are added together: four registers of sixteen.
pub(crate) const ROW_TILE: usize = 64;
/// Items whose scores are computed together: a half of the 64 of a packed table's block.
const PAIR: usize = 32;

/// A matrix `[depth, columns]` cut into panels of [`PANEL`] columns, each contiguous.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Panels {
    depth: usize,
    columns: usize,
    /// `[columns / PANEL, depth, PANEL]`.
    values: Aligned,
}

impl Panels {
    /// Packs the first `depth` rows of `matrix` `[.., columns]` row-major; `columns` is a multiple of [`PANEL`].
    pub(crate) fn pack(matrix: &[f32], depth: usize, columns: usize) -> Self {
        let mut values = Aligned::zeros(depth * columns);
        let size = (depth * PANEL).max(1);
        for (panel, into) in values.chunks_exact_mut(size).enumerate() {
            for (into, row) in into.chunks_exact_mut(PANEL).zip(matrix.chunks_exact(columns)) {
                into.copy_from_slice(&row[panel * PANEL..(panel + 1) * PANEL]);
            }
        }
        Self { depth, columns, values }
    }

    /// `out = x W` for the `out.len() / columns` vectors of `x`, which are `stride` apart and at least as long as the matrix is deep.
    pub(crate) fn product(&self, x: &[f32], stride: usize, out: &mut [f32]) {
        let size = (self.depth * PANEL).max(1);
        for (at, panel) in self.values.chunks_exact(size).enumerate() {
            panel_product(x, stride, self.depth, panel, out, self.columns, at * PANEL);
        }
    }
}

/// Columns `from..from + PANEL` of a product.
fn panel_product(x: &[f32], stride: usize, depth: usize, panel: &[f32], out: &mut [f32], columns: usize, from: usize) {
    let n = out.len() / columns.max(1);
    let tile = if is_wide() { 8 } else { 2 };
    let mut first = 0;
    while first < n {
        let (rest, x) = (n - first, &x[first * stride..]);
        let out = &mut out[first * columns + from..];
        let panel = panel.as_chunks::<PANEL>().0;
        let size = PanelTile { stride, depth, columns };
        first += match rest {
            8.. if tile == 8 => size.run::<8>(x, panel, out),
            4.. if tile == 8 => size.run::<4>(x, panel, out),
            2.. => size.run::<2>(x, panel, out),
            _ => size.run::<1>(x, panel, out),
        };
    }
}

struct PanelTile {
    stride: usize,
    depth: usize,
    columns: usize,
}

impl PanelTile {
    /// The products of `R` vectors; returns `R`.
    fn run<const R: usize>(&self, x: &[f32], panel: &[[f32; PANEL]], out: &mut [f32]) -> usize {
        let rows: [&[f32]; R] = std::array::from_fn(|r| &x[r * self.stride..][..self.depth]);
        let mut sums = [[0.0f32; PANEL]; R];
        #[cfg(target_arch = "x86_64")]
        if is_wide() {
            // SAFETY: `is_wide` has detected the feature that the function enables.
            unsafe { wide::panel::<R>(&rows, panel, &mut sums) };
        } else {
            narrow_panel(&mut sums, &rows, panel);
        }
        #[cfg(not(target_arch = "x86_64"))]
        narrow_panel(&mut sums, &rows, panel);
        for (r, sums) in sums.iter().enumerate() {
            out[r * self.columns..][..PANEL].copy_from_slice(sums);
        }
        R
    }
}

fn narrow_panel(sums: &mut [[f32; PANEL]], rows: &[&[f32]], panel: &[[f32; PANEL]]) {
    for (sums, row) in sums.iter_mut().zip(rows) {
        row_panel(sums, row, panel);
    }
}

dispatch! {
    fn row_panel<L>(sums: &mut [f32; PANEL], row: &[f32], panel: &[[f32; PANEL]]) {
        for (&x, columns) in row.iter().zip(panel) {
            for j in 0..PANEL {
                sums[j] = L::fma(x, columns[j], sums[j]);
            }
        }
    }

    /// One vector's scores of 32 items; see [`item_scores`].
    fn row_scores<L>(out: &mut [f32], bias: &[f32], table: &[f32], query: &[f32]) {
        let d = query.len();
        for (group, (out, bias)) in out.chunks_exact_mut(16).zip(bias.chunks_exact(16)).enumerate() {
            let columns = &table[group * 16 * d..].as_chunks::<16>().0[..d];
            let (mut even, mut odd) = ([0.0f32; 16], [0.0f32; 16]);
            let mut k = 0;
            while k + 1 < d {
                for j in 0..16 {
                    even[j] = L::fma(query[k], columns[k][j], even[j]);
                    odd[j] = L::fma(query[k + 1], columns[k + 1][j], odd[j]);
                }
                k += 2;
            }
            if k < d {
                for j in 0..16 {
                    even[j] = L::fma(query[k], columns[k][j], even[j]);
                }
            }
            for j in 0..16 {
                out[j] = bias[j] + (even[j] + odd[j]);
            }
        }
    }

    /// `sums += sum over (row, factor) of rows of factor * matrix[row]`, each product rounded before it is added, as scalar code does
    /// it. Rows beyond the matrix are left out.
    pub(crate) fn add_rows_rounded<L>(sums: &mut [f32; ROW_TILE], rows: &[(u32, f32)], matrix: &[[f32; ROW_TILE]]) {
        let mut tile = *sums;
        for &(row, factor) in rows {
            if let Some(row) = matrix.get(row as usize) {
                for j in 0..ROW_TILE {
                    tile[j] += factor * row[j];
                }
            }
        }
        *sums = tile;
    }
}

/// The scores of [`super::scores_block`] for many queries: `out[i * stride + j] = bias[j] + queries[i] . item j`.
///
/// `table` `[items / 16, d, 16]` and `bias` `[items]`, where items are a multiple of 32; `queries` `[n, d]`.
pub(crate) fn item_scores(queries: &[f32], d: usize, table: &[f32], bias: &[f32], out: &mut [f32], stride: usize) {
    let n = queries.len() / d.max(1);
    for (pair, bias) in bias.chunks_exact(PAIR).enumerate() {
        let table = &table[pair * PAIR * d..(pair + 1) * PAIR * d];
        let mut first = 0;
        while first < n {
            let out = &mut out[first * stride + pair * PAIR..];
            let queries = &queries[first * d..];
            first += match n - first {
                6.. => scores_tile::<6>(queries, d, table, bias, out, stride),
                3.. => scores_tile::<3>(queries, d, table, bias, out, stride),
                _ => scores_tile::<1>(queries, d, table, bias, out, stride),
            };
        }
    }
}

fn scores_tile<const R: usize>(
    queries: &[f32],
    d: usize,
    table: &[f32],
    bias: &[f32],
    out: &mut [f32],
    stride: usize,
) -> usize {
    let rows: [&[f32]; R] = std::array::from_fn(|r| &queries[r * d..(r + 1) * d]);
    #[cfg(target_arch = "x86_64")]
    if is_wide() {
        let mut scores = [[0.0f32; PAIR]; R];
        let (table, bias) = (table.as_chunks::<16>().0, bias.as_chunks::<16>().0);
        // SAFETY: `is_wide` has detected the feature that the function enables.
        unsafe { wide::scores::<R>(&rows, [&table[..d], &table[d..2 * d]], [&bias[0], &bias[1]], &mut scores) };
        for (r, scores) in scores.iter().enumerate() {
            out[r * stride..][..PAIR].copy_from_slice(scores);
        }
        return R;
    }
    for (r, query) in rows.iter().enumerate() {
        row_scores(&mut out[r * stride..][..PAIR], bias, table, query);
    }
    R
}

/// Whether the processor has 32 registers of sixteen numbers.
#[cfg(target_arch = "x86_64")]
fn is_wide() -> bool {
    is_x86_feature_detected!("avx512f")
}

#[cfg(not(target_arch = "x86_64"))]
fn is_wide() -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use super::{PAIR, PANEL};
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx512f")]
    fn load(x: &[f32; 16]) -> __m512 {
        // SAFETY: `x` has the 64 bytes that an unaligned load reads.
        unsafe { _mm512_loadu_ps(x.as_ptr()) }
    }

    #[target_feature(enable = "avx512f")]
    fn store(into: &mut [f32], x: __m512) {
        let Some(into) = into.first_chunk_mut::<16>() else { return };
        // SAFETY: `into` has the 64 bytes that an unaligned store writes.
        unsafe { _mm512_storeu_ps(into.as_mut_ptr(), x) }
    }

    #[target_feature(enable = "avx512f")]
    pub(super) fn panel<const R: usize>(rows: &[&[f32]; R], panel: &[[f32; PANEL]], sums: &mut [[f32; PANEL]; R]) {
        let mut tile = [[_mm512_setzero_ps(); 3]; R];
        let depth = rows.iter().map(|row| row.len()).min().unwrap_or(0).min(panel.len());
        let rows: [&[f32]; R] = std::array::from_fn(|r| &rows[r][..depth]);
        for (k, columns) in panel[..depth].iter().enumerate() {
            let columns = columns.as_chunks::<16>().0;
            let b = [load(&columns[0]), load(&columns[1]), load(&columns[2])];
            for r in 0..R {
                let a = _mm512_set1_ps(rows[r][k]);
                for c in 0..3 {
                    tile[r][c] = _mm512_fmadd_ps(a, b[c], tile[r][c]);
                }
            }
        }
        for r in 0..R {
            for c in 0..3 {
                store(&mut sums[r][c * 16..], tile[r][c]);
            }
        }
    }

    #[target_feature(enable = "avx512f")]
    pub(super) fn scores<const R: usize>(
        rows: &[&[f32]; R],
        table: [&[[f32; 16]]; 2],
        bias: [&[f32; 16]; 2],
        out: &mut [[f32; PAIR]; R],
    ) {
        let (mut even, mut odd) = ([[_mm512_setzero_ps(); 2]; R], [[_mm512_setzero_ps(); 2]; R]);
        let d = rows.iter().map(|row| row.len()).min().unwrap_or(0).min(table[0].len()).min(table[1].len());
        let rows: [&[f32]; R] = std::array::from_fn(|r| &rows[r][..d]);
        let table = [&table[0][..d], &table[1][..d]];
        let mut k = 0;
        while k + 1 < d {
            let b = [[load(&table[0][k]), load(&table[1][k])], [load(&table[0][k + 1]), load(&table[1][k + 1])]];
            for r in 0..R {
                let (x, y) = (_mm512_set1_ps(rows[r][k]), _mm512_set1_ps(rows[r][k + 1]));
                for g in 0..2 {
                    even[r][g] = _mm512_fmadd_ps(x, b[0][g], even[r][g]);
                    odd[r][g] = _mm512_fmadd_ps(y, b[1][g], odd[r][g]);
                }
            }
            k += 2;
        }
        if k < d {
            for r in 0..R {
                for g in 0..2 {
                    even[r][g] = _mm512_fmadd_ps(_mm512_set1_ps(rows[r][k]), load(&table[g][k]), even[r][g]);
                }
            }
        }
        for r in 0..R {
            for g in 0..2 {
                let score = _mm512_add_ps(load(bias[g]), _mm512_add_ps(even[r][g], odd[r][g]));
                store(&mut out[r][g * 16..], score);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{scores_block, vector_matrix};
    use proptest::prelude::*;

    fn wave(n: usize, f: f32) -> Vec<f32> {
        (0..n).map(|i| (i as f32 * f).sin()).collect()
    }

    proptest! {
        #[test]
        fn a_product_of_many_equals_that_of_each_to_the_bit(n in 0usize..20, depth in 1usize..70, panels in 1usize..4) {
            let (columns, stride) = (panels * PANEL, depth.next_multiple_of(16));
            let (x, matrix) = (wave(n * stride, 0.37), wave(depth * columns, 0.73));
            let mut found = vec![9.0; n * columns];
            Panels::pack(&matrix, depth, columns).product(&x, stride, &mut found);
            for i in 0..n {
                let mut expected = vec![0.0; columns];
                vector_matrix(&mut expected, &x[i * stride..][..depth], &matrix);
                prop_assert_eq!(&found[i * columns..(i + 1) * columns], &expected[..]);
            }
        }

        #[test]
        fn scores_of_many_equal_those_of_each_to_the_bit(n in 0usize..15, d in 1usize..70, blocks in 1usize..4) {
            let items = blocks * 64;
            let (queries, table, bias) = (wave(n * d, 0.37), wave(items * d, 0.73), wave(items, 1.1));
            let mut found = vec![9.0; n * items];
            item_scores(&queries, d, &table, &bias, &mut found, items);
            for i in 0..n {
                for block in 0..blocks {
                    let mut expected = [0.0; 64];
                    let bias = bias.as_chunks::<64>().0;
                    scores_block(&mut expected, &bias[block], &table[block * 64 * d..], &queries[i * d..][..d]);
                    prop_assert_eq!(&found[i * items + block * 64..][..64], &expected[..]);
                }
            }
        }
    }

    #[test]
    fn added_rows_round_each_product() {
        let (y, x) = (wave(64, 0.3), wave(128, 0.7));
        let (mut found, matrix) = (*y.first_chunk::<64>().unwrap(), x.as_chunks::<64>().0);
        add_rows_rounded(&mut found, &[(1, 0.3), (9, 5.0), (0, -0.7), (1, 0.1)], matrix);
        let add = |y: f32, j: usize| ((y + 0.3 * x[64 + j]) + -0.7 * x[j]) + 0.1 * x[64 + j];
        let expected: Vec<f32> = y.iter().enumerate().map(|(j, y)| add(*y, j)).collect();
        assert_eq!(found[..], expected[..]);
    }
}
