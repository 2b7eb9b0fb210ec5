//! One thread's share of a training step: forward, loss and backward for a range of lanes, in
//! micro-batches whose activations stay in cache.
//!
//! Within a micro-batch of m lanes, activations are time-major: row `t * m + lane`.

use super::params::{Cell, Params};
use super::session_parallel_batches::Window;
use crate::kernels::{
    Aligned, Dropout, add_product, add_to, cell_backward, cell_forward, column_sums, drop_row, rows, set_product,
};
use crate::networks::item_softmax::{Predicted, Predictor, RowGrads};
use crate::networks::trainer::Gradients;
use std::ops::Range;

/// Lanes per micro-batch.
const GROUP: usize = 16;

/// The inputs that all shards of a step share.
pub(crate) struct Work<'a> {
    pub(crate) params: &'a Params,
    /// [`Params::kernel_bias`].
    pub(crate) bias: &'a [f32],
    pub(crate) window: &'a Window,
    /// `[slots, dim]`: the states carried from the last window.
    pub(crate) states: &'a [f32],
    pub(crate) drop_input: Dropout,
    pub(crate) output: Predicted<'a>,
}

/// Buffers and results of one thread, reused from step to step.
#[derive(Default)]
pub(crate) struct Shard {
    /// The lanes of the last step, as positions in the window's `slots`.
    pub(crate) lanes: Range<usize>,
    /// `sum of scale * weight * -ln p`.
    pub(crate) loss: f64,
    pub(crate) cell: Option<Cell>,
    /// `[lanes, dim]`: the states after the window.
    pub(crate) states: Aligned,
    pub(crate) rows: RowGrads,
    group: Group,
    predictor: Predictor,
}

/// Activations of one micro-batch.
#[derive(Default)]
struct Group {
    inputs: Aligned,
    gates: Aligned,
    recurrent: Aligned,
    candidate: Aligned,
    previous: Aligned,
    state: Aligned,
    grad: Aligned,
}

impl Shard {
    /// Forward and backward of `lanes`; all results are replaced.
    pub(crate) fn run(&mut self, work: &Work<'_>, lanes: Range<usize>) {
        let (params, steps) = (work.params, work.window.steps);
        let d = params.dim;
        let cell = self.cell.get_or_insert_with(|| Cell::zeros(d));
        cell.parts_mut().into_iter().for_each(|part| part.fill(0.0));
        self.rows.reset(lanes.len() * steps, work.output.rows(), d);
        self.states.reserve(lanes.len() * d);
        self.loss = 0.0;
        self.lanes = lanes.clone();
        for from in lanes.clone().step_by(GROUP) {
            self.run_group(work, from..lanes.end.min(from + GROUP));
        }
    }

    fn run_group(&mut self, work: &Work<'_>, lanes: Range<usize>) {
        self.forward(work, &lanes);
        self.predict(work, &lanes);
        self.backward(work, &lanes);
    }

    fn forward(&mut self, work: &Work<'_>, lanes: &Range<usize>) {
        let (params, window, m) = (work.params, work.window, lanes.len());
        let (d, steps) = (params.dim, window.steps);
        let n = m * steps;
        let Group { inputs, gates, recurrent, candidate, previous, state, .. } = &mut self.group;
        for buffer in [&mut *inputs, candidate, previous, state] {
            buffer.reserve(n * d);
        }
        gates.reserve(n * 3 * d);
        recurrent.reserve(m * 3 * d);
        for t in 0..steps {
            for lane in 0..m {
                let at = (lanes.start + lane) * steps + t;
                let row = &mut inputs[(t * m + lane) * d..(t * m + lane + 1) * d];
                row.copy_from_slice(params.embedding_row(window.inputs[at]));
                if work.drop_input.is_active() {
                    drop_row(row, at as u32, work.drop_input);
                }
                self.rows.inputs.push(window.inputs[at]);
            }
        }
        set_product(gates, 3 * d, rows(inputs, n, d, d), rows(&params.cell.input, d, 3 * d, 3 * d));
        for lane in 0..m {
            let slot = window.slots[lanes.start + lane];
            previous[lane * d..(lane + 1) * d].copy_from_slice(&work.states[slot * d..(slot + 1) * d]);
        }
        for t in 0..steps {
            let now = t * m * d..(t + 1) * m * d;
            for lane in 0..m {
                if window.resets[(lanes.start + lane) * steps + t] {
                    previous[now.clone()][lane * d..(lane + 1) * d].fill(0.0);
                }
            }
            set_product(
                recurrent,
                3 * d,
                rows(&previous[now.clone()], m, d, d),
                rows(&params.cell.recurrent, d, 3 * d, 3 * d),
            );
            cell_forward(
                &mut gates[3 * now.start..3 * now.end],
                &recurrent[..m * 3 * d],
                work.bias,
                &previous[now.clone()],
                &mut candidate[now.clone()],
                &mut state[now.clone()],
            );
            if t + 1 < steps {
                previous[now.end..now.end + m * d].copy_from_slice(&state[now]);
            }
        }
        let first = (lanes.start - self.lanes.start) * d;
        self.states[first..first + m * d].copy_from_slice(&state[(n - m) * d..n * d]);
    }

    /// The loss of the micro-batch's events and, in `grad`, the gradient of its states.
    fn predict(&mut self, work: &Work<'_>, lanes: &Range<usize>) {
        let (m, d, steps) = (lanes.len(), work.params.dim, work.window.steps);
        let events = (0..m * steps).map(|row| (row, (lanes.start + row % m) * steps + row / m));
        self.group.grad.reserve(m * steps * d);
        self.loss += self.predictor.run(&work.output, &self.group.state, events, &mut self.rows, &mut self.group.grad);
    }

    fn backward(&mut self, work: &Work<'_>, lanes: &Range<usize>) {
        let (params, window, m) = (work.params, work.window, lanes.len());
        let (d, steps) = (params.dim, window.steps);
        let n = m * steps;
        let Group { inputs, gates, candidate, previous, grad, .. } = &mut self.group;
        let recurrent = rows(&params.cell.recurrent, d, 3 * d, 3 * d);
        for t in (0..steps).rev() {
            let now = t * m * d..(t + 1) * m * d;
            let (before, after) = grad.split_at_mut(now.start);
            let here = &mut after[..m * d];
            let gates = &mut gates[3 * now.start..3 * now.end];
            cell_backward(gates, &mut candidate[now.clone()], &previous[now.clone()], here, d);
            if t == 0 {
                break;
            }
            add_product(here, d, rows(gates, m, 3 * d, 3 * d), recurrent.transpose());
            let before = &mut before[now.start - m * d..];
            for lane in 0..m {
                if !window.resets[(lanes.start + lane) * steps + t] {
                    add_to(&mut before[lane * d..(lane + 1) * d], &here[lane * d..(lane + 1) * d]);
                }
            }
        }
        let Some(cell) = &mut self.cell else { return };
        let all = rows(gates, n, 3 * d, 3 * d);
        let (reset_update, new) = (rows(gates, n, 2 * d, 3 * d), rows(candidate, n, d, d));
        add_product(&mut cell.recurrent, 3 * d, rows(previous, n, d, d).transpose(), all);
        let inputs = rows(inputs, n, d, d).transpose();
        add_product(&mut cell.input, 3 * d, inputs, reset_update);
        add_product(&mut cell.input[2 * d..], 3 * d, inputs, new);
        column_sums(&mut cell.recurrent_bias, &gates[..n * 3 * d], 3 * d);
        column_sums(&mut cell.input_bias[..2 * d], &gates[..n * 3 * d], 3 * d);
        column_sums(&mut cell.input_bias[2 * d..], &candidate[..n * d], d);

        let first = self.rows.inputs.len() - n;
        let into = &mut self.rows.input_grads[first * d..(first + n) * d];
        let projection = &params.cell.input;
        set_product(into, d, reset_update, rows(projection, d, 2 * d, 3 * d).transpose());
        add_product(into, d, new, rows(&projection[2 * d..], d, d, 3 * d).transpose());
        if work.drop_input.is_active() {
            for (row, grad) in into.chunks_exact_mut(d).enumerate() {
                let at = (lanes.start + row % m) * steps + row / m;
                drop_row(grad, at as u32, work.drop_input);
            }
        }
    }
}

impl Gradients for Shard {
    fn split_mut(&mut self) -> (&mut RowGrads, Vec<&mut [f32]>) {
        (&mut self.rows, self.cell.as_mut().map(|cell| cell.parts_mut().into()).unwrap_or_default())
    }
}
