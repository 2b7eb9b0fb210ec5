//! Causal self-attention within each window, forward and backward.
//!
//! ```text
//! s[i, j] = q_i . k_j / sqrt(width of a head) + distance[i - j] + time[bucket(t_i - t_j)]    for j <= i
//! o_i     = sum over j of softmax_j(s[i, .]) v_j
//! ```

use super::params::{Block, Params, TIME_BUCKETS};
use crate::kernels::{Aligned, add_product, add_to, rows, set_product, softmax_row, softmax_row_backward};
use std::ops::Range;

/// Queries whose logits are computed together: a causal matrix is half empty, and its row blocks less so.
const QUERIES: usize = 32;

/// The windows of a micro-batch.
#[derive(Clone, Copy)]
pub(crate) struct Windows<'a> {
    /// `[windows + 1]`, ascending: window w's tokens are `bounds[w] - bounds[0]..bounds[w + 1] - bounds[0]`.
    pub(crate) bounds: &'a [usize],
    /// `[tokens]`: when each input happened, in seconds.
    pub(crate) times: &'a [i64],
}

impl Windows<'_> {
    /// Each window's tokens, and where its probabilities begin in a buffer of [`Windows::probabilities`] values.
    fn each(&self, heads: usize) -> impl Iterator<Item = (Range<usize>, usize)> {
        let base = self.bounds.first().copied().unwrap_or(0);
        self.bounds.windows(2).scan(0, move |next, pair| {
            let len = pair[1] - pair[0];
            let at = *next;
            *next += heads * len * len.next_multiple_of(16);
            Some((pair[0] - base..pair[1] - base, at))
        })
    }

    /// The number of probabilities of all windows in a block of `heads` heads, padding included.
    pub(crate) fn probabilities(&self, heads: usize) -> usize {
        self.bounds.windows(2).map(|pair| pair[1] - pair[0]).map(|n| heads * n * n.next_multiple_of(16)).sum()
    }
}

/// 0 where `later` is not later, else one more than the binary logarithm of the seconds between.
fn bucket(later: i64, earlier: i64) -> usize {
    match u64::try_from(later.saturating_sub(earlier)) {
        Ok(0) | Err(_) => 0,
        Ok(seconds) => (1 + seconds.ilog2() as usize).min(TIME_BUCKETS - 1),
    }
}

/// The slices of `block` that one head reads.
struct Head<'a> {
    distance: &'a [f32],
    time: Option<&'a [f32]>,
}

impl<'a> Head<'a> {
    fn new(params: &'a Params, block: &Block, head: usize) -> Self {
        let length = params.shape.length;
        let time = block.time.as_ref().map(|time| &params.dense[time.start + head * TIME_BUCKETS..][..TIME_BUCKETS]);
        Self { distance: &params.dense[block.distance.start + head * length..][..length], time }
    }

    /// Writes the biases on the logits of query `i` for keys `0..=i`, by distance and by time.
    fn bias(&self, i: usize, times: &[i64], out: &mut [f32]) {
        out.copy_from_slice(&self.distance[self.distance.len() - 1 - i..]);
        if let Some(table) = self.time {
            for (out, &time) in out.iter_mut().zip(times) {
                *out += table[bucket(times[i], time)];
            }
        }
    }
}

/// `qkv` `[n, 3 d]` holds scaled queries, keys and values; writes `probabilities` and `out` `[n, d]`.
pub(crate) fn forward(
    params: &Params,
    block: &Block,
    windows: Windows<'_>,
    qkv: &[f32],
    probabilities: &mut [f32],
    out: &mut [f32],
    bias: &mut Aligned,
) {
    let (d, heads) = (params.shape.hidden, params.shape.heads);
    let width = d / heads;
    bias.reserve(params.shape.length);
    for (tokens, first) in windows.each(heads) {
        let len = tokens.len();
        let stride = len.next_multiple_of(16);
        let times = &windows.times[tokens.clone()];
        for head in 0..heads {
            let terms = Head::new(params, block, head);
            let part = |side: usize, from: usize| &qkv[(tokens.start + from) * 3 * d + side * d + head * width..];
            let weights = &mut probabilities[first + head * len * stride..][..len * stride];
            for from in (0..len).step_by(QUERIES) {
                let to = len.min(from + QUERIES);
                let query = rows(part(0, from), to - from, width, 3 * d);
                let keys = rows(part(1, 0), to, width, 3 * d);
                let block = &mut weights[from * stride..to * stride];
                set_product(block, stride, query, keys.transpose());
                for (i, row) in (from..to).zip(block.chunks_exact_mut(stride)) {
                    let (seen, hidden) = row[..to].split_at_mut(i + 1);
                    terms.bias(i, times, &mut bias[..=i]);
                    softmax_row(seen, &bias[..=i]);
                    hidden.fill(0.0);
                }
                let values = rows(part(2, 0), to, width, 3 * d);
                let into = &mut out[(tokens.start + from) * d + head * width..];
                set_product(into, d, rows(block, to - from, to, stride), values);
            }
        }
    }
}

/// Buffers of [`backward`].
#[derive(Debug, Default, Clone)]
pub(crate) struct Scratch {
    logits: Aligned,
}

/// `grad_out` `[n, d]`; writes `grad_qkv` `[n, 3 d]` (of the scaled queries) and adds to the block's tables in
/// `grad_dense`.
#[allow(clippy::too_many_arguments)]
pub(crate) fn backward(
    params: &Params,
    block: &Block,
    windows: Windows<'_>,
    qkv: &[f32],
    probabilities: &[f32],
    grad_out: &[f32],
    grad_qkv: &mut [f32],
    grad_dense: &mut [f32],
    scratch: &mut Scratch,
) {
    let (d, heads, length) = (params.shape.hidden, params.shape.heads, params.shape.length);
    let width = d / heads;
    grad_qkv.fill(0.0);
    for (tokens, first) in windows.each(heads) {
        let len = tokens.len();
        let stride = len.next_multiple_of(16);
        let times = &windows.times[tokens.clone()];
        scratch.logits.reserve(QUERIES * stride);
        for head in 0..heads {
            let at = |side: usize, from: usize| (tokens.start + from) * 3 * d + side * d + head * width;
            let weights = &probabilities[first + head * len * stride..][..len * stride];
            for from in (0..len).step_by(QUERIES) {
                let to = len.min(from + QUERIES);
                let shares = rows(&weights[from * stride..], to - from, to, stride);
                let out = rows(&grad_out[(tokens.start + from) * d + head * width..], to - from, width, d);
                add_product(&mut grad_qkv[at(2, 0)..], 3 * d, shares.transpose(), out);
                let values = rows(&qkv[at(2, 0)..], to, width, 3 * d);
                set_product(&mut scratch.logits, stride, out, values.transpose());
                for (i, row) in (from..to).zip(scratch.logits.chunks_exact_mut(stride)) {
                    let (seen, hidden) = row[..to].split_at_mut(i + 1);
                    softmax_row_backward(&weights[i * stride..][..=i], seen);
                    hidden.fill(0.0);
                    let distance = block.distance.start + head * length;
                    add_to(&mut grad_dense[distance + length - 1 - i..distance + length], seen);
                    if let Some(time) = &block.time {
                        let table = &mut grad_dense[time.start + head * TIME_BUCKETS..][..TIME_BUCKETS];
                        for (grad, &time) in seen.iter().zip(times) {
                            table[bucket(times[i], time)] += grad;
                        }
                    }
                }
                let logits = rows(&scratch.logits, to - from, to, stride);
                set_product(&mut grad_qkv[at(0, from)..], 3 * d, logits, rows(&qkv[at(1, 0)..], to, width, 3 * d));
                let query = rows(&qkv[at(0, from)..], to - from, width, 3 * d);
                add_product(&mut grad_qkv[at(1, 0)..], 3 * d, logits.transpose(), query);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_binary_logarithms() {
        let found: Vec<usize> = [-5, 0, 1, 2, 3, 4, 86_400, i64::MAX].iter().map(|&t| bucket(t, 0)).collect();
        assert_eq!(found, [0, 0, 1, 2, 2, 3, 17, TIME_BUCKETS - 1]);
        assert_eq!(bucket(i64::MAX, i64::MIN), TIME_BUCKETS - 1);
    }
}
