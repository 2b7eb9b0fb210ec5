//! Implicit matrix factorization by alternating least squares (`ials`, with the regularization of `ials-revisited` and the
//! conjugate gradients of `ials-cg`).
//!
//! ```text
//! loss = sum over (u, i) held of w_ui (1 - x_u . y_i)^2  +  a sum over all (u, i) of (x_u . y_i)^2
//!      + sum_u l_u |x_u|^2 + sum_i l_i |y_i|^2            l_u = l (entries of u + a columns)^n
//! ```
//! Rows and columns may be anything that goes together: users with items, and beside them metadata values with whatever has
//! them, which factorizes the metadata along (`collective-factorization`).
//!
//! A sweep over one side costs `steps (entries d + rows d^2)` multiply-adds; rows are independent, so that any number of
//! threads gives the same bits. Memory is `4 d (rows + columns)` bytes and the matrix twice.
//!
//! | | shape |
//! |---|---|
//! | [`Sparse`] | `[rows, columns]` |
//! | [`Factors::rows`], [`Factors::columns`] | `[rows, stride]`, `[columns, stride]`; values beyond the dimension are 0 |
//!
//! A row that came after training is found by [`AlsModel::fold_in`]: one solve with the columns fixed.

mod history;
mod model;
mod solve;
mod sparse;
#[cfg(test)]
mod tests;

pub use history::ItemFactors;
pub use model::AlsModel;
pub use sparse::Sparse;

use crate::kernels;
use crate::random::{Purpose, stream};
use crate::sentences::SWEEP;
use crate::{Error, Progress, TrainContext};
use rand::Rng;
use rayon::prelude::*;
use solve::{Buffers, Shared, solve};

/// Size, regularization and length of the training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlsConfig {
    /// Numbers in a vector.
    pub dimension: usize,
    /// Sweeps over both sides.
    pub epochs: usize,
    /// The weight `a` of cells without an entry, against 1 of an entry of weight 1.
    pub unobserved: f32,
    /// `l`, above 0.
    pub regularization: f32,
    /// `n`: 0 regularizes all rows alike, 1 by how much they say.
    pub exponent: f32,
    /// Steps of conjugate gradients in a sweep; they start from the vector of the sweep before.
    pub steps: usize,
}

impl Default for AlsConfig {
    fn default() -> Self {
        Self { dimension: 64, epochs: 12, unobserved: 0.1, regularization: 0.003, exponent: 1.0, steps: 3 }
    }
}

impl AlsConfig {
    /// The bytes that training needs at most, the matrix not counted.
    pub fn bytes(&self, rows: usize, columns: usize, entries: usize) -> usize {
        4 * stride(self.dimension) * (rows + columns) + 8 * entries
    }

    fn check(&self) -> Result<(), Error> {
        let positive = |x: f32| x > 0.0 && x.is_finite();
        let rules = [
            ("dimension must be at least 1", self.dimension > 0),
            ("unobserved must be above 0", positive(self.unobserved)),
            ("regularization must be above 0", positive(self.regularization)),
            ("exponent must be in [0, 1]", (0.0..=1.0).contains(&self.exponent)),
            ("epochs and steps must be at least 1", self.epochs > 0 && self.steps > 0),
        ];
        match rules.iter().find(|(_, holds)| !holds) {
            Some((rule, _)) => Err(Error::Invalid(format!("{rule}: {self:?}"))),
            None => Ok(()),
        }
    }

    /// The ridge on the diagonal of a row with entries of this total weight, when the other side has `others` vectors.
    fn ridge(&self, weight: f32, others: usize) -> f32 {
        self.regularization * (weight + self.unobserved * others as f32).powf(self.exponent)
    }
}

/// The length of a stored vector: a whole number of vector registers.
fn stride(dimension: usize) -> usize {
    dimension.next_multiple_of(16)
}

/// Trained vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Factors {
    /// The length of a vector.
    pub stride: usize,
    /// One vector for each row.
    pub rows: Vec<f32>,
    /// One vector for each column.
    pub columns: Vec<f32>,
}

/// The standard deviation of the first vectors' lengths.
const INITIAL_LENGTH: f32 = 0.1;
/// Rows solved between two looks at the cancel switch.
const CHUNK_ROWS: usize = 64;
/// Rows of one partial sum of a Gram matrix; the sums are added in order, whatever the threads.
const GRAM_ROWS: usize = 4096;

/// Factorizes `matrix` on the current rayon pool. The same matrix, configuration and seed give the same bits.
pub fn train(matrix: &Sparse, config: &AlsConfig, context: &TrainContext) -> Result<Factors, Error> {
    config.check()?;
    matrix.check()?;
    let stride = stride(config.dimension);
    let turned = matrix.transposed();
    let mut factors = Factors {
        stride,
        rows: vec![0.0; matrix.rows() * stride],
        columns: initial(matrix.width(), config.dimension, context.seed),
    };
    for epoch in 0..config.epochs {
        sweep(matrix, config, &factors.columns, &mut factors.rows, context)?;
        sweep(&turned, config, &factors.rows, &mut factors.columns, context)?;
        (context.progress)(Progress {
            stage: "train",
            done: epoch as u64 + 1,
            total: config.epochs as u64,
            note: SWEEP.with(&[&(epoch + 1), &config.epochs]),
            epoch: None,
        });
    }
    if factors.rows.iter().chain(&factors.columns).all(|x| x.is_finite()) {
        Ok(factors)
    } else {
        Err(Error::Diverged { epoch: config.epochs, loss: f32::NAN, learning_rate: config.regularization })
    }
}

/// Small vectors, each component uniform with the standard deviation `INITIAL_LENGTH / sqrt(dimension)`.
fn initial(count: usize, dimension: usize, seed: u64) -> Vec<f32> {
    let stride = stride(dimension);
    let mut vectors = vec![0.0; count * stride];
    let bound = INITIAL_LENGTH * (3.0 / dimension as f32).sqrt();
    let mut random = stream(seed, Purpose::Init, 0);
    for vector in vectors.chunks_exact_mut(stride) {
        vector[..dimension].iter_mut().for_each(|x| *x = random.random_range(-bound..bound));
    }
    vectors
}

/// Solves every row of `matrix` with the other side's vectors `fixed`.
fn sweep(
    matrix: &Sparse,
    config: &AlsConfig,
    fixed: &[f32],
    solved: &mut [f32],
    context: &TrainContext,
) -> Result<(), Error> {
    let stride = stride(config.dimension);
    let gram = gram(fixed, stride, config.unobserved);
    let shared = Shared { factors: fixed, gram: &gram, stride };
    let chunks = solved.par_chunks_mut(CHUNK_ROWS * stride).enumerate();
    chunks.try_for_each_init(Buffers::default, |buffers, (chunk, vectors)| {
        context.cancel.check()?;
        for (n, x) in vectors.chunks_exact_mut(stride).enumerate() {
            let (columns, values) = matrix.row(chunk * CHUNK_ROWS + n);
            if columns.is_empty() {
                x.fill(0.0);
                continue;
            }
            let ridge = config.ridge(values.iter().sum(), matrix.width());
            solve(shared, columns, values, ridge, config.steps, 0.0, x, buffers);
        }
        Ok(())
    })
}

/// `scale V'V` for the vectors `V` `[rows, stride]`: `[stride, stride]`.
fn gram(vectors: &[f32], stride: usize, scale: f32) -> Vec<f32> {
    let parts: Vec<Vec<f32>> = vectors
        .par_chunks(GRAM_ROWS * stride)
        .map(|part| {
            let view = kernels::rows(part, part.len() / stride, stride, stride);
            let mut sum = vec![0.0; stride * stride];
            kernels::set_product(&mut sum, stride, view.transpose(), view);
            sum
        })
        .collect();
    let mut total = vec![0.0f32; stride * stride];
    parts.iter().for_each(|part| kernels::add_to(&mut total, part));
    total.iter_mut().for_each(|x| *x *= scale);
    total
}
