//! Matrix products on one thread, by `faer`.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// A row-major `[nrows, ncols]` view; row i starts at `i * stride`.
pub(crate) fn rows(data: &[f32], nrows: usize, ncols: usize, stride: usize) -> MatRef<'_, f32> {
    MatRef::from_row_major_slice_with_stride(data, nrows, ncols, stride)
}

fn rows_mut(data: &mut [f32], nrows: usize, ncols: usize, stride: usize) -> MatMut<'_, f32> {
    MatMut::from_row_major_slice_with_stride_mut(data, nrows, ncols, stride)
}

/// `dst = a b`, where `dst` is row-major with rows `stride` apart.
pub(crate) fn set_product(dst: &mut [f32], stride: usize, a: MatRef<'_, f32>, b: MatRef<'_, f32>) {
    matmul(rows_mut(dst, a.nrows(), b.ncols(), stride), Accum::Replace, a, b, 1.0, Par::Seq);
}

/// `dst += a b`.
pub(crate) fn add_product(dst: &mut [f32], stride: usize, a: MatRef<'_, f32>, b: MatRef<'_, f32>) {
    matmul(rows_mut(dst, a.nrows(), b.ncols(), stride), Accum::Add, a, b, 1.0, Par::Seq);
}
