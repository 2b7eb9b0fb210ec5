//! Sums and means that are never the negative zero.

/// The mean of `values`, 0 of none.
pub(crate) fn mean(values: &[f64]) -> f64 {
    sum(values.iter().copied()) / values.len().max(1) as f64
}

/// The sum of `values`. That of none is 0, where [`Iterator::sum`] gives the negative zero, which JSON shows as `-0.0`.
pub(crate) fn sum(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |sum, value| sum + value)
}
