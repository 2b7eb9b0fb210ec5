//! The exact scan for the best k of all items, with the softmax's normalizer on the way.
//!
//! Large tables are scanned by bounds from one byte per value (`quantized`), which is a quarter of the memory traffic; the
//! best k are the same.
//!
//! Scores arrive in blocks. A block is compared with the current k-th best score as one mask; the
//! rare survivors that are allowed are pushed into a buffer of `8 k` entries, and a full buffer is cut back
//! to the best k. An allowed set costs one word per block.

mod blocks;
mod packed;
mod quantized;

use blocks::{BLOCK, Best, PAD_SCORE, above, admitted, partition_block};
pub(crate) use packed::PackedVectors;
use quantized::Quantized;

pub(crate) use quantized::Bounded;

use tastemaker_data::{Bitmap, ItemIx};

/// Bytes of `f32` vectors from which on a table is scanned by bounds: what no longer stays in a core's share of the cache.
const QUANTIZED_BYTES_MIN: usize = 16 << 20;

/// The buffers of a scan.
#[derive(Debug, Default, Clone)]
pub(crate) struct Buffers {
    /// Also of [`top_k`].
    pub(crate) scored: Vec<(f32, u32)>,
    bounded: Vec<Bounded>,
}

/// Item vectors packed for the scan, `[blocks, d, 16]`, with a bias each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    pub(crate) packed: PackedVectors,
    /// Of large tables.
    quantized: Option<Quantized>,
}

impl Table {
    /// `vectors` `[bias.len(), d]` row-major.
    pub(crate) fn pack(vectors: &[f32], bias: &[f32], d: usize) -> Self {
        let packed = PackedVectors::pack(vectors, bias, d);
        let large = size_of_val(vectors) >= QUANTIZED_BYTES_MIN;
        let quantized = large.then(|| Quantized::of(&packed));
        Self { packed, quantized }
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
            Some(quantized) => quantized.top_k(&self.packed, query, k, allowed, &mut buffers.bounded),
            None => self.packed.scan(query, k, allowed, &mut buffers.scored),
        }
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

#[cfg(test)]
mod tests {
    use super::blocks::better;
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
            table.packed.scores(&query, &mut scores);
            for item in 0..items {
                prop_assert_eq!(table.packed.score(&query, item), scores[item]);
                let expected: f32 = bias[item] + (0..d).map(|j| vectors[item * d + j] * query[j]).sum::<f32>();
                prop_assert!((scores[item] - expected).abs() < 1e-4);
                prop_assert!(scores[item].is_finite());
            }
            let allowed = Bitmap::from_fn(items, |item| item.0 % 3 != 1);
            let (found, log_partition) = table.top_k(&query, k, Some(&allowed), &mut Buffers::default());
            prop_assert_eq!(found, naive(&scores, k, &allowed));
            let expected = scores.iter().map(|&score| f64::from(score).exp()).sum::<f64>().ln();
            prop_assert!((f64::from(log_partition) - expected).abs() < 1e-4);
            prop_assert!((f64::from(super::log_partition(&scores)) - expected).abs() < 1e-4);
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
