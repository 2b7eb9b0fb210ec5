//! Applies a step's gradients, summed over shards in a fixed order, with Adam.
//!
//! Item tables are updated densely if every item has a gradient (full softmax); rows that only a few events touch are
//! gathered, summed in event order and updated lazily, row by row.

use super::tables::{RowGrads, TablesMut};
use crate::kernels::{Adam, Aligned, adam_dense, adam_row, add_scaled, add_to};
use rayon::prelude::*;

/// Adam over parameters that every step touches: a fixed list of slices.
pub(crate) struct DenseOptimizer {
    first: Vec<Aligned>,
    second: Vec<Aligned>,
    step: u64,
}

impl DenseOptimizer {
    /// For slices as long as these.
    pub(crate) fn new(weights: &[&mut [f32]]) -> Self {
        let zeros = || weights.iter().map(|part| Aligned::zeros(part.len())).collect();
        Self { first: zeros(), second: zeros(), step: 0 }
    }

    /// All moments after `step` steps, to be read or replaced.
    pub(crate) fn moments_at(&mut self, step: u64) -> Vec<&mut [f32]> {
        self.step = step;
        self.first.iter_mut().chain(&mut self.second).map(|part| &mut part[..]).collect()
    }

    /// Moves `weights` by `grads`, slice by slice.
    pub(crate) fn apply(
        &mut self,
        weights: &mut [&mut [f32]],
        grads: &[&mut [f32]],
        learning_rate: f32,
        weight_decay: f32,
    ) {
        self.step += 1;
        let adam = Adam::at(self.step, learning_rate, weight_decay);
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((weights, grad), (first, second)) in weights.iter_mut().zip(grads).zip(moments) {
            adam_dense(adam, weights, first, second, grad);
        }
    }
}

/// Adam over the item tables, and the buffers of one update.
pub(crate) struct TableOptimizer {
    embedding: Moments,
    output: Option<Moments>,
    bias: Moments,
    step: u64,
    weight_decay: f32,
    order: Vec<u64>,
}

struct Moments {
    first: Aligned,
    second: Aligned,
}

impl Moments {
    fn zeros(len: usize) -> Self {
        Self { first: Aligned::zeros(len), second: Aligned::zeros(len) }
    }

    fn table<'a>(&'a mut self, weights: &'a mut [f32]) -> Table<'a> {
        (weights, &mut self.first, &mut self.second)
    }
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

impl TableOptimizer {
    pub(crate) fn new(items: usize, dim: usize, tied: bool, weight_decay: f32) -> Self {
        Self {
            embedding: Moments::zeros((items + 1) * dim),
            output: (!tied).then(|| Moments::zeros(items * dim)),
            bias: Moments::zeros(items),
            step: 0,
            weight_decay,
            order: Vec::new(),
        }
    }

    /// All moments after `step` steps, to be read or replaced.
    pub(crate) fn moments_at(&mut self, step: u64) -> Vec<&mut [f32]> {
        self.step = step;
        let tables = [Some(&mut self.embedding), self.output.as_mut(), Some(&mut self.bias)];
        tables.into_iter().flatten().flat_map(|table| [&mut table.first[..], &mut table.second[..]]).collect()
    }

    /// Updates `tables` from the shards' gradients. `negatives` are the step's sampled items; `None`
    /// after a full softmax. Results do not depend on `threads`, given the shards.
    pub(crate) fn apply(
        &mut self,
        tables: TablesMut<'_>,
        shards: &mut [&mut RowGrads],
        negatives: Option<&[u32]>,
        learning_rate: f32,
        threads: usize,
    ) {
        self.step += 1;
        let adam = Adam::at(self.step, learning_rate, self.weight_decay);
        let plain = Adam::at(self.step, learning_rate, 0.0);
        match negatives {
            None => self.apply_full((adam, plain), tables, shards, threads),
            Some(items) => self.apply_sampled((adam, plain), tables, shards, items, threads),
        }
    }

    fn apply_full(
        &mut self,
        (adam, plain): (Adam, Adam),
        tables: TablesMut<'_>,
        shards: &mut [&mut RowGrads],
        threads: usize,
    ) {
        let (d, items) = (tables.dim, tables.items);
        let tied = tables.output.is_none();
        sort_keys(&mut self.order, shards.iter().flat_map(|s| s.inputs.iter().copied()), 0);
        if tied {
            // The inputs' gradients join the output's, except the start token's: it has no output row.
            let order = self.order.iter().filter(|&&key| (key >> 32) as usize != items);
            for &key in order {
                let (item, index) = ((key >> 32) as usize, key as u32 as usize);
                let (shard, row) = locate(shards, index, |s| s.inputs.len());
                let (grads, output) = {
                    let RowGrads { input_grads, output, .. } = &mut *shards[shard];
                    (&input_grads[row * d..(row + 1) * d], &mut output.rows[item * d..(item + 1) * d])
                };
                add_to(output, grads);
            }
            self.order.retain(|&key| (key >> 32) as usize == items);
        }
        let shards = &*shards;
        for_ranges(self.bias.table(tables.bias), items, 1, 1, |from, (w, m, v)| {
            let sum = sum_rows(shards, from, w.len(), |s| &s.output.bias);
            adam_dense(plain, w, m, v, &sum);
        });
        let table = match (tables.output, &mut self.output) {
            (Some(weights), Some(moments)) => moments.table(weights),
            _ => split(self.embedding.table(&mut *tables.embedding), items * d).0,
        };
        for_ranges(table, items, d, threads, |from, (w, m, v)| {
            let sum = sum_rows(shards, from, w.len(), |s| &s.output.rows);
            adam_dense(adam, w, m, v, &sum);
        });
        let sources = |index: usize| {
            let (shard, row) = locate(shards, index, |s| s.inputs.len());
            Source { factor: 1.0, vector: &shards[shard].input_grads[row * d..(row + 1) * d], bias: 0.0 }
        };
        apply_rows(adam, d, self.embedding.table(tables.embedding), None, &self.order, &sources, threads);
    }

    fn apply_sampled(
        &mut self,
        (adam, plain): (Adam, Adam),
        tables: TablesMut<'_>,
        shards: &[&mut RowGrads],
        negatives: &[u32],
        threads: usize,
    ) {
        let d = tables.dim;
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
        let bias = self.bias.table(tables.bias);
        let embedding = self.embedding.table(tables.embedding);
        let order = &mut self.order;
        match (tables.output, &mut self.output) {
            (Some(weights), Some(moments)) => {
                sort_keys(order, target_items.chain(drawn_items), 0);
                apply_rows(adam, d, moments.table(weights), Some((plain, bias)), order, &source, threads);
                sort_keys(order, input_items, drawn);
                apply_rows(adam, d, embedding, None, order, &source, threads);
            }
            _ => {
                sort_keys(order, target_items.chain(drawn_items).chain(input_items), 0);
                apply_rows(adam, d, embedding, Some((plain, bias)), order, &source, threads);
            }
        }
    }
}

/// Fills `order` with `item << 32 | index`, sorted; the indices of `items` begin at `first`.
fn sort_keys(order: &mut Vec<u64>, items: impl Iterator<Item = u32>, first: usize) {
    order.clear();
    order.extend((first as u64..).zip(items).map(|(index, item)| u64::from(item) << 32 | index));
    order.sort_unstable();
}

/// The shard and the row within it of the `index`-th row over all shards.
fn locate(shards: &[&mut RowGrads], mut index: usize, rows: impl Fn(&RowGrads) -> usize) -> (usize, usize) {
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
    shards: &'a [&mut RowGrads],
    from: usize,
    len: usize,
    part: impl Fn(&'a RowGrads) -> &'a [f32],
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
