//! Sums and products of vectors.

use super::{Level, dispatch};

dispatch! {
    /// `y += a x`.
    pub(crate) fn add_scaled<L>(y: &mut [f32], a: f32, x: &[f32]) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y = L::fma(a, x, *y);
        }
    }

    /// `y += x`.
    pub(crate) fn add_to<L>(y: &mut [f32], x: &[f32]) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y += x;
        }
    }

    /// The scalar product, summed in sixteen interleaved parts.
    pub(crate) fn dot<L>(a: &[f32], b: &[f32]) -> f32 {
        let (a_blocks, a_tail) = a.as_chunks::<16>();
        let (b_blocks, b_tail) = b.as_chunks::<16>();
        let mut parts = [0.0f32; 16];
        for (a, b) in a_blocks.iter().zip(b_blocks) {
            for j in 0..16 {
                parts[j] = L::fma(a[j], b[j], parts[j]);
            }
        }
        let mut sum = parts.iter().sum();
        for (&a, &b) in a_tail.iter().zip(b_tail) {
            sum = L::fma(a, b, sum);
        }
        sum
    }

    /// Multiplies row i of `values` `[factors.len(), d]` by `factors[i]`.
    pub(crate) fn scale_rows<L>(values: &mut [f32], factors: &[f32], d: usize) {
        for (row, &factor) in values.chunks_exact_mut(d).zip(factors) {
            for value in row {
                *value *= factor;
            }
        }
    }

    /// `sums[j] += sum over rows of values[i * stride + j]`.
    pub(crate) fn column_sums<L>(sums: &mut [f32], values: &[f32], stride: usize) {
        for row in values.chunks_exact(stride) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += value;
            }
        }
    }

    /// `y += x W` with `W` `[x.len(), y.len()]` row-major; `y.len()` is a multiple of 16.
    pub(crate) fn vector_matrix<L>(y: &mut [f32], x: &[f32], matrix: &[f32]) {
        let columns = y.len();
        let mut from = 0;
        while from < columns {
            from += if from + 128 <= columns {
                add_columns::<L, 128>(y, x, matrix, from)
            } else {
                add_columns::<L, 16>(y, x, matrix, from)
            };
        }
    }
}

/// Columns `from..from + N` of [`vector_matrix`], whose sums stay in registers; returns `N`.
#[inline(always)]
fn add_columns<L: Level, const N: usize>(y: &mut [f32], x: &[f32], matrix: &[f32], from: usize) -> usize {
    let columns = y.len();
    let Some(y) = y[from..].first_chunk_mut::<N>() else { return N };
    let mut sums = *y;
    for (&x, row) in x.iter().zip(matrix.chunks_exact(columns)) {
        if let Some(row) = row[from..].first_chunk::<N>() {
            for j in 0..N {
                sums[j] = L::fma(x, row[j], sums[j]);
            }
        }
    }
    *y = sums;
    N
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vector_matrix_equals_the_definition() {
        for (k, n) in [(5, 16), (32, 128), (48, 144), (160, 480)] {
            let x: Vec<f32> = (0..k).map(|i| (i as f32 * 0.7).sin()).collect();
            let w: Vec<f32> = (0..k * n).map(|i| (i as f32 * 0.3).cos()).collect();
            let mut y = vec![1.0; n];
            vector_matrix(&mut y, &x, &w);
            for j in 0..n {
                let expected = 1.0 + (0..k).map(|i| x[i] * w[i * n + j]).sum::<f32>();
                assert!((y[j] - expected).abs() < 1e-4, "{k} x {n}, column {j}: {} {expected}", y[j]);
            }
        }
    }

    #[test]
    fn dot_handles_tails() {
        let a: Vec<f32> = (0..37).map(|i| i as f32).collect();
        assert_eq!(dot(&a, &a), (0..37).map(|i| (i * i) as f32).sum::<f32>());
    }
}
