//! The trainable parameters, padded for the kernels.
//!
//! Rows are `dim` wide: `hidden` rounded up to a multiple of 16. The padding is zero, receives zero
//! gradients (a padded state unit is `0.5 * tanh(0) + 0.5 * 0 = 0`) and therefore stays zero.

use crate::kernels::Aligned;
use crate::networks::item_softmax::{ItemVectors, TablesMut};
use crate::networks::trainer::Parameters;
use crate::random::{Purpose, stream};
use rand::Rng;

/// All parameters; also the shape of their gradients and moments.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Params {
    pub(crate) items: usize,
    pub(crate) hidden: usize,
    pub(crate) dim: usize,
    /// `[items + 1, dim]`; the last row is the start token.
    pub(crate) embedding: Aligned,
    /// `[items, dim]`; `None` where the embedding serves (tied).
    pub(crate) output: Option<Aligned>,
    /// `[items]`.
    pub(crate) output_bias: Aligned,
    pub(crate) cell: Cell,
}

/// The recurrent cell's parameters, gates in the order reset, update, new.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    /// `[dim, 3 dim]`: the input projection, transposed for row-vector products.
    pub(crate) input: Aligned,
    /// `[dim, 3 dim]`: the recurrent projection.
    pub(crate) recurrent: Aligned,
    /// `[3 dim]`.
    pub(crate) input_bias: Aligned,
    /// `[3 dim]`.
    pub(crate) recurrent_bias: Aligned,
}

impl Cell {
    pub(crate) fn zeros(dim: usize) -> Self {
        Self {
            input: Aligned::zeros(dim * 3 * dim),
            recurrent: Aligned::zeros(dim * 3 * dim),
            input_bias: Aligned::zeros(3 * dim),
            recurrent_bias: Aligned::zeros(3 * dim),
        }
    }

    pub(crate) fn parts_mut(&mut self) -> [&mut [f32]; 4] {
        [&mut self.input, &mut self.recurrent, &mut self.input_bias, &mut self.recurrent_bias]
    }
}

pub(crate) fn padded(hidden: usize) -> usize {
    hidden.next_multiple_of(16)
}

impl Params {
    pub(crate) fn zeros(items: usize, hidden: usize, tied: bool) -> Self {
        let dim = padded(hidden);
        Self {
            items,
            hidden,
            dim,
            embedding: Aligned::zeros((items + 1) * dim),
            output: (!tied).then(|| Aligned::zeros(items * dim)),
            output_bias: Aligned::zeros(items),
            cell: Cell::zeros(dim),
        }
    }

    /// Uniform in `+-1 / sqrt(hidden)` throughout; the output layer's biases zero, to be set by
    /// [`set_popularity_prior`](crate::networks::trainer::set_popularity_prior).
    pub(crate) fn init(items: usize, hidden: usize, tied: bool, seed: u64) -> Self {
        let mut params = Self::zeros(items, hidden, tied);
        let dim = params.dim;
        let bound = 1.0 / (hidden as f32).sqrt();
        let mut rng = stream(seed, Purpose::Init, 0);
        let mut fill = |row: &mut [f32]| row[..hidden].fill_with(|| rng.random_range(-bound..bound));
        params.embedding.chunks_exact_mut(dim).for_each(&mut fill);
        if let Some(output) = &mut params.output {
            output.chunks_exact_mut(dim).for_each(&mut fill);
        }
        for matrix in [&mut params.cell.input, &mut params.cell.recurrent] {
            matrix[..hidden * 3 * dim].chunks_exact_mut(dim).for_each(&mut fill);
        }
        for bias in [&mut params.cell.input_bias, &mut params.cell.recurrent_bias] {
            bias.chunks_exact_mut(dim).for_each(&mut fill);
        }
        params
    }

    /// The output layer's item vectors, `[items, dim]`.
    pub(crate) fn output_rows(&self) -> &[f32] {
        match &self.output {
            Some(output) => output,
            None => &self.embedding[..self.items * self.dim],
        }
    }

    /// The index of the start token's row.
    pub(crate) fn start_row(&self) -> u32 {
        self.items as u32
    }

    pub(crate) fn embedding_row(&self, item: u32) -> &[f32] {
        let at = item as usize * self.dim;
        &self.embedding[at..at + self.dim]
    }

    /// The biases as the forward kernel reads them, `[4 dim]`: (r, z, xn, hn).
    pub(crate) fn kernel_bias(&self) -> Vec<f32> {
        let (d, cell) = (self.dim, &self.cell);
        let mut bias: Vec<f32> = (0..2 * d).map(|j| cell.input_bias[j] + cell.recurrent_bias[j]).collect();
        bias.extend_from_slice(&cell.input_bias[2 * d..]);
        bias.extend_from_slice(&cell.recurrent_bias[2 * d..]);
        bias
    }
}

impl Parameters for Params {
    fn item_vectors(&self) -> ItemVectors<'_> {
        ItemVectors { items: self.items, dim: self.dim, rows: self.output_rows(), bias: &self.output_bias }
    }

    fn split_mut(&mut self) -> (TablesMut<'_>, Vec<&mut [f32]>) {
        let tables = TablesMut {
            items: self.items,
            dim: self.dim,
            embedding: &mut self.embedding,
            output: self.output.as_deref_mut(),
            bias: &mut self.output_bias,
        };
        (tables, self.cell.parts_mut().into())
    }
}
