//! Element-wise parts of a feed-forward layer, gates, and one row of attention.

use super::dispatch;
use super::linear::scale_rows;
use super::math::sigmoid;
use super::softmax::{add_row_max, exp_sum};

dispatch! {
    /// `row = (row + bias) * scale` for every row of `values` `[n, stride]`, over its first `bias.len()` columns.
    pub(crate) fn add_bias<L>(values: &mut [f32], bias: &[f32], stride: usize, scale: f32) {
        let d = bias.len();
        for row in values.chunks_mut(stride) {
            for (value, bias) in row[..d].iter_mut().zip(bias) {
                *value = (*value + bias) * scale;
            }
        }
    }

    /// `out = x * sigmoid(x)`.
    pub(crate) fn silu<L>(x: &[f32], out: &mut [f32]) {
        for (out, &x) in out.iter_mut().zip(x) {
            *out = x * sigmoid::<L>(x);
        }
    }

    /// The backward pass of [`silu`]: multiplies `grad` by the derivative at `x`.
    pub(crate) fn silu_backward<L>(x: &[f32], grad: &mut [f32]) {
        for (grad, &x) in grad.iter_mut().zip(x) {
            let s = sigmoid::<L>(x);
            *grad *= s * L::fma(x, 1.0 - s, 1.0);
        }
    }

    /// `gate = sigmoid(gate + bias)` for every row of `gate` `[n, d]`, then `out = value * gate`.
    pub(crate) fn gate<L>(gate: &mut [f32], bias: &[f32], value: &[f32], out: &mut [f32]) {
        let d = bias.len();
        let rows = gate.chunks_exact_mut(d).zip(value.chunks_exact(d)).zip(out.chunks_exact_mut(d));
        for ((gate, value), out) in rows {
            let (gate, value, out) = (&mut gate[..d], &value[..d], &mut out[..d]);
            for j in 0..d {
                gate[j] = sigmoid::<L>(gate[j] + bias[j]);
                out[j] = value[j] * gate[j];
            }
        }
    }

    /// The backward pass of [`gate`]: `grad` of the product becomes that of the value, `gate` that of its input.
    pub(crate) fn gate_backward<L>(gate: &mut [f32], value: &[f32], grad: &mut [f32]) {
        for ((gate, &value), grad) in gate.iter_mut().zip(value).zip(grad) {
            let (g, open) = (*grad, *gate);
            *grad = g * open;
            *gate = g * value * open * (1.0 - open);
        }
    }
}

/// Replaces `row` by `softmax(row + bias)`; not empty.
pub(crate) fn softmax_row(row: &mut [f32], bias: &[f32]) {
    let n = row.len();
    let max = add_row_max(row, bias);
    let sum = exp_sum(row, max, 1.0);
    scale_rows(row, &[1.0 / sum], n);
}

dispatch! {
    /// The backward pass of [`softmax_row`]: `grad` of the probabilities `row` becomes that of their logits.
    pub(crate) fn softmax_row_backward<L>(row: &[f32], grad: &mut [f32]) {
        let n = grad.len();
        let row = &row[..n];
        let mut parts = [0.0f32; 16];
        let (row_blocks, row_tail) = row.as_chunks::<16>();
        let (blocks, tail) = grad.as_chunks::<16>();
        for (p, g) in row_blocks.iter().zip(blocks) {
            for j in 0..16 {
                parts[j] = L::fma(p[j], g[j], parts[j]);
            }
        }
        let mut along: f32 = parts.iter().sum();
        for (&p, &g) in row_tail.iter().zip(tail) {
            along = L::fma(p, g, along);
        }
        for j in 0..n {
            grad[j] = row[j] * (grad[j] - along);
        }
    }
}
