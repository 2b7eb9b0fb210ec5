//! Item vectors packed for the scan, and the scan of all of them.

use super::blocks::{BLOCK, Best, PAD_SCORE, above, admitted, partition_block};
use crate::block_scoring::ScoreBlock;
use crate::kernels::{item_scores, row_score, scores_block};
use tastemaker_data::{Bitmap, ItemIx};

/// Item vectors packed for the scan, `[blocks, d, 16]`, with a bias each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PackedVectors {
    pub(super) items: usize,
    pub(super) d: usize,
    pub(super) vectors: crate::kernels::Aligned,
    pub(super) bias: Vec<f32>,
}

impl PackedVectors {
    /// `vectors` `[bias.len(), d]` row-major.
    pub(super) fn pack(vectors: &[f32], bias: &[f32], d: usize) -> Self {
        let items = bias.len();
        let padded = items.div_ceil(BLOCK) * BLOCK;
        let mut packed = crate::kernels::Aligned::zeros(padded * d);
        for (item, row) in vectors.chunks_exact(d).take(items).enumerate() {
            for (k, &value) in row.iter().enumerate() {
                packed[(item / 16 * d + k) * 16 + item % 16] = value;
            }
        }
        let mut padded_bias = bias.to_vec();
        padded_bias.resize(padded, PAD_SCORE);
        Self { items, d, vectors: packed, bias: padded_bias }
    }

    pub(super) fn admitted(&self, block: usize, allowed: Option<&Bitmap>) -> u64 {
        admitted(block, self.items, allowed)
    }

    /// Value `k` of item `item`.
    pub(crate) fn value(&self, item: usize, k: usize) -> f32 {
        self.vectors[(item / 16 * self.d + k) * 16 + item % 16]
    }

    /// One item's score, the same to the bit as among [`Self::scores`].
    pub(crate) fn score(&self, query: &[f32], item: usize) -> f32 {
        let group = &self.vectors[item / 16 * 16 * self.d..(item / 16 + 1) * 16 * self.d];
        row_score(group, item % 16, self.bias[item], &query[..self.d])
    }

    fn blocks(&self) -> impl Iterator<Item = (&[f32], &[f32; BLOCK])> {
        self.vectors.chunks_exact(BLOCK * self.d).zip(self.bias.as_chunks::<BLOCK>().0)
    }

    /// Every item's score into `out`, `[items]`.
    pub(crate) fn scores(&self, query: &[f32], out: &mut Vec<f32>) {
        out.resize(self.bias.len(), 0.0);
        for ((table, bias), out) in self.blocks().zip(out.as_chunks_mut::<BLOCK>().0) {
            scores_block(out, bias, table, &query[..self.d]);
        }
        out.truncate(self.items);
    }

    /// Fills `out` with a row of scores for each of `queries` `[n, d]`, each the same to the bit as [`Self::scores`].
    pub(crate) fn scores_of_many(&self, queries: &[f32], out: &mut ScoreBlock) {
        out.resize(queries.len() / self.d.max(1), self.items);
        let (values, stride) = out.padded_mut();
        item_scores(queries, self.d, &self.vectors, &self.bias, values, stride);
    }

    /// The best k and `ln(sum of exp(score))` over all items.
    pub(super) fn scan(
        &self,
        query: &[f32],
        k: usize,
        allowed: Option<&Bitmap>,
        buffer: &mut Vec<(f32, u32)>,
    ) -> (Vec<(ItemIx, f32)>, f32) {
        let mut best = Best::new(k, buffer);
        let mut scores = [0.0f32; BLOCK];
        let (mut shift, mut sum) = (f32::MIN, 0.0f64);
        for (block, (table, bias)) in self.blocks().enumerate() {
            scores_block(&mut scores, bias, table, &query[..self.d]);
            let mask = above(&scores, best.threshold) & self.admitted(block, allowed);
            if mask != 0 {
                best.offer(block, &scores, mask);
            }
            let (max, part) = partition_block(&scores, shift);
            if max > shift {
                sum *= f64::from(shift - max).exp();
                shift = max;
            }
            sum += f64::from(part);
        }
        let log_partition = if self.items == 0 { 0.0 } else { (f64::from(shift) + sum.ln()) as f32 };
        (best.finish(), log_partition)
    }
}
