//! Trending items (recipe `aws-trending-now`): the same list for everybody.
//!
//! An item scores by how much more often it was taken in the newest interval than in the one before
//! ([`TimeDecayedPopularity::rising`]); items that do not rise follow by popularity.

use super::fixed_scores::{FixedKind, FixedScores};
use crate::models::popularity::below_zero;
use crate::models::time_decayed_popularity::TimeDecayedPopularity;

/// The stored form of [`TrendingModel`].
#[derive(Debug, Clone, PartialEq)]
pub struct Trending;

impl FixedKind for Trending {
    const KIND: &'static str = "trending/1";
    const TENSOR: &'static str = "scores";
}

/// `[items]`: rise above 0, or popularity in `-1..0`.
pub type TrendingModel = FixedScores<Trending>;

impl TrendingModel {
    /// Judges at `now_s`, with `popularity` `[items]` as the order of what does not rise.
    pub fn new(counts: &TimeDecayedPopularity, now_s: i64, interval_s: i64, popularity: &[f32]) -> Self {
        let mut scores = vec![0.0; popularity.len()];
        counts.rising(now_s, interval_s, &mut scores);
        for (score, popular) in scores.iter_mut().zip(below_zero(popularity)) {
            if *score == 0.0 {
                *score = popular;
            }
        }
        Self::of_scores(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Tensors;
    use crate::{Scorer, ScoringContext, Scratch};

    #[test]
    fn rising_items_first_then_popular_ones() {
        // Item 0 is popular of old, 1 rises, 2 falls.
        let mut item = vec![0; 20];
        let mut time = vec![0; 20];
        item.extend([2, 2, 2, 1, 1, 1, 1, 2]);
        time.extend([6500, 6500, 6500, 10_500, 10_500, 10_500, 10_600, 10_600]);
        let counts = TimeDecayedPopularity::new(&item, &time, 4);
        let model = TrendingModel::new(&counts, 10_800, 3600, &[20.0, 4.0, 4.0, 0.0]);
        let ranked = model.top_k(&model.start(), &ScoringContext::default(), 4, None, &mut Scratch::default());
        assert_eq!(ranked.items.iter().map(|(item, _)| item.0).collect::<Vec<_>>(), [1, 0, 2, 3]);
        let quiet = TrendingModel::new(&counts, 99_999_999, 3600, &[20.0, 4.0, 5.0, 0.0]);
        let ranked = quiet.top_k(&quiet.start(), &ScoringContext::default(), 2, None, &mut Scratch::default());
        assert_eq!(ranked.items.iter().map(|(item, _)| item.0).collect::<Vec<_>>(), [0, 2]);
        let tensors = Tensors::from_safetensors(&model.to_tensors().to_safetensors().unwrap()).unwrap();
        assert_eq!(TrendingModel::from_tensors(&tensors).unwrap(), model);
    }
}
