//! The scan over item vectors of one byte per value: an upper and a lower bound for every score, and exact scores for the
//! few items that the bounds leave.
//!
//! Row r is stored as `code = round(w / scale)` with `scale = max |w| / 127`, and the query as 16-bit numbers
//! `round(query / unit)`. With `length` the sum of `|query|`
//!
//! ```text
//! |query . w - scale * unit * (query16 . code)| <= scale * (length / 2 + 127 * d * unit / 2)
//! ```
//!
//! The k-th largest lower bound is below the k-th best score. Whatever has its upper bound below it cannot be among the best
//! k; the rest is scored from the `f32` vectors. Hence the result is the exact one, and for real vectors about twice k rows
//! are scored anew. The bounds widen by what rounding may add.

use super::blocks::{BLOCK, above_block, better, largest, partition};
use super::packed::PackedVectors;
use crate::kernels::{Aligned, dispatch, dots_block};
use tastemaker_data::{Bitmap, ItemIx};

/// Vectors of one byte per value beside [`PackedVectors`], in their order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantized {
    /// `[blocks of 64 items, pairs of dimensions, 64, 2]`; a last odd dimension is paired with zeros.
    codes: Aligned<i8>,
    /// One per item; 0 for those that only pad the last block.
    scales: Vec<f32>,
}

/// An item whose score is between two bounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounded {
    upper: f32,
    lower: f32,
    item: u32,
}

/// A query as whole numbers.
struct Query {
    pairs: Vec<[i16; 2]>,
    unit: f32,
    /// The bound on the difference between an item's score and that of the whole numbers, over the item's scale.
    half: f32,
}

impl Query {
    fn of(query: &[f32]) -> Self {
        let (length, max) = query.iter().fold((0.0f32, 0.0f32), |(sum, max), q| (sum + q.abs(), max.max(q.abs())));
        // The products' sum stays within 31 bits however many dimensions there are.
        let unit = (max / 32_767.0).max(length / (1 << 23) as f32).max(f32::MIN_POSITIVE);
        let code = |q: Option<&f32>| q.map_or(0, |q| (q / unit).round() as i16);
        let pairs = query.chunks(2).map(|pair| [code(pair.first()), code(pair.get(1))]).collect();
        // Half a step for each value of the item and of the query, and what the roundings of the codes and of the sums add.
        let d = query.len() as f32;
        let half = length * (0.5 + 127.0 * 4.0 * (d + 2.0) * f32::EPSILON) + 127.0 * 0.5 * d * unit;
        Self { pairs, unit, half }
    }
}

/// The scores of 64 items as the scan knows them: as whole numbers make them, and at most.
struct Bounds {
    middle: [f32; BLOCK],
    upper: [f32; BLOCK],
    /// The items whose upper bound exceeds the threshold.
    above: u64,
    /// The greatest score so far.
    max: f32,
    /// The sum of the exponentials of the scores with `max` subtracted.
    sum: f32,
}

dispatch! {
    /// Fills `into` with the scores of 64 items up to `scale * half` and the greatest that they can be. `max` is the greatest score
    /// before.
    fn bounds_block<L>(
        into: &mut Bounds,
        dots: &[i32; 64],
        bias: &[f32; 64],
        scales: &[f32; 64],
        unit: f32,
        half: f32,
        threshold: f32,
    ) {
        let Bounds { middle, upper, .. } = into;
        for j in 0..64 {
            let score = L::fma(scales[j] * unit, dots[j] as f32, bias[j]);
            middle[j] = score;
            let rounding = 4.0 * f32::EPSILON * (score.abs() + bias[j].abs());
            upper[j] = score + L::fma(scales[j], half, rounding);
        }
        // Rarely is there any.
        into.above = if largest(upper) > threshold { above_block(upper, threshold) } else { 0 };
        (into.max, into.sum) = partition::<L>(middle, into.max);
    }
}

impl Quantized {
    pub(super) fn of(table: &PackedVectors) -> Self {
        let d = table.d;
        let mut codes = Aligned::zeros(table.bias.len() * d.next_multiple_of(2));
        let mut scales = vec![0.0f32; table.bias.len()];
        let groups = table.vectors.chunks_exact(16 * d.max(1)).zip(scales.as_chunks_mut::<16>().0);
        for (group, (vectors, scales)) in groups.enumerate() {
            for row in vectors.as_chunks::<16>().0 {
                scales.iter_mut().zip(row).for_each(|(scale, w)| *scale = scale.max(w.abs()));
            }
            scales.iter_mut().for_each(|scale| *scale /= 127.0);
            let block = &mut codes[group / 4 * BLOCK * d.next_multiple_of(2)..];
            for (k, row) in vectors.as_chunks::<16>().0.iter().enumerate() {
                for (lane, (w, scale)) in row.iter().zip(&*scales).enumerate() {
                    // Not a number where the whole row is zero, which becomes code 0.
                    block[(k / 2 * BLOCK + group % 4 * 16 + lane) * 2 + k % 2] = (w / scale).round() as i8;
                }
            }
        }
        Self { codes, scales }
    }

    /// As [`PackedVectors::scan`], with a normalizer that is off by less than a thousandth.
    pub(super) fn top_k(
        &self,
        table: &PackedVectors,
        query: &[f32],
        k: usize,
        allowed: Option<&Bitmap>,
        buffer: &mut Vec<Bounded>,
    ) -> (Vec<(ItemIx, f32)>, f32) {
        let query = &query[..table.d];
        let Query { pairs, unit, half } = Query::of(query);
        let mut best = Survivors::new(k, buffer);
        let mut bounds = Bounds { middle: [0.0; BLOCK], upper: [0.0; BLOCK], above: 0, max: f32::MIN, sum: 0.0 };
        let (mut dots, mut sum) = ([0; BLOCK], 0.0f64);
        let scales = self.scales.as_chunks::<BLOCK>().0;
        let biases = table.bias.as_chunks::<BLOCK>().0;
        let codes = self.codes.chunks_exact((2 * BLOCK * pairs.len()).max(1));
        for (block, ((bias, scales), codes)) in biases.iter().zip(scales).zip(codes).enumerate() {
            dots_block(&mut dots, codes, &pairs);
            let shift = bounds.max;
            bounds_block(&mut bounds, &dots, bias, scales, unit, half, best.threshold.next_down());
            let mask = bounds.above & table.admitted(block, allowed);
            if mask != 0 {
                best.offer(block, &bounds.middle, &bounds.upper, mask);
            }
            if bounds.max > shift {
                sum *= f64::from(shift - bounds.max).exp();
            }
            sum += f64::from(bounds.sum);
        }
        let shift = bounds.max;
        let mut exact: Vec<(f32, u32)> = Vec::with_capacity(best.buffer.len());
        best.cut();
        for bounded in &*best.buffer {
            let score = table.score(query, bounded.item as usize);
            let middle = f64::midpoint(bounded.upper.into(), bounded.lower.into());
            sum += f64::from(score - shift).exp() - (middle - f64::from(shift)).exp();
            exact.push((score, bounded.item));
        }
        exact.sort_unstable_by(better);
        exact.truncate(k);
        let log_partition =
            if table.items == 0 { 0.0 } else { (f64::from(shift) + sum.max(f64::MIN_POSITIVE).ln()) as f32 };
        (exact.into_iter().map(|(score, item)| (ItemIx(item), score)).collect(), log_partition)
    }
}

/// The items that may still be among the best k.
struct Survivors<'a> {
    k: usize,
    /// The k-th largest lower bound so far.
    threshold: f32,
    /// The length at which the buffer is cut.
    full: usize,
    buffer: &'a mut Vec<Bounded>,
}

impl<'a> Survivors<'a> {
    fn new(k: usize, buffer: &'a mut Vec<Bounded>) -> Self {
        buffer.clear();
        let threshold = if k == 0 { f32::INFINITY } else { f32::NEG_INFINITY };
        Self { k, threshold, full: k.saturating_mul(8).max(4 * BLOCK), buffer }
    }

    fn offer(&mut self, block: usize, middle: &[f32; BLOCK], upper: &[f32; BLOCK], mut mask: u64) {
        while mask != 0 {
            let lane = mask.trailing_zeros() as usize;
            mask &= mask - 1;
            if upper[lane] >= self.threshold {
                let lower = 2.0 * middle[lane] - upper[lane];
                self.buffer.push(Bounded { upper: upper[lane], lower, item: (block * BLOCK + lane) as u32 });
                if self.buffer.len() >= self.full {
                    self.cut();
                }
            }
        }
    }

    fn cut(&mut self) {
        if self.buffer.len() <= self.k || self.k == 0 {
            return;
        }
        let by_lower = |a: &Bounded, b: &Bounded| b.lower.total_cmp(&a.lower);
        self.threshold = self.buffer.select_nth_unstable_by(self.k - 1, by_lower).1.lower;
        self.buffer.retain(|bounded| bounded.upper >= self.threshold);
        // Where scores lie closer together than their bounds the buffer must grow, and cutting stay rare.
        self.full = self.full.max(self.buffer.len().saturating_mul(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(items: usize, d: usize, seed: u32, spread: f32) -> (PackedVectors, Vec<f32>) {
        let wave = |i: usize, f: f32| ((i as f32 + seed as f32 % 1000.0) * f).sin() * spread;
        let vectors: Vec<f32> = (0..items * d).map(|i| wave(i, 0.37)).collect();
        let bias: Vec<f32> = (0..items).map(|i| wave(i, 1.7)).collect();
        (PackedVectors::pack(&vectors, &bias, d), (0..d).map(|i| wave(i, 0.91) / spread).collect())
    }

    proptest! {
        // Small spreads bring ties and rows of zeros.
        #[test]
        fn equals_the_scan_of_whole_numbers(
            items in 0usize..1500, d in 1usize..40, k in 0usize..60, seed in any::<u32>(), power in -40i32..6, modulus in 1u32..5,
        ) {
            let (table, query) = table(items, d, seed, 2f32.powi(power));
            let quantized = Quantized::of(&table);
            let allowed = Bitmap::from_fn(items, |item| item.0 % 5 < modulus);
            for allowed in [None, Some(&allowed)] {
                let (expected, log_partition) = table.scan(&query, k, allowed, &mut Vec::new());
                let (found, approximate) = quantized.top_k(&table, &query, k, allowed, &mut Vec::new());
                prop_assert_eq!(found, expected);
                prop_assert!((approximate - log_partition).abs() <= 0.02 * log_partition.abs().max(1.0), "{} {}", approximate, log_partition);
            }
        }
    }

    #[test]
    fn ties_beyond_any_buffer_are_still_told_apart_by_index() {
        let table = PackedVectors::pack(&vec![0.5; 5000 * 4], &vec![1.0; 5000], 4);
        let (found, _) = Quantized::of(&table).top_k(&table, &[1.0, -0.3, 0.2, 0.9], 10, None, &mut Vec::new());
        assert_eq!(found.iter().map(|(item, _)| item.0).collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn few_rows_are_scored_anew() {
        let random = |i: usize| {
            (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
        };
        let value = |i: usize| (random(i) >> 40) as f32 / (1u64 << 23) as f32 - 1.0;
        let vectors: Vec<f32> = (0..20_000 * 64).map(value).collect();
        let query: Vec<f32> = (0..64).map(|k| value(k + vectors.len())).collect();
        let table = PackedVectors::pack(&vectors, &vec![0.0; 20_000], 64);
        let mut buffer = Vec::new();
        Quantized::of(&table).top_k(&table, &query, 25, None, &mut buffer);
        assert!((25..200).contains(&buffer.len()), "{} rows", buffer.len());
    }
}
