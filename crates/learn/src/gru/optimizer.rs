//! Applies a step's gradients, summed over shards in a fixed order, with Adam.
//!
//! Where every item has a gradient (full softmax) the item tables are updated densely; rows that only
//! a few events touch are gathered, summed in event order and updated lazily, row by row.

use super::config::GruConfig;
use super::params::Params;
use super::shard::Shard;
use crate::kernels::{Adam, adam_dense, adam_row, add_scaled, add_to};
use rayon::prelude::*;

/// Adam's moments of every parameter, and the buffers of one update.
pub(crate) struct Optimizer {
    first: Params,
    second: Params,
    step: u64,
    weight_decay: f32,
    order: Vec<u64>,
}

/// A table's weights, first and second moments.
type Table<'a> = (&'a mut [f32], &'a mut [f32], &'a mut [f32]);

/// The three slices cut at `at`.
fn split<'a>(table: Table<'a>, at: usize) -> (Table<'a>, Table<'a>) {
    let (w, w_rest) = table.0.split_at_mut(at);
    let (m, m_rest) = table.1.split_at_mut(at);
    let (v, v_rest) = table.2.split_at_mut(at);
    ((w, m, v), (w_rest, m_rest, v_rest))
}

/// One gradient contribution to a table row.
struct Source<'a> {
    factor: f32,
    vector: &'a [f32],
    bias: f32,
}

impl Optimizer {
    pub(crate) fn new(config: &GruConfig) -> Self {
        let zeros = || Params::zeros(config.items, config.hidden, config.tied);
        Self { first: zeros(), second: zeros(), step: 0, weight_decay: config.weight_decay, order: Vec::new() }
    }

    /// Updates `params` from the shards' gradients. `negatives` are the step's sampled items; `None`
    /// after a full softmax. Results do not depend on `threads`, given the shards.
    pub(crate) fn apply(
        &mut self,
        params: &mut Params,
        shards: &mut [Shard],
        negatives: Option<&[u32]>,
        learning_rate: f32,
        threads: usize,
    ) {
        self.step += 1;
        let adam = Adam::at(self.step, learning_rate, self.weight_decay);
        let plain = Adam::at(self.step, learning_rate, 0.0);
        self.apply_cell(plain, params, shards);
        match negatives {
            None => self.apply_full((adam, plain), params, shards, threads),
            Some(items) => self.apply_sampled((adam, plain), params, shards, items, threads),
        }
    }

    fn apply_cell(&mut self, adam: Adam, params: &mut Params, shards: &mut [Shard]) {
        let (head, tail) = shards.split_at_mut(1);
        let Some(sum) = head.first_mut().and_then(|s| s.cell.as_mut()) else { return };
        for cell in tail.iter().filter_map(|shard| shard.cell.as_ref()) {
            for (sum, part) in sum.parts_mut().into_iter().zip(cell.parts()) {
                add_to(sum, part);
            }
        }
        let moments = self.first.cell.parts_mut().into_iter().zip(self.second.cell.parts_mut());
        for ((weights, (first, second)), grad) in params.cell.parts_mut().into_iter().zip(moments).zip(sum.parts()) {
            adam_dense(adam, weights, first, second, grad);
        }
    }

    fn apply_full(&mut self, (adam, plain): (Adam, Adam), params: &mut Params, shards: &mut [Shard], threads: usize) {
        let (d, items) = (params.dim, params.items);
        let tied = params.output.is_none();
        self.order_inputs(shards);
        if tied {
            // The inputs' gradients join the output's, except the start token's: it has no output row.
            let order = self.order.iter().filter(|&&key| (key >> 32) as usize != items);
            for &key in order {
                let (item, index) = ((key >> 32) as usize, key as u32 as usize);
                let (shard, row) = locate(shards, index, |s| s.inputs.len());
                let (grads, output) = {
                    let Shard { input_grads, output, .. } = &mut shards[shard];
                    (&input_grads[row * d..(row + 1) * d], &mut output.rows[item * d..(item + 1) * d])
                };
                add_to(output, grads);
            }
            self.order.retain(|&key| (key >> 32) as usize == items);
        }
        let bias = (&mut params.output_bias[..], &mut self.first.output_bias[..], &mut self.second.output_bias[..]);
        for_ranges(bias, items, 1, 1, |from, (w, m, v)| {
            let sum = sum_rows(shards, from, w.len(), |s| &s.output.bias);
            adam_dense(plain, w, m, v, &sum);
        });
        let table = match (&mut params.output, &mut self.first.output, &mut self.second.output) {
            (Some(w), Some(m), Some(v)) => (&mut w[..], &mut m[..], &mut v[..]),
            _ => {
                split(
                    (&mut params.embedding[..], &mut self.first.embedding[..], &mut self.second.embedding[..]),
                    items * d,
                )
                .0
            }
        };
        for_ranges(table, items, d, threads, |from, (w, m, v)| {
            let sum = sum_rows(shards, from, w.len(), |s| &s.output.rows);
            adam_dense(adam, w, m, v, &sum);
        });
        let embedding = (&mut params.embedding[..], &mut self.first.embedding[..], &mut self.second.embedding[..]);
        let sources = |index: usize| {
            let (shard, row) = locate(shards, index, |s| s.inputs.len());
            Source { factor: 1.0, vector: &shards[shard].input_grads[row * d..(row + 1) * d], bias: 0.0 }
        };
        apply_rows(adam, d, embedding, None, &self.order, &sources, threads);
    }

    fn apply_sampled(
        &mut self,
        (adam, plain): (Adam, Adam),
        params: &mut Params,
        shards: &[Shard],
        negatives: &[u32],
        threads: usize,
    ) {
        let d = params.dim;
        let targets: usize = shards.iter().map(|s| s.targets.len()).sum();
        let drawn = targets + negatives.len() * shards.len();
        let source = |index: usize| {
            if index < targets {
                let (shard, row) = locate(shards, index, |s| s.targets.len());
                let factor = shards[shard].coefficients[row];
                Source { factor, vector: &shards[shard].vectors[row * d..(row + 1) * d], bias: factor }
            } else if index < drawn {
                let (shard, row) = ((index - targets) / negatives.len(), (index - targets) % negatives.len());
                let output = &shards[shard].output;
                Source { factor: 1.0, vector: &output.rows[row * d..(row + 1) * d], bias: output.bias[row] }
            } else {
                let (shard, row) = locate(shards, index - drawn, |s| s.inputs.len());
                Source { factor: 1.0, vector: &shards[shard].input_grads[row * d..(row + 1) * d], bias: 0.0 }
            }
        };
        let target_items = shards.iter().flat_map(|s| s.targets.iter().copied());
        let drawn_items = shards.iter().flat_map(|_| negatives.iter().copied());
        let input_items = shards.iter().flat_map(|s| s.inputs.iter().copied());
        let bias = (&mut params.output_bias[..], &mut self.first.output_bias[..], &mut self.second.output_bias[..]);
        let embedding = (&mut params.embedding[..], &mut self.first.embedding[..], &mut self.second.embedding[..]);
        let order = &mut self.order;
        order.clear();
        let keyed = |items: &mut dyn Iterator<Item = u32>, order: &mut Vec<u64>, first: usize| {
            order.extend((first as u64..).zip(items).map(|(index, item)| u64::from(item) << 32 | index));
        };
        match (&mut params.output, &mut self.first.output, &mut self.second.output) {
            (Some(w), Some(m), Some(v)) => {
                keyed(&mut target_items.chain(drawn_items), order, 0);
                order.sort_unstable();
                apply_rows(adam, d, (w, m, v), Some((plain, bias)), order, &source, threads);
                order.clear();
                keyed(&mut input_items.into_iter(), order, drawn);
                order.sort_unstable();
                apply_rows(adam, d, embedding, None, order, &source, threads);
            }
            _ => {
                keyed(&mut target_items.chain(drawn_items).chain(input_items), order, 0);
                order.sort_unstable();
                apply_rows(adam, d, embedding, Some((plain, bias)), order, &source, threads);
            }
        }
    }

    /// `order`: the inputs of all shards as `item << 32 | index`, sorted.
    fn order_inputs(&mut self, shards: &[Shard]) {
        self.order.clear();
        let inputs = shards.iter().flat_map(|s| s.inputs.iter());
        self.order.extend((0u64..).zip(inputs).map(|(index, &item)| u64::from(item) << 32 | index));
        self.order.sort_unstable();
    }
}

/// The shard and the row within it of the `index`-th row over all shards.
fn locate(shards: &[Shard], mut index: usize, rows: impl Fn(&Shard) -> usize) -> (usize, usize) {
    for (at, shard) in shards.iter().enumerate() {
        let here = rows(shard);
        if index < here {
            return (at, index);
        }
        index -= here;
    }
    (0, 0)
}

/// `sum over shards of part(shard)[from..from + len]`, in the order of the shards.
fn sum_rows<'a>(
    shards: &'a [Shard],
    from: usize,
    len: usize,
    part: impl Fn(&'a Shard) -> &'a [f32],
) -> std::borrow::Cow<'a, [f32]> {
    let mut parts = shards.iter().map(|shard| &part(shard)[from..from + len]);
    let first = parts.next().unwrap_or_default();
    let mut sum = std::borrow::Cow::Borrowed(first);
    for other in parts {
        add_to(sum.to_mut(), other);
    }
    sum
}

/// Calls `update(first value, part)` for consecutive row ranges of a table, in parallel.
fn for_ranges(table: Table<'_>, rows: usize, d: usize, threads: usize, update: impl Fn(usize, Table<'_>) + Sync) {
    let chunk = rows.div_ceil(threads.max(1)).max(1) * d;
    let (w, m, v) = table;
    w.par_chunks_mut(chunk)
        .zip(m.par_chunks_mut(chunk))
        .zip(v.par_chunks_mut(chunk))
        .enumerate()
        .for_each(|(at, ((w, m), v))| update(at * chunk, (w, m, v)));
}

/// Lazy Adam on the rows named by `order` (sorted `row << 32 | index`): each row's sources are summed in
/// index order. `bias` is a table of one value per row, updated alongside.
fn apply_rows<'a>(
    adam: Adam,
    d: usize,
    table: Table<'_>,
    bias: Option<(Adam, Table<'_>)>,
    order: &[u64],
    source: &(impl Fn(usize) -> Source<'a> + Sync),
    threads: usize,
) {
    let mut parts = Vec::with_capacity(threads);
    let (mut table, mut bias, mut order, mut offset) = (table, bias, order, 0);
    for left in (1..=threads.max(1)).rev() {
        let mut take = order.len() / left;
        while take > 0 && take < order.len() && order[take] >> 32 == order[take - 1] >> 32 {
            take += 1;
        }
        let (here, rest) = order.split_at(if left == 1 { order.len() } else { take });
        let end = match here.last() {
            Some(&key) => (key >> 32) as usize + 1,
            None => offset,
        };
        let (mine, others) = split(table, (end - offset) * d);
        let (my_bias, other_bias) = match bias {
            Some((adam, bias)) => {
                let at = (end - offset).min(bias.0.len());
                let (mine, others) = split(bias, at);
                (Some((adam, mine)), Some((adam, others)))
            }
            None => (None, None),
        };
        parts.push((offset, here, mine, my_bias));
        (table, bias, order, offset) = (others, other_bias, rest, end);
    }
    parts.into_par_iter().for_each(|(offset, order, (w, m, v), mut bias)| {
        let mut sum = vec![0.0f32; d];
        for group in order.chunk_by(|a, b| a >> 32 == b >> 32) {
            let row = (group[0] >> 32) as usize - offset;
            sum.fill(0.0);
            let mut bias_sum = 0.0;
            for &key in group {
                let Source { factor, vector, bias } = source(key as u32 as usize);
                add_scaled(&mut sum, factor, vector);
                bias_sum += bias;
            }
            adam_row(adam, d, (w, m, v), row, &sum);
            if let Some((adam, (w, m, v))) = &mut bias
                && row < w.len()
            {
                adam_row(*adam, 1, (w, m, v), row, &[bias_sum]);
            }
        }
    });
}
