//! The logarithmic discount of a position in a list.

/// Sum of `1 / log2(1 + place)` over places counted from 1. The base of the logarithm cancels in every ratio.
pub(super) fn gain(places: impl Iterator<Item = usize>) -> f64 {
    crate::means::sum(places.map(|place| 1.0 / ((1 + place) as f64).log2()))
}
