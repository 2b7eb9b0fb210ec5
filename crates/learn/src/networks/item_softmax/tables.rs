//! Item tables as the softmax reads them and the optimizer writes them.

use crate::kernels::Aligned;

/// The output layer's item vectors and biases.
#[derive(Clone, Copy)]
pub(crate) struct ItemVectors<'a> {
    pub(crate) items: usize,
    /// The width of a row, a multiple of 16.
    pub(crate) dim: usize,
    /// `[items, dim]`.
    pub(crate) rows: &'a [f32],
    /// `[items]`.
    pub(crate) bias: &'a [f32],
}

impl ItemVectors<'_> {
    pub(crate) fn row(&self, item: u32) -> &[f32] {
        let at = item as usize * self.dim;
        &self.rows[at..at + self.dim]
    }
}

/// A model's tables with one row per item.
pub(crate) struct TablesMut<'a> {
    pub(crate) items: usize,
    pub(crate) dim: usize,
    /// `[items + 1, dim]`; the last row is the start token.
    pub(crate) embedding: &'a mut [f32],
    /// `[items, dim]`; `None` where the embedding serves (tied).
    pub(crate) output: Option<&'a mut [f32]>,
    /// `[items]`.
    pub(crate) bias: &'a mut [f32],
}

/// Gradients of the output layer that a shard accumulates.
#[derive(Default)]
pub(crate) struct OutputGrad {
    /// Full: `[items, d]`. Sampled: `[negatives, d]`.
    pub(crate) rows: Aligned,
    /// Full: `[items]`. Sampled: `[negatives]`.
    pub(crate) bias: Aligned,
}

/// One thread's gradients of the item tables.
#[derive(Default)]
pub(crate) struct RowGrads {
    pub(crate) output: OutputGrad,
    /// The item or start row of each input, in order of `input_grads`' rows.
    pub(crate) inputs: Vec<u32>,
    /// `[inputs.len(), dim]`.
    pub(crate) input_grads: Aligned,
    /// The predicted items, in order of `vectors`' rows.
    pub(crate) targets: Vec<u32>,
    /// `[targets.len(), dim]`.
    pub(crate) vectors: Aligned,
    /// Sampled softmax: the gradient of each target's logit.
    pub(crate) coefficients: Vec<f32>,
}

impl RowGrads {
    /// Empties it for a step with up to `tokens` inputs and targets, whose softmax is over `outputs` items.
    pub(crate) fn reset(&mut self, tokens: usize, outputs: usize, dim: usize) {
        self.output.rows.reserve(outputs * dim);
        self.output.bias.reserve(outputs);
        self.output.rows.fill(0.0);
        self.output.bias.fill(0.0);
        self.input_grads.reserve(tokens * dim);
        self.vectors.reserve(tokens * dim);
        self.inputs.clear();
        self.targets.clear();
        self.coefficients.clear();
    }
}
