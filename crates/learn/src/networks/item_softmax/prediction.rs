//! The output layer over the events of a micro-batch: dropout, softmax and the gradient of the hidden vectors.

use super::softmax::{Negatives, OutputScratch, Tokens, full_softmax, sampled_softmax};
use super::tables::{ItemVectors, RowGrads};
use crate::kernels::{Aligned, Dropout, drop_row};

/// The output layer that the events of a step share.
pub(crate) struct Predicted<'a> {
    pub(crate) table: ItemVectors<'a>,
    /// `None` for the full softmax.
    pub(crate) negatives: Option<&'a Negatives>,
    pub(crate) dropout: Dropout,
    /// Multiplies every weight.
    pub(crate) scale: f32,
    /// By event of the batch.
    pub(crate) targets: &'a [u32],
    /// By event of the batch; 0 where there is nothing to predict.
    pub(crate) weights: &'a [f32],
}

impl Predicted<'_> {
    /// The rows of the output layer's gradients.
    pub(crate) fn rows(&self) -> usize {
        self.negatives.map_or(self.table.items, |negatives| negatives.items.len())
    }
}

/// Buffers of one thread.
#[derive(Default)]
pub(crate) struct Predictor {
    weights: Vec<f32>,
    /// Of each predicted event: its row in the micro-batch and its position in the batch.
    rows: Vec<(usize, usize)>,
    grad_vectors: Aligned,
    scratch: OutputScratch,
}

impl Predictor {
    /// The loss of a micro-batch whose hidden vectors are `hidden` `[n, d]`; `events` are `(row in hidden, position in the batch)`.
    /// Adds to `grads`, and writes the gradient of the hidden vectors to `grad` `[n, d]`.
    pub(crate) fn run(
        &mut self,
        step: &Predicted<'_>,
        hidden: &[f32],
        events: impl Iterator<Item = (usize, usize)>,
        grads: &mut RowGrads,
        grad: &mut [f32],
    ) -> f64 {
        let d = step.table.dim;
        let first = grads.targets.len();
        self.weights.clear();
        self.rows.clear();
        for (row, at) in events.filter(|&(_, at)| step.weights[at] != 0.0) {
            let token = grads.targets.len();
            let vector = &mut grads.vectors[token * d..(token + 1) * d];
            vector.copy_from_slice(&hidden[row * d..(row + 1) * d]);
            if step.dropout.is_active() {
                drop_row(vector, at as u32, step.dropout);
            }
            grads.targets.push(step.targets[at]);
            self.weights.push(step.weights[at] * step.scale);
            self.rows.push((row, at));
        }
        let n = self.rows.len();
        self.grad_vectors.reserve(n * d);
        let RowGrads { output, targets, vectors, coefficients, .. } = grads;
        let tokens = Tokens {
            vectors: &vectors[first * d..(first + n) * d],
            targets: &targets[first..],
            weights: &self.weights,
        };
        let (into, scratch) = (&mut self.grad_vectors[..n * d], &mut self.scratch);
        let loss = match step.negatives {
            None => full_softmax(step.table, &tokens, into, output, scratch),
            Some(negatives) => sampled_softmax(step.table, negatives, &tokens, into, output, coefficients, scratch),
        };
        grad.fill(0.0);
        for (vector, &(row, at)) in into.chunks_exact_mut(d).zip(&self.rows) {
            if step.dropout.is_active() {
                drop_row(vector, at as u32, step.dropout);
            }
            grad[row * d..(row + 1) * d].copy_from_slice(vector);
        }
        loss
    }
}
