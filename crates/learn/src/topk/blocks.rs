//! Scores in blocks: which are admitted, which may be among the best, and what they add to the softmax's normalizer.

use crate::kernels::{Level, dispatch, exp};
use std::cmp::Ordering;
use tastemaker_data::{Bitmap, ItemIx};

/// Items that one block scores.
pub(super) const BLOCK: usize = 64;

/// The score of the rows that only pad a table's last block: below every real one, and far from overflow.
pub(super) const PAD_SCORE: f32 = -1e30;

/// Which items of a block may be offered: those of `0..items` that are allowed.
pub(super) fn admitted(block: usize, items: usize, allowed: Option<&Bitmap>) -> u64 {
    let real = match items.saturating_sub(block * BLOCK) {
        0 => 0,
        rest @ 1..BLOCK => u64::MAX >> (BLOCK - rest),
        _ => u64::MAX,
    };
    real & allowed.map_or(u64::MAX, |allowed| allowed.word(block))
}

/// Collects the best k of a stream of `(item, score)` in ascending item order.
pub(super) struct Best<'a> {
    k: usize,
    pub(super) threshold: f32,
    buffer: &'a mut Vec<(f32, u32)>,
}

/// Higher scores first; equal scores in ascending item order.
pub(super) fn better(a: &(f32, u32), b: &(f32, u32)) -> Ordering {
    b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
}

impl<'a> Best<'a> {
    pub(super) fn new(k: usize, buffer: &'a mut Vec<(f32, u32)>) -> Self {
        buffer.clear();
        let threshold = if k == 0 { f32::INFINITY } else { f32::NEG_INFINITY };
        Self { k, threshold, buffer }
    }

    /// Takes the scores of a block's items whose bits are set in `mask`. A score equal to the threshold
    /// loses: the k already held have smaller indices.
    pub(super) fn offer(&mut self, block: usize, scores: &[f32; BLOCK], mut mask: u64) {
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

    pub(super) fn finish(mut self) -> Vec<(ItemIx, f32)> {
        self.cut();
        self.buffer.sort_unstable_by(better);
        self.buffer.iter().map(|&(score, item)| (ItemIx(item), score)).collect()
    }
}

dispatch! {
    /// Which of 64 scores exceed the threshold.
    pub(super) fn above<L>(scores: &[f32; BLOCK], threshold: f32) -> u64 {
        above_block(scores, threshold)
    }
}

/// [`above`], for other kernels.
#[inline(always)]
pub(super) fn above_block(scores: &[f32; BLOCK], threshold: f32) -> u64 {
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
    pub(super) fn partition_block<L>(scores: &[f32; BLOCK], shift: f32) -> (f32, f32) {
        partition::<L>(scores, shift)
    }
}

/// [`partition_block`], for other kernels.
#[inline(always)]
pub(super) fn partition<L: Level>(scores: &[f32; BLOCK], shift: f32) -> (f32, f32) {
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
pub(super) fn largest(scores: &[f32; BLOCK]) -> f32 {
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
