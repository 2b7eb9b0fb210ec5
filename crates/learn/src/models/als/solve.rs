//! One row's vector by conjugate gradients.

use crate::kernels::{Level, dispatch};

/// Buffers of one solve.
#[derive(Debug, Default, Clone)]
pub(super) struct Buffers {
    residual: Vec<f32>,
    direction: Vec<f32>,
    image: Vec<f32>,
}

/// The part of the equations that all rows share.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    /// `[rows, stride]`: the vectors of the other side.
    pub factors: &'a [f32],
    /// `[stride, stride]`: their Gram matrix times the weight of unobserved cells.
    pub gram: &'a [f32],
    /// The length of a vector, a multiple of 16.
    pub stride: usize,
}

dispatch! {
    /// Improves `x` by at most `steps` steps, until the squared residual is `tolerance` of the first, towards the solution of
    /// `(gram + sum w y y' + ridge I) x = sum w y` over the entries `(y, w)` of `columns` and `values`. Every step lowers the loss;
    /// `x.len()` steps solve exactly.
    pub(super) fn solve<L>(
        shared: Shared<'_>,
        columns: &[u32],
        values: &[f32],
        ridge: f32,
        steps: usize,
        tolerance: f32,
        x: &mut [f32],
        buffers: &mut Buffers,
    ) {
        let Shared { factors, gram, stride } = shared;
        let Buffers { residual, direction, image } = buffers;
        for buffer in [&mut *residual, &mut *direction, &mut *image] {
            buffer.clear();
            buffer.resize(stride, 0.0);
        }
        let row = |column: u32| &factors[column as usize * stride..][..stride];
        times::<L>(gram, x, ridge, residual);
        residual.iter_mut().for_each(|r| *r = -*r);
        for (&column, &weight) in columns.iter().zip(values) {
            let y = row(column);
            add::<L>(residual, weight * (1.0 - product::<L>(y, x)), y);
        }
        direction.copy_from_slice(residual);
        let mut squared = product::<L>(residual, residual);
        let solved = (tolerance * squared).max(1e-20);
        for _ in 0..steps {
            if squared < solved {
                return;
            }
            times::<L>(gram, direction, ridge, image);
            for (&column, &weight) in columns.iter().zip(values) {
                let y = row(column);
                add::<L>(image, weight * product::<L>(y, direction), y);
            }
            let curvature = product::<L>(direction, image);
            if curvature <= 0.0 || !curvature.is_finite() {
                return;
            }
            let length = squared / curvature;
            add::<L>(x, length, direction);
            add::<L>(residual, -length, image);
            let next = product::<L>(residual, residual);
            let keep = next / squared;
            for (d, &r) in direction.iter_mut().zip(&*residual) {
                *d = L::fma(keep, *d, r);
            }
            squared = next;
        }
    }
}

#[inline(always)]
fn product<L: Level>(a: &[f32], b: &[f32]) -> f32 {
    let mut parts = [0.0f32; 16];
    for (a, b) in a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0) {
        for j in 0..16 {
            parts[j] = L::fma(a[j], b[j], parts[j]);
        }
    }
    let mut halves = [0.0f32; 8];
    for j in 0..8 {
        halves[j] = parts[j] + parts[j + 8];
    }
    (halves[0] + halves[4]) + (halves[1] + halves[5]) + ((halves[2] + halves[6]) + (halves[3] + halves[7]))
}

#[inline(always)]
fn add<L: Level>(y: &mut [f32], a: f32, x: &[f32]) {
    for (y, x) in y.as_chunks_mut::<16>().0.iter_mut().zip(x.as_chunks::<16>().0) {
        for j in 0..16 {
            y[j] = L::fma(a, x[j], y[j]);
        }
    }
}

/// `out = gram x + ridge x` for a symmetric `gram`, in blocks of columns that stay in registers.
#[inline(always)]
fn times<L: Level>(gram: &[f32], x: &[f32], ridge: f32, out: &mut [f32]) {
    let mut from = 0;
    while from < x.len() {
        from += if from + 64 <= x.len() {
            times_block::<L, 64>(gram, x, ridge, from, out)
        } else {
            times_block::<L, 16>(gram, x, ridge, from, out)
        };
    }
}

/// Columns `from..from + N` of [`times`]; returns `N`.
#[inline(always)]
fn times_block<L: Level, const N: usize>(gram: &[f32], x: &[f32], ridge: f32, from: usize, out: &mut [f32]) -> usize {
    let (Some(own), Some(out)) = (x[from..].first_chunk::<N>(), out[from..].first_chunk_mut::<N>()) else { return N };
    let mut sums = own.map(|x| ridge * x);
    for (&x, row) in x.iter().zip(gram.chunks_exact(x.len())) {
        if let Some(row) = row[from..].first_chunk::<N>() {
            for j in 0..N {
                sums[j] = L::fma(x, row[j], sums[j]);
            }
        }
    }
    *out = sums;
    N
}
