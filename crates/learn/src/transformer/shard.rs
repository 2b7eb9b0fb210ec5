//! One thread's share of a training step: forward, loss and backward for some windows, in micro-batches whose
//! activations stay in cache.

use super::attention::Windows;
use super::batch::Batch;
use super::network::{Activations, Drops, Tokens};
use super::params::Params;
use crate::kernels::{Aligned, Dropout, drop_row};
use crate::output::{self, Negatives, OutputScratch, RowGrads, full_softmax, sampled_softmax};
use std::ops::Range;

/// Tokens per micro-batch, unless a single window is longer.
const TOKENS: usize = 256;

/// What every shard of a step reads.
pub(crate) struct Work<'a> {
    pub(crate) params: &'a Params,
    pub(crate) batch: &'a Batch,
    pub(crate) drops: Drops,
    pub(crate) drop_output: Dropout,
    /// Multiplies every event's weight.
    pub(crate) scale: f32,
    /// `None` for the full softmax.
    pub(crate) negatives: Option<&'a Negatives>,
}

/// Buffers and results of one thread, reused from step to step.
#[derive(Default)]
pub(crate) struct Shard {
    /// `sum of scale * weight * -ln p`.
    pub(crate) loss: f64,
    /// The gradient of [`Params::dense`].
    pub(crate) dense: Aligned,
    pub(crate) rows: RowGrads,
    activations: Activations,
    weights: Vec<f32>,
    token_rows: Vec<usize>,
    grad_vectors: Aligned,
    grad: Aligned,
    scratch: OutputScratch,
}

impl Shard {
    /// Forward and backward of `windows`; all results are replaced.
    pub(crate) fn run(&mut self, work: &Work<'_>, windows: Range<usize>) {
        let params = work.params;
        let bounds = &work.batch.bounds;
        let outputs = work.negatives.map_or(params.shape.items, |n| n.items.len());
        self.rows.reset(bounds[windows.end] - bounds[windows.start], outputs, params.shape.hidden);
        self.dense.reserve(params.layout.len);
        self.dense.fill(0.0);
        self.weights.clear();
        self.loss = 0.0;
        let mut from = windows.start;
        while from < windows.end {
            let fits = (from + 1..windows.end).take_while(|&w| bounds[w + 1] - bounds[from] <= TOKENS).count();
            self.run_group(work, from..from + 1 + fits);
            from += 1 + fits;
        }
    }

    fn run_group(&mut self, work: &Work<'_>, windows: Range<usize>) {
        let (params, batch) = (work.params, work.batch);
        let d = params.shape.hidden;
        let bounds = &batch.bounds[windows.start..=windows.end];
        let range = bounds[0]..bounds[windows.len()];
        let n = range.len();
        let tokens = Tokens {
            windows: Windows { bounds, times: &batch.times[range.clone()] },
            inputs: &batch.inputs[range.clone()],
        };
        let out = self.activations.forward(params, tokens, work.drops);

        let first = self.rows.targets.len();
        self.token_rows.clear();
        for (row, vector) in out.chunks_exact(d).enumerate() {
            let at = range.start + row;
            if batch.weights[at] == 0.0 {
                continue;
            }
            let token = self.rows.targets.len();
            let into = &mut self.rows.vectors[token * d..(token + 1) * d];
            into.copy_from_slice(vector);
            if work.drop_output.is_active() {
                drop_row(into, at as u32, work.drop_output);
            }
            self.rows.targets.push(batch.targets[at]);
            self.weights.push(batch.weights[at] * work.scale);
            self.token_rows.push(row);
        }
        let predicted = self.token_rows.len();
        self.grad_vectors.reserve(n * d);
        let RowGrads { output, targets, vectors, coefficients, .. } = &mut self.rows;
        let predictions = output::Tokens {
            vectors: &vectors[first * d..(first + predicted) * d],
            targets: &targets[first..],
            weights: &self.weights[first..],
        };
        let (table, into) = (params.item_vectors(), &mut self.grad_vectors[..predicted * d]);
        self.loss += match work.negatives {
            None => full_softmax(table, &predictions, into, output, &mut self.scratch),
            Some(negatives) => {
                sampled_softmax(table, negatives, &predictions, into, output, coefficients, &mut self.scratch)
            }
        };

        self.grad.reserve(n * d);
        let grad = &mut self.grad[..n * d];
        grad.fill(0.0);
        for (vector, &row) in into.chunks_exact_mut(d).zip(&self.token_rows) {
            if work.drop_output.is_active() {
                drop_row(vector, (range.start + row) as u32, work.drop_output);
            }
            grad[row * d..(row + 1) * d].copy_from_slice(vector);
        }
        let from = self.rows.inputs.len();
        self.rows.inputs.extend_from_slice(tokens.inputs);
        let inputs = &mut self.rows.input_grads[from * d..(from + n) * d];
        self.activations.backward(params, tokens, work.drops, grad, &mut self.dense, inputs);
    }
}
