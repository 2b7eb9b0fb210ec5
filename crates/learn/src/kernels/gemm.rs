//! Matrix products on one thread, by `faer`.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// A row-major `[nrows, ncols]` view; row i starts at `i * stride`.
pub(crate) fn rows(data: &[f32], nrows: usize, ncols: usize, stride: usize) -> MatRef<'_, f32> {
    MatRef::from_row_major_slice_with_stride(data, nrows, ncols, stride)
}

/// Transposed from columns on purpose: `from_row_major_slice_with_stride_mut` of faer 0.24.4 swaps the two
/// strides and writes out of bounds.
fn rows_mut(data: &mut [f32], nrows: usize, ncols: usize, stride: usize) -> MatMut<'_, f32> {
    MatMut::from_column_major_slice_with_stride_mut(data, ncols, nrows, stride).transpose_mut()
}

/// `dst = a b`, where `dst` is row-major with rows `stride` apart.
pub(crate) fn set_product(dst: &mut [f32], stride: usize, a: MatRef<'_, f32>, b: MatRef<'_, f32>) {
    matmul(rows_mut(dst, a.nrows(), b.ncols(), stride), Accum::Replace, a, b, 1.0, Par::Seq);
}

/// `dst += a b`.
pub(crate) fn add_product(dst: &mut [f32], stride: usize, a: MatRef<'_, f32>, b: MatRef<'_, f32>) {
    matmul(rows_mut(dst, a.nrows(), b.ncols(), stride), Accum::Add, a, b, 1.0, Par::Seq);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(n: usize, f: f32) -> Vec<f32> {
        (0..n).map(|i| (i as f32 * f).sin()).collect()
    }

    /// `[m, k] x [k, n]`, each operand stored plain or transposed, rows of the result further apart than
    /// they are long.
    fn check(m: usize, k: usize, n: usize) {
        let (a, b) = (wave(m * k, 0.37), wave(k * n, 0.73));
        let stride = n.next_multiple_of(16);
        for (a_transposed, b_transposed) in [(false, false), (false, true), (true, false)] {
            let left = if a_transposed { rows(&a, k, m, m).transpose() } else { rows(&a, m, k, k) };
            let right = if b_transposed { rows(&b, n, k, k).transpose() } else { rows(&b, k, n, n) };
            let mut dst = vec![7.0; (m - 1) * stride + n];
            set_product(&mut dst, stride, left, right);
            add_product(&mut dst, stride, left, right);
            for i in 0..m {
                for j in 0..n {
                    let at = |p: usize| {
                        let a = if a_transposed { a[p * m + i] } else { a[i * k + p] };
                        let b = if b_transposed { b[j * k + p] } else { b[p * n + j] };
                        f64::from(a) * f64::from(b)
                    };
                    let expected = 2.0 * (0..k).map(at).sum::<f64>();
                    let found = f64::from(dst[i * stride + j]);
                    assert!((found - expected).abs() < 1e-3, "{m} {k} {n} at {i} {j}: {found} {expected}");
                }
            }
        }
    }

    #[test]
    fn products_equal_the_definition_over_many_shapes() {
        for m in [1, 3, 8, 16, 17, 64, 128, 512] {
            for (k, n) in [(16, 48), (48, 16), (149, 160), (160, 480), (480, 160), (160, 3416), (37, 5)] {
                check(m, k, n);
            }
        }
    }
}
