//! One thread's share of a training step: forward, loss and backward for some windows, in micro-batches whose
//! activations stay in cache.

use super::attention::Windows;
use super::batch::Batch;
use super::network::{Activations, Drops, Tokens};
use super::params::Params;
use crate::kernels::Aligned;
use crate::networks::item_softmax::{Predicted, Predictor, RowGrads};
use crate::networks::trainer::Gradients;
use std::ops::Range;

/// Tokens per micro-batch, unless a single window is longer.
const TOKENS: usize = 256;

/// The inputs that all shards of a step share.
pub(crate) struct Work<'a> {
    pub(crate) params: &'a Params,
    pub(crate) batch: &'a Batch,
    pub(crate) drops: Drops,
    pub(crate) output: Predicted<'a>,
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
    grad: Aligned,
    predictor: Predictor,
}

impl Shard {
    /// Forward and backward of `windows`; all results are replaced.
    pub(crate) fn run(&mut self, work: &Work<'_>, windows: Range<usize>) {
        let params = work.params;
        let bounds = &work.batch.bounds;
        self.rows.reset(bounds[windows.end] - bounds[windows.start], work.output.rows(), params.shape.hidden);
        self.dense.reserve(params.layout.len);
        self.dense.fill(0.0);
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

        self.grad.reserve(n * d);
        let grad = &mut self.grad[..n * d];
        self.loss += self.predictor.run(&work.output, out, range.clone().enumerate(), &mut self.rows, grad);
        let from = self.rows.inputs.len();
        self.rows.inputs.extend_from_slice(tokens.inputs);
        let inputs = &mut self.rows.input_grads[from * d..(from + n) * d];
        self.activations.backward(params, tokens, work.drops, grad, &mut self.dense, inputs);
    }
}

impl Gradients for Shard {
    fn split_mut(&mut self) -> (&mut RowGrads, Vec<&mut [f32]>) {
        (&mut self.rows, vec![&mut self.dense])
    }
}
