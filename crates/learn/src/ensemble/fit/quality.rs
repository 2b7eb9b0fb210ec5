//! The quality of weights on held-out points, of each of which only candidates are looked at.

use crate::kernels::count_at_least;
use rayon::prelude::*;
use std::borrow::Borrow;

/// A point's candidates.
pub(super) struct Case {
    /// `[candidates]`
    pub(super) items: Vec<u32>,
    /// `[signals][candidates]`, standardized.
    pub(super) scores: Vec<Vec<f32>>,
    /// The candidates that were taken come first, the others after them by the sum of their scores: most ranks are then beyond those
    /// that count after a few comparisons.
    pub(super) taken: usize,
    /// Items taken, candidates or not.
    pub(super) relevant: usize,
    pub(super) history: usize,
    /// Cases of one user have one number.
    pub(super) user: usize,
    /// [`EvaluationPoint::weight`].
    pub(super) weight: f64,
}

pub(super) fn blended(case: &Case, weights: &[f32]) -> Vec<f32> {
    let mut total = vec![0.0f32; case.scores.first().map_or(0, Vec::len)];
    for (scores, &weight) in case.scores.iter().zip(weights).filter(|(_, w)| **w != 0.0) {
        total.iter_mut().zip(scores).for_each(|(t, s)| *t += weight * s);
    }
    total
}

/// Ranks from here on count nothing.
pub(super) const RANKS: usize = 25;

/// The mean of NDCG@10 and the reciprocal rank within 25; equal scores rank behind.
pub(super) fn case_quality(case: &Case, scores: &[f32]) -> f64 {
    let (taken, others) = scores.split_at(case.taken);
    let rank = |at: usize| {
        let x = taken[at];
        let ahead = taken.iter().filter(|&&s| s > x).count() + taken[..at].iter().filter(|&&s| s == x).count();
        ahead + count_at_least(others, x, RANKS)
    };
    let mut ranks: Vec<usize> = (0..case.taken).map(rank).filter(|&rank| rank < RANKS).collect();
    ranks.sort_unstable();
    ranks_quality(&ranks, case.relevant)
}

/// The mean of NDCG@10 and the reciprocal rank within 25 where items taken, of `relevant`, are at `ranks`, counted from 0, ascending.
pub(super) fn ranks_quality(ranks: &[usize], relevant: usize) -> f64 {
    let gain = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
    // Not a sum: that of nothing is the negative zero.
    let found = ranks.iter().filter(|&&rank| rank < 10).fold(0.0, |sum, &rank| sum + gain(rank));
    let ideal = (0..relevant.min(10)).fold(0.0, |sum, rank| sum + gain(rank));
    let first = ranks.first().filter(|&&rank| rank < RANKS).map_or(0.0, |&rank| 1.0 / (rank as f64 + 1.0));
    0.5 * found / f64::max(ideal, 1.0) + 0.5 * first
}

/// Of `(value, weight)`.
pub(super) fn mean(values: impl IndexedParallelIterator<Item = (f64, f64)>) -> f64 {
    let values: Vec<(f64, f64)> = values.collect();
    let of_all: f64 = values.iter().map(|(_, weight)| weight).sum();
    // Not a sum: that of nothing is the negative zero.
    values.iter().fold(0.0, |sum, (value, weight)| sum + value * weight) / if of_all > 0.0 { of_all } else { 1.0 }
}

pub(super) fn quality(cases: &[impl Borrow<Case> + Sync], weights: &[f32]) -> f64 {
    mean(
        cases
            .par_iter()
            .map(Borrow::borrow)
            .map(|case: &Case| (case_quality(case, &blended(case, weights)), case.weight)),
    )
}
