//! The logarithmic discount of a position in a list.

/// Sum of `1 / log2(1 + rank)` over ranks counted from 1. The base of the logarithm cancels in every ratio.
pub(super) fn gain(ranks: impl Iterator<Item = usize>) -> f64 {
    crate::means::sum(ranks.map(|rank| 1.0 / ((1 + rank) as f64).log2()))
}
