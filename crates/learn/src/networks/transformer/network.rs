//! The network over a micro-batch of windows: forward, and backward with the activations kept from it.
//!
//! Tokens of all windows lie one behind the other, so there is no padding.

use super::attention::{self, Windows};
use super::params::{Block, Linear, Norm, Params};
use crate::kernels::{
    Aligned, Dropout, add_bias, add_product, add_to, column_sums, drop_row, gate, gate_backward, norm_backward,
    norm_forward, rows, scale_rows, set_product, silu, silu_backward,
};
use crate::random::{Purpose, key};

/// A step's dropout on the input and on every residual branch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drops {
    pub(crate) seed: u64,
    pub(crate) step: u64,
    pub(crate) rate: f32,
}

impl Drops {
    pub(crate) const NONE: Self = Self { seed: 0, step: 0, rate: 0.0 };

    /// Layer 0 is the input, `1 + 2 b` and `2 + 2 b` are block b's branches.
    fn layer(&self, layer: usize) -> Dropout {
        Dropout::new(key(self.seed, Purpose::DropoutBlock, self.step << 6 | layer as u64), self.rate)
    }
}

/// A micro-batch.
#[derive(Clone, Copy)]
pub(crate) struct Tokens<'a> {
    pub(crate) windows: Windows<'a>,
    /// `[n]`: items or the start token.
    pub(crate) inputs: &'a [u32],
}

impl Tokens<'_> {
    /// The position of the first token in the step's batch.
    fn first(&self) -> usize {
        self.windows.bounds.first().copied().unwrap_or(0)
    }

    /// Each token's position within its window.
    fn positions(&self) -> impl Iterator<Item = usize> {
        self.windows.bounds.windows(2).flat_map(|pair| 0..pair[1] - pair[0])
    }
}

/// A layer norm's values that its gradient needs: `normed` and `out` `[n, d]`, `inverse` `[n]`.
#[derive(Debug, Default, Clone)]
struct Normed {
    normed: Aligned,
    out: Aligned,
    inverse: Aligned,
}

/// A block's values that its gradient needs.
#[derive(Debug, Default, Clone)]
struct Saved {
    /// `[n, d]`, where gated.
    input: Aligned,
    norm1: Normed,
    /// `[n, 3 d]`.
    qkv: Aligned,
    probabilities: Aligned,
    /// `[n, d]`: the heads' outputs.
    heads: Aligned,
    /// `[n, d]`, where gated.
    projected: Aligned,
    gate1: Aligned,
    /// `[n, d]`: the input of the feed-forward half, where gated.
    middle: Aligned,
    norm2: Normed,
    /// `[n, feed_forward]`, before and after the activation.
    wide: Aligned,
    active: Aligned,
    /// `[n, d]`, where gated.
    narrow: Aligned,
    gate2: Aligned,
}

/// Buffers of one thread, reused from micro-batch to micro-batch.
#[derive(Debug, Default, Clone)]
pub(crate) struct Activations {
    /// `[n, d]`: the residual stream.
    stream: Aligned,
    blocks: Vec<Saved>,
    last: Normed,
    branch: Aligned,
    bias: Aligned,
    grad: Aligned,
    grad_branch: Aligned,
    grad_wide: Aligned,
    grad_qkv: Aligned,
    attention: attention::Scratch,
}

impl Normed {
    fn forward(&mut self, params: &Params, norm: &Norm, x: &[f32]) {
        let n = x.len();
        let count = n / params.shape.hidden;
        self.normed.reserve(n);
        self.out.reserve(n);
        self.inverse.reserve(count);
        let (gain, bias) = (&params.dense[norm.gain.clone()], &params.dense[norm.bias.clone()]);
        norm_forward(x, gain, bias, &mut self.normed[..n], &mut self.out[..n], &mut self.inverse[..count]);
    }

    fn backward(&self, params: &Params, norm: &Norm, grad_out: &[f32], grad_in: &mut [f32], grad_dense: &mut [f32]) {
        let (n, d) = (grad_out.len(), params.shape.hidden);
        let (gain, bias) = grad_dense[norm.gain.start..norm.bias.end].split_at_mut(d);
        let weight = &params.dense[norm.gain.clone()];
        norm_backward(grad_out, &self.normed[..n], &self.inverse[..n / d], weight, grad_in, gain, bias);
    }
}

/// `out = x W`, without the bias; `x` `[n, inputs]`, `out` `[n, outputs]`.
fn linear(params: &Params, layer: &Linear, x: &[f32], n: usize, out: &mut [f32]) {
    let outputs = layer.bias.len();
    let inputs = layer.weight.len() / outputs;
    set_product(
        out,
        outputs,
        rows(x, n, inputs, inputs),
        rows(&params.dense[layer.weight.clone()], inputs, outputs, outputs),
    );
}

/// Adds the layer's gradients to `grad_dense`, and calls `set_product` or `add_product` for the input's.
fn linear_backward(
    params: &Params,
    layer: &Linear,
    x: &[f32],
    n: usize,
    grad_out: &[f32],
    grad_dense: &mut [f32],
    grad_in: Into<'_>,
) {
    let outputs = layer.bias.len();
    let inputs = layer.weight.len() / outputs;
    let grad = rows(grad_out, n, outputs, outputs);
    add_product(&mut grad_dense[layer.weight.clone()], outputs, rows(x, n, inputs, inputs).transpose(), grad);
    column_sums(&mut grad_dense[layer.bias.clone()], &grad_out[..n * outputs], outputs);
    let weight = rows(&params.dense[layer.weight.clone()], inputs, outputs, outputs).transpose();
    match grad_in {
        Into::Set(into) => set_product(into, inputs, grad, weight),
        Into::Add(into) => add_product(into, inputs, grad, weight),
    }
}

/// The destination of an input's gradient: written, or added to the gradient that stands there.
enum Into<'a> {
    Set(&'a mut [f32]),
    Add(&'a mut [f32]),
}

/// `stream += drop(branch)`; `branch` is left with the dropout applied.
fn add_branch(stream: &mut [f32], branch: &mut [f32], d: usize, first: usize, dropout: Dropout) {
    drop_rows(branch, d, first, dropout);
    add_to(stream, branch);
}

fn drop_rows(values: &mut [f32], d: usize, first: usize, dropout: Dropout) {
    if dropout.is_active() {
        for (row, values) in values.chunks_exact_mut(d).enumerate() {
            drop_row(values, (first + row) as u32, dropout);
        }
    }
}

impl Activations {
    /// The last layer's output, `[n, d]`.
    pub(crate) fn forward(&mut self, params: &Params, tokens: Tokens<'_>, drops: Drops) -> &[f32] {
        let (n, d) = (tokens.inputs.len(), params.shape.hidden);
        self.blocks.resize_with(params.shape.blocks, Saved::default);
        self.stream.reserve(n * d);
        self.branch.reserve(n * d);
        let stream = &mut self.stream[..n * d];
        let positions = &params.dense[params.layout.positions.clone()];
        for ((row, &input), position) in stream.chunks_exact_mut(d).zip(tokens.inputs).zip(tokens.positions()) {
            row.copy_from_slice(params.embedding_row(input));
            add_to(row, &positions[position * d..(position + 1) * d]);
        }
        drop_rows(stream, d, tokens.first(), drops.layer(0));
        for (at, (block, saved)) in params.layout.blocks.iter().zip(&mut self.blocks).enumerate() {
            let dropouts = [drops.layer(1 + 2 * at), drops.layer(2 + 2 * at)];
            saved.forward(params, block, tokens, stream, &mut self.branch[..n * d], &mut self.bias, dropouts);
        }
        self.last.forward(params, &params.layout.norm, stream);
        &self.last.out[..n * d]
    }

    /// From the gradient of [`Activations::forward`]'s output, `[n, d]`: adds to `grad_dense` and writes
    /// `grad_inputs` `[n, d]`, the gradient of the inputs' item vectors.
    pub(crate) fn backward(
        &mut self,
        params: &Params,
        tokens: Tokens<'_>,
        drops: Drops,
        grad_out: &[f32],
        grad_dense: &mut [f32],
        grad_inputs: &mut [f32],
    ) {
        let (n, d) = (tokens.inputs.len(), params.shape.hidden);
        self.grad.reserve(n * d);
        self.grad_branch.reserve(n * d);
        self.grad_wide.reserve(n * params.shape.feed_forward);
        self.grad_qkv.reserve(n * 3 * d);
        self.grad[..n * d].fill(0.0);
        self.last.backward(params, &params.layout.norm, grad_out, &mut self.grad[..n * d], grad_dense);
        for at in (0..self.blocks.len().min(params.shape.blocks)).rev() {
            let dropouts = [drops.layer(1 + 2 * at), drops.layer(2 + 2 * at)];
            self.block_backward(params, at, tokens, grad_dense, dropouts);
        }
        grad_inputs.copy_from_slice(&self.grad[..n * d]);
        drop_rows(grad_inputs, d, tokens.first(), drops.layer(0));
        let positions = &mut grad_dense[params.layout.positions.clone()];
        for (row, position) in grad_inputs.chunks_exact(d).zip(tokens.positions()) {
            add_to(&mut positions[position * d..(position + 1) * d], row);
        }
    }

    /// `grad` goes from the block's output to its input.
    fn block_backward(
        &mut self,
        params: &Params,
        at: usize,
        tokens: Tokens<'_>,
        grad_dense: &mut [f32],
        dropouts: [Dropout; 2],
    ) {
        let (n, d, first) = (tokens.inputs.len(), params.shape.hidden, tokens.first());
        let block = &params.layout.blocks[at];
        let saved = &mut self.blocks[at];
        let grad = &mut self.grad[..n * d];
        let branch = &mut self.grad_branch[..n * d];
        let wide = &mut self.grad_wide[..n * params.shape.feed_forward];

        branch.copy_from_slice(grad);
        drop_rows(branch, d, first, dropouts[1]);
        if let Some(layer) = &block.gate2 {
            gate_backward(&mut saved.gate2[..n * d], &saved.narrow[..n * d], branch);
            linear_backward(params, layer, &saved.middle, n, &saved.gate2, grad_dense, Into::Add(grad));
        }
        linear_backward(params, &block.narrow, &saved.active, n, branch, grad_dense, Into::Set(wide));
        silu_backward(&saved.wide[..wide.len()], wide);
        linear_backward(params, &block.widen, &saved.norm2.out, n, wide, grad_dense, Into::Set(branch));
        saved.norm2.backward(params, &block.norm2, branch, grad, grad_dense);

        branch.copy_from_slice(grad);
        drop_rows(branch, d, first, dropouts[0]);
        if let Some(layer) = &block.gate1 {
            gate_backward(&mut saved.gate1[..n * d], &saved.projected[..n * d], branch);
            linear_backward(params, layer, &saved.input, n, &saved.gate1, grad_dense, Into::Add(grad));
        }
        let heads = &mut self.branch[..n * d];
        linear_backward(params, &block.project, &saved.heads, n, branch, grad_dense, Into::Set(heads));
        let qkv = &mut self.grad_qkv[..n * 3 * d];
        let (keys, shares) = (&saved.qkv, &saved.probabilities);
        attention::backward(params, block, tokens.windows, keys, shares, heads, qkv, grad_dense, &mut self.attention);
        for query in qkv.chunks_exact_mut(3 * d) {
            scale_rows(&mut query[..d], &[query_scale(params)], d);
        }
        linear_backward(params, &block.qkv, &saved.norm1.out, n, qkv, grad_dense, Into::Set(branch));
        saved.norm1.backward(params, &block.norm1, branch, grad, grad_dense);
    }
}

fn query_scale(params: &Params) -> f32 {
    1.0 / ((params.shape.hidden / params.shape.heads) as f32).sqrt()
}

impl Saved {
    #[allow(clippy::too_many_arguments)]
    fn forward(
        &mut self,
        params: &Params,
        block: &Block,
        tokens: Tokens<'_>,
        stream: &mut [f32],
        branch: &mut [f32],
        bias: &mut Aligned,
        dropouts: [Dropout; 2],
    ) {
        let (n, d, f, first) = (tokens.inputs.len(), params.shape.hidden, params.shape.feed_forward, tokens.first());
        let dense = &params.dense;
        self.norm1.forward(params, &block.norm1, stream);
        self.qkv.reserve(n * 3 * d);
        let qkv = &mut self.qkv[..n * 3 * d];
        linear(params, &block.qkv, &self.norm1.out, n, qkv);
        let (query, rest) = dense[block.qkv.bias.clone()].split_at(d);
        add_bias(qkv, query, 3 * d, query_scale(params));
        add_bias(&mut qkv[d..], rest, 3 * d, 1.0);
        self.probabilities.reserve(tokens.windows.probabilities(params.shape.heads));
        self.heads.reserve(n * d);
        attention::forward(params, block, tokens.windows, qkv, &mut self.probabilities, &mut self.heads, bias);
        linear(params, &block.project, &self.heads, n, branch);
        add_bias(branch, &dense[block.project.bias.clone()], d, 1.0);
        if let Some(layer) = &block.gate1 {
            open(params, layer, stream, &mut self.input, &mut self.projected, &mut self.gate1, branch);
        }
        add_branch(stream, branch, d, first, dropouts[0]);

        self.norm2.forward(params, &block.norm2, stream);
        self.wide.reserve(n * f);
        self.active.reserve(n * f);
        let wide = &mut self.wide[..n * f];
        linear(params, &block.widen, &self.norm2.out, n, wide);
        add_bias(wide, &dense[block.widen.bias.clone()], f, 1.0);
        silu(wide, &mut self.active[..n * f]);
        linear(params, &block.narrow, &self.active, n, branch);
        add_bias(branch, &dense[block.narrow.bias.clone()], d, 1.0);
        if let Some(layer) = &block.gate2 {
            open(params, layer, stream, &mut self.middle, &mut self.narrow, &mut self.gate2, branch);
        }
        add_branch(stream, branch, d, first, dropouts[1]);
    }
}

/// Multiplies `branch` by `sigmoid(stream W + b)`, keeping the stream, the branch as it was, and the gate.
fn open(
    params: &Params,
    layer: &Linear,
    stream: &[f32],
    input: &mut Aligned,
    value: &mut Aligned,
    opened: &mut Aligned,
    branch: &mut [f32],
) {
    let (len, d) = (stream.len(), params.shape.hidden);
    for buffer in [&mut *input, &mut *value, &mut *opened] {
        buffer.reserve(len);
    }
    input[..len].copy_from_slice(stream);
    value[..len].copy_from_slice(branch);
    linear(params, layer, stream, len / d, &mut opened[..len]);
    gate(&mut opened[..len], &params.dense[layer.bias.clone()], &value[..len], branch);
}
