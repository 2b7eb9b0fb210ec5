//! The state of a network's training after an epoch as bytes: numbers first, then slices of `f32`, all little-endian.

use super::epoch::{EndedEpoch, EpochReport};
use crate::checkpoints::float_pieces;

/// The progress of a training, besides its parameters and moments.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Position {
    /// Updates so far.
    pub(super) step: u64,
    /// The lowest loss of an epoch.
    pub(super) lowest: f32,
    /// The number and the quality of the best epoch.
    pub(super) best: (usize, f64),
    /// Every epoch so far, in order.
    pub(super) history: Vec<EndedEpoch>,
}

impl Position {
    /// Before the first epoch.
    pub(super) fn start() -> Self {
        Self { step: 0, lowest: f32::INFINITY, best: (0, f64::NEG_INFINITY), history: Vec::new() }
    }

    /// Whether the parameters of the best epoch are the present ones.
    pub(super) fn is_best(&self) -> bool {
        self.best.0 == self.history.len()
    }

    /// The bytes of this position with `slices`, in pieces.
    pub(super) fn pieces<'a>(&self, slices: &'a [&mut [f32]]) -> impl Iterator<Item = Vec<u8>> + 'a {
        let mut words = vec![self.step, u64::from(self.lowest.to_bits())];
        words.extend([self.best.0 as u64, self.best.1.to_bits(), self.history.len() as u64]);
        for EndedEpoch { report, quality } in &self.history {
            let [loss, rate] = [report.loss, report.learning_rate].map(|value| u64::from(value.to_bits()));
            words.extend([loss, rate, u64::from(quality.is_some()), quality.unwrap_or(0.0).to_bits()]);
        }
        words.push(slices.len() as u64);
        words.extend(slices.iter().map(|slice| slice.len() as u64));
        let head = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        std::iter::once(head).chain(slices.iter().flat_map(|slice| float_pieces(slice)))
    }

    /// The position that [`Self::pieces`] wrote, and the bytes of its slices, which have the lengths that follow the numbers.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, Slices<'_>)> {
        let mut words = Words(bytes);
        let (step, lowest) = (words.next()?, words.float()?);
        let best = (usize::try_from(words.next()?).ok()?, f64::from_bits(words.next()?));
        let epochs = words.count(4)?;
        let mut history = Vec::with_capacity(epochs);
        for epoch in 1..=epochs {
            let (loss, learning_rate) = (words.float()?, words.float()?);
            let (has_quality, quality) = (words.next()? == 1, f64::from_bits(words.next()?));
            let quality = has_quality.then_some(quality);
            let ndcg_at_10 = quality.map(|quality| quality as f32);
            history.push(EndedEpoch { report: EpochReport { epoch, loss, ndcg_at_10, learning_rate }, quality });
        }
        let slices = words.count(1)?;
        let lengths = (0..slices).map(|_| usize::try_from(words.next()?).ok()).collect::<Option<Vec<usize>>>()?;
        let position = Self { step, lowest, best, history };
        (position.best.0 <= epochs).then_some((position, Slices { lengths, bytes: words.0 }))
    }
}

/// Slices of `f32` as bytes.
pub(super) struct Slices<'a> {
    lengths: Vec<usize>,
    bytes: &'a [u8],
}

impl Slices<'_> {
    /// Whether these are slices of these lengths, all of them there.
    pub(super) fn fit(&self, lengths: &[usize]) -> bool {
        let total = lengths.iter().try_fold(0usize, |sum, &length| sum.checked_add(length));
        self.lengths == lengths && total.and_then(|total| total.checked_mul(4)) == Some(self.bytes.len())
    }

    /// Fills the next slices.
    pub(super) fn fill(&mut self, slices: &mut [&mut [f32]]) {
        for slice in slices {
            let (own, rest) = self.bytes.split_at((4 * slice.len()).min(self.bytes.len()));
            let words = own.as_chunks::<4>().0;
            slice.iter_mut().zip(words).for_each(|(value, word)| *value = f32::from_le_bytes(*word));
            self.bytes = rest;
        }
    }
}

/// Numbers at the beginning of bytes.
struct Words<'a>(&'a [u8]);

impl Words<'_> {
    fn next(&mut self) -> Option<u64> {
        let (word, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*word))
    }

    fn float(&mut self) -> Option<f32> {
        u32::try_from(self.next()?).ok().map(f32::from_bits)
    }

    /// A number of things that take `words` numbers each, of which as many follow.
    fn count(&mut self, words: usize) -> Option<usize> {
        let count = usize::try_from(self.next()?).ok()?;
        (count <= self.0.len() / (8 * words)).then_some(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Vec<u8> {
        let report = |epoch, ndcg_at_10| EpochReport { epoch, loss: 1.5, ndcg_at_10, learning_rate: 0.25 };
        let history = vec![
            EndedEpoch { report: report(1, None), quality: None },
            EndedEpoch { report: report(2, Some(0.1f64 as f32)), quality: Some(0.1) },
        ];
        let position = Position { step: 7, lowest: 1.25, best: (1, 0.3), history };
        let (mut a, mut b) = ([1.0f32, f32::NAN], [2.0f32]);
        let bytes = position.pieces(&[&mut a[..], &mut b[..]]).flatten().collect::<Vec<u8>>();
        let (read, slices) = Position::read(&bytes).unwrap();
        assert_eq!((read, slices.lengths), (position, vec![2, 1]));
        bytes
    }

    #[test]
    fn a_position_is_read_as_it_was_written() {
        let bytes = sample();
        let (_, mut slices) = Position::read(&bytes).unwrap();
        assert!(slices.fit(&[2, 1]) && !slices.fit(&[1, 2]) && !slices.fit(&[2]));
        let (mut a, mut b) = ([0.0f32; 2], [0.0f32]);
        slices.fill(&mut [&mut a[..], &mut b[..]]);
        assert!(a[0] == 1.0 && a[1].is_nan() && b == [2.0]);
    }

    proptest! {
        #[test]
        fn damaged_bytes_are_none_or_do_not_fit(cut in 0usize..170, flip in 0usize..170, bit in 0u8..8) {
            let mut bytes = sample();
            let at = flip % bytes.len();
            bytes[at] ^= 1 << bit;
            let whole = bytes.len();
            bytes.truncate(cut);
            if let Some((_, slices)) = Position::read(&bytes) {
                prop_assert!(!slices.fit(&[2, 1]) || cut >= whole);
            }
        }
    }
}
