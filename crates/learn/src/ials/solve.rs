//! Conjugate gradients for one row: `(G + ridge I + sum of weight v v') x = sum of weight v`.

use crate::kernels::{add_scaled, dispatch, dot, vector_matrix};

/// What all rows of a half epoch share.
pub(super) struct System<'a> {
    /// `[width, width]`, symmetric.
    pub(super) gram: &'a [f32],
    pub(super) ridge: f32,
    /// A multiple of 16.
    pub(super) width: usize,
}

/// Buffers of one thread.
#[derive(Default)]
pub(super) struct Solver {
    /// `[n, width]`: the vectors of the row's others, side by side.
    vectors: Vec<f32>,
    weights: Vec<f32>,
    shares: Vec<f32>,
    residual: Vec<f32>,
    direction: Vec<f32>,
    product: Vec<f32>,
}

dispatch! {
    /// `shares[i] = weights[i] * (vectors[i] . x)`.
    fn weighted_dots<L>(shares: &mut [f32], weights: &[f32], vectors: &[f32], x: &[f32]) {
        let (x, _) = x.as_chunks::<16>();
        for ((share, &weight), row) in shares.iter_mut().zip(weights).zip(vectors.chunks_exact(16 * x.len())) {
            let mut parts = [0.0f32; 16];
            for (a, b) in row.as_chunks::<16>().0.iter().zip(x) {
                for j in 0..16 {
                    parts[j] = L::fma(a[j], b[j], parts[j]);
                }
            }
            for half in [8, 4, 2, 1] {
                for j in 0..half {
                    parts[j] += parts[j + half];
                }
            }
            *share = weight * parts[0];
        }
    }
}

impl Solver {
    /// Copies the rows of `factors` `[rows, width]` that a row was taken with, each with its weight.
    pub(super) fn gather(&mut self, factors: &[f32], width: usize, taken: impl Iterator<Item = (u32, f32)>) {
        self.vectors.clear();
        self.weights.clear();
        for (other, weight) in taken {
            let at = other as usize * width;
            if let Some(row) = factors.get(at..at + width) {
                self.vectors.extend_from_slice(row);
                self.weights.push(weight);
            }
        }
    }

    /// The sum of the weights gathered.
    pub(super) fn weight(&self) -> f32 {
        self.weights.iter().sum()
    }

    /// `out = A x`.
    fn apply(&mut self, system: &System<'_>, x: &[f32], out: &mut [f32]) {
        out.iter_mut().zip(x).for_each(|(out, x)| *out = system.ridge * x);
        vector_matrix(out, x, system.gram);
        self.shares.resize(self.weights.len(), 0.0);
        weighted_dots(&mut self.shares, &self.weights, &self.vectors, x);
        vector_matrix(out, &self.shares, &self.vectors);
    }

    /// Improves `x` by at most `steps` steps, until the squared residual is `tolerance` of the right side's.
    pub(super) fn solve(&mut self, system: &System<'_>, x: &mut [f32], steps: usize, tolerance: f32) {
        let width = system.width;
        let mut residual = std::mem::take(&mut self.residual);
        let mut direction = std::mem::take(&mut self.direction);
        let mut product = std::mem::take(&mut self.product);
        product.resize(width, 0.0);
        residual.clear();
        residual.resize(width, 0.0);
        vector_matrix(&mut residual, &self.weights, &self.vectors);
        let target = dot(&residual, &residual) * tolerance;
        self.apply(system, x, &mut product);
        add_scaled(&mut residual, -1.0, &product);
        direction.clear();
        direction.extend_from_slice(&residual);
        let mut squared = dot(&residual, &residual);
        for _ in 0..steps {
            if squared <= target || squared < f32::MIN_POSITIVE {
                break;
            }
            self.apply(system, &direction, &mut product);
            let step = squared / dot(&direction, &product);
            add_scaled(x, step, &direction);
            add_scaled(&mut residual, -step, &product);
            let now = dot(&residual, &residual);
            let kept = now / squared;
            direction.iter_mut().zip(&residual).for_each(|(d, r)| *d = r + kept * *d);
            squared = now;
        }
        (self.residual, self.direction, self.product) = (residual, direction, product);
    }
}
