//! The exact scan for the best k of all items, with the softmax's normalizer on the way.
//!
//! Large tables are scanned by bounds from one byte per value (`quantized`), which is a quarter of the memory traffic; the
//! best k are the same.
//!
//! Scores arrive in blocks. A block is compared with the current k-th best score as one mask; the
//! rare survivors that are allowed are pushed into a buffer of `8 k` entries, and a full buffer is cut back
//! to the best k. An allowed set costs one word per block.

mod quantized;

use crate::kernels::{Level, dispatch, exp, row_score, scores_block};
use quantized::Quantized;

pub(crate) use quantized::Bounded;

use std::cmp::Ordering;
use tastemaker_data::{Bitmap, ItemIx};

/// How many items one block of a [`Table`] scores.
pub(crate) const BLOCK: usize = 64;

/// The score of the rows that only pad a table's last block: below every real one, and far from overflow.
const PAD_SCORE: f32 = -1e30;

/// Bytes of `f32` vectors from which on a table is scanned by bounds: what no longer stays in a core's share of the cache.
const QUANTIZED_BYTES_MIN: usize = 16 << 20;

/// The buffers of a scan.
#[derive(Debug, Default, Clone)]
pub(crate) struct Buffers {
    /// Also of [`top_k`].
    pub(crate) scored: Vec<(f32, u32)>,
    bounded: Vec<Bounded>,
}

/// Which items of a block may be offered: those of `0..items` that are allowed.
fn admitted(block: usize, items: usize, allowed: Option<&Bitmap>) -> u64 {
    let real = match items.saturating_sub(block * BLOCK) {
        0 => 0,
        rest @ 1..BLOCK => u64::MAX >> (BLOCK - rest),
        _ => u64::MAX,
    };
    real & allowed.map_or(u64::MAX, |allowed| allowed.word(block))
}

/// Collects the best k of a stream of `(item, score)` in ascending item order.
struct Best<'a> {
    k: usize,
    threshold: f32,
    buffer: &'a mut Vec<(f32, u32)>,
}

/// Higher scores first; equal scores in ascending item order.
fn better(a: &(f32, u32), b: &(f32, u32)) -> Ordering {
    b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
}

impl<'a> Best<'a> {
    fn new(k: usize, buffer: &'a mut Vec<(f32, u32)>) -> Self {
        buffer.clear();
        let threshold = if k == 0 { f32::INFINITY } else { f32::NEG_INFINITY };
        Self { k, threshold, buffer }
    }

    /// Takes the scores of a block's items whose bits are set in `mask`. A score equal to the threshold
    /// loses: the k already held have smaller indices.
    fn offer(&mut self, block: usize, scores: &[f32; BLOCK], mut mask: u64) {
        let first = (block * BLOCK) as u32;
        while mask != 0 {
            let lane = mask.trailing_zeros();
            mask &= mask - 1;
            let (item, score) = (first + lane, scores[lane as usize]);
            if score > self.threshold {
                self.buffer.push((score, item));
                if self.buffer.len() >= self.k.saturating_mul(8).max(BLOCK) {
                    self.cut();
                }
            }
        }
    }

    fn cut(&mut self) {
        if self.buffer.len() > self.k {
            self.buffer.select_nth_unstable_by(self.k - 1, better);
            self.buffer.truncate(self.k);
            self.threshold = self.buffer[self.k - 1].0;
        }
    }

    fn finish(mut self) -> Vec<(ItemIx, f32)> {
        self.cut();
        self.buffer.sort_unstable_by(better);
        self.buffer.iter().map(|&(score, item)| (ItemIx(item), score)).collect()
    }
}

dispatch! {
    /// Which of 64 scores exceed the threshold.
    fn above<L>(scores: &[f32; BLOCK], threshold: f32) -> u64 {
        above_block(scores, threshold)
    }
}

/// [`above`], for other kernels.
#[inline(always)]
fn above_block(scores: &[f32; BLOCK], threshold: f32) -> u64 {
    let mut mask = 0;
    for (part, block) in scores.as_chunks::<16>().0.iter().enumerate() {
        let mut bits = 0u32;
        for (lane, &score) in block.iter().enumerate() {
            bits |= u32::from(score > threshold) << lane;
        }
        mask |= u64::from(bits) << (16 * part);
    }
    mask
}

dispatch! {
    /// The largest of 64 scores and, with that or `shift` subtracted, the sum of their exponentials.
    fn partition_block<L>(scores: &[f32; BLOCK], shift: f32) -> (f32, f32) {
        partition::<L>(scores, shift)
    }
}

/// [`partition_block`], for other kernels.
#[inline(always)]
fn partition<L: Level>(scores: &[f32; BLOCK], shift: f32) -> (f32, f32) {
    let max = largest(scores).max(shift);
    let mut sums = [0.0f32; 16];
    for block in scores.as_chunks::<16>().0 {
        for j in 0..16 {
            sums[j] += exp::<L>(block[j] - max);
        }
    }
    (max, halved(sums, |a, b| a + b))
}

/// The largest of 64 scores.
#[inline(always)]
fn largest(scores: &[f32; BLOCK]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let mut maxima = [f32::MIN; 16];
    for block in scores.as_chunks::<16>().0 {
        for j in 0..16 {
            maxima[j] = larger(maxima[j], block[j]);
        }
    }
    halved(maxima, larger)
}

/// All lanes joined, half of them with the other half at a time: sixteen in a row would wait for one another.
#[inline(always)]
fn halved(mut lanes: [f32; 16], join: impl Fn(f32, f32) -> f32) -> f32 {
    for j in 0..8 {
        lanes[j] = join(lanes[j], lanes[j + 8]);
    }
    for j in 0..4 {
        lanes[j] = join(lanes[j], lanes[j + 4]);
    }
    join(join(lanes[0], lanes[2]), join(lanes[1], lanes[3]))
}

/// Item vectors packed for the scan, `[blocks, d, 16]`, with a bias each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    items: usize,
    d: usize,
    vectors: crate::kernels::Aligned,
    bias: Vec<f32>,
    /// Of large tables.
    quantized: Option<Quantized>,
}

impl Table {
    /// `vectors` `[bias.len(), d]` row-major.
    pub(crate) fn pack(vectors: &[f32], bias: &[f32], d: usize) -> Self {
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
        let mut table = Self { items, d, vectors: packed, bias: padded_bias, quantized: None };
        if size_of_val(vectors) >= QUANTIZED_BYTES_MIN {
            table.quantized = Some(Quantized::of(&table));
        }
        table
    }

    fn admitted(&self, block: usize, allowed: Option<&Bitmap>) -> u64 {
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

    /// The best k and `ln(sum of exp(score))` over all items; the latter is off by less than a thousandth for large tables.
    pub(crate) fn top_k(
        &self,
        query: &[f32],
        k: usize,
        allowed: Option<&Bitmap>,
        buffers: &mut Buffers,
    ) -> (Vec<(ItemIx, f32)>, f32) {
        match &self.quantized {
            Some(quantized) => quantized.top_k(self, query, k, allowed, &mut buffers.bounded),
            None => self.scan(query, k, allowed, &mut buffers.scored),
        }
    }

    fn scan(
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

/// The best `k` of `scores` (`[items]`, finite) whose bit in `allowed` is set (`None`: of all): best first,
/// equal scores in ascending item order. Cost O(items) plus a small multiple of k.
pub fn top_k(scores: &[f32], k: usize, allowed: Option<&Bitmap>, buffer: &mut Vec<(f32, u32)>) -> Vec<(ItemIx, f32)> {
    let mut best = Best::new(k, buffer);
    let (blocks, tail) = scores.as_chunks::<BLOCK>();
    let mut last = [f32::NEG_INFINITY; BLOCK];
    last[..tail.len()].copy_from_slice(tail);
    for (block, scores) in blocks.iter().chain([&last]).enumerate() {
        let mask = above(scores, best.threshold);
        if mask != 0 {
            let admitted = admitted(block, blocks.len() * BLOCK + tail.len(), allowed);
            best.offer(block, scores, mask & admitted);
        }
    }
    best.finish()
}

/// `ln(sum of exp(score))` of finite scores, by the vector kernels; zero for none.
pub fn log_partition(scores: &[f32]) -> f32 {
    let (blocks, tail) = scores.as_chunks::<BLOCK>();
    let mut last = [PAD_SCORE; BLOCK];
    last[..tail.len()].copy_from_slice(tail);
    let (mut shift, mut sum) = (f32::MIN, 0.0f64);
    for block in blocks.iter().chain([&last]) {
        let (max, part) = partition_block(block, shift);
        if max > shift {
            sum *= f64::from(shift - max).exp();
            shift = max;
        }
        sum += f64::from(part);
    }
    if scores.is_empty() { 0.0 } else { (f64::from(shift) + sum.ln()) as f32 }
}

/// `ln(sum of exp(score))`, computed without overflow; negative infinity for no scores.
pub fn log_sum_exp(scores: &[f32]) -> f32 {
    let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if max == f32::NEG_INFINITY {
        return max;
    }
    let sum: f64 = scores.iter().map(|&x| f64::from(x - max).exp()).sum();
    (f64::from(max) + sum.ln()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(scores: &[f32], k: usize, allowed: &Bitmap) -> Vec<(ItemIx, f32)> {
        let mut all: Vec<(f32, u32)> =
            scores.iter().copied().zip(0..).filter(|&(_, i)| allowed.get(ItemIx(i))).collect();
        all.sort_by(better);
        all.into_iter().take(k).map(|(s, i)| (ItemIx(i), s)).collect()
    }

    proptest! {
        // Few distinct values, so that ties are common.
        #[test]
        fn equals_a_sort(scores in proptest::collection::vec((-20i8..20).prop_map(f32::from), 0..700), k in 0usize..90, modulus in 1u32..5) {
            let allowed = Bitmap::from_fn(scores.len(), |item| item.0 % 5 < modulus);
            let found = top_k(&scores, k, Some(&allowed), &mut Vec::new());
            prop_assert_eq!(found, naive(&scores, k, &allowed));
            let found = top_k(&scores, k, None, &mut Vec::new());
            prop_assert_eq!(found, naive(&scores, k, &Bitmap::full(scores.len())));
        }

        #[test]
        fn table_equals_a_sort_of_its_scores(items in 1usize..300, d in 1usize..40, k in 0usize..40, seed in any::<u32>()) {
            let wave = |i: usize, f: f32| ((i as f32 + seed as f32 % 1000.0) * f).sin();
            let vectors: Vec<f32> = (0..items * d).map(|i| wave(i, 0.37)).collect();
            let bias: Vec<f32> = (0..items).map(|i| wave(i, 1.7)).collect();
            let query: Vec<f32> = (0..d).map(|i| wave(i, 0.91)).collect();
            let table = Table::pack(&vectors, &bias, d);
            let mut scores = Vec::new();
            table.scores(&query, &mut scores);
            for item in 0..items {
                prop_assert_eq!(table.score(&query, item), scores[item]);
                let expected: f32 = bias[item] + (0..d).map(|j| vectors[item * d + j] * query[j]).sum::<f32>();
                prop_assert!((scores[item] - expected).abs() < 1e-4);
                prop_assert!(scores[item].is_finite());
            }
            let allowed = Bitmap::from_fn(items, |item| item.0 % 3 != 1);
            let (found, log_partition) = table.top_k(&query, k, Some(&allowed), &mut Buffers::default());
            prop_assert_eq!(found, naive(&scores, k, &allowed));
            prop_assert!((log_partition - log_sum_exp(&scores)).abs() < 1e-4);
            prop_assert!((super::log_partition(&scores) - log_sum_exp(&scores)).abs() < 1e-4);
        }
    }

    #[test]
    fn nothing_allowed_and_k_beyond_the_items() {
        let scores: Vec<f32> = (0..100).map(|i| i as f32).collect();
        let best = |k: usize, allowed: Option<&Bitmap>| top_k(&scores, k, allowed, &mut Vec::new()).len();
        assert_eq!(best(10, Some(&Bitmap::new(100))), 0);
        assert_eq!((best(1000, None), best(usize::MAX, None)), (100, 100));
        assert_eq!(best(1000, Some(&Bitmap::full(70))), 70, "a short bitmap allows nothing beyond its end");
        assert!(top_k(&[], 5, None, &mut Vec::new()).is_empty());
    }
}
