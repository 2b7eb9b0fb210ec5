//! Trending items (recipe `aws-trending-now`): the same list for everybody.
//!
//! An item scores by how much more often it was taken in the newest interval than in the one before
//! ([`TimeDecayedPopularity::rising`]); items that do not rise follow by popularity.

use crate::artifact::Tensors;
use crate::models::time_decayed_popularity::TimeDecayedPopularity;
use crate::{Error, Ranked, Scorer, ScoringContext, Scratch, UserState, topk};
use tastemaker_data::Bitmap;

const KIND: &str = "trending/1";

/// Counts of the newest intervals, an order by popularity for the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendingModel {
    /// `[items]`: rise above 0, or popularity in `-1..0`.
    scores: Vec<f32>,
}

impl TrendingModel {
    /// Judges at `now_s`, with `popularity` `[items]` as the order of what does not rise.
    pub fn new(counts: &TimeDecayedPopularity, now_s: i64, interval_s: i64, popularity: &[f32]) -> Self {
        let mut scores = vec![0.0; popularity.len()];
        counts.rising(now_s, interval_s, &mut scores);
        let most = popularity.iter().copied().fold(0.0f32, f32::max) + 1.0;
        for (score, popular) in scores.iter_mut().zip(popularity) {
            if *score == 0.0 {
                *score = popular / most - 1.0;
            }
        }
        Self { scores }
    }

    /// `[items]`: rise above 0, or popularity in `-1..0`.
    pub fn into_scores(self) -> Vec<f32> {
        self.scores
    }

    /// Parameters for storage.
    pub fn to_tensors(&self) -> Tensors {
        let mut tensors = Tensors::new(KIND);
        tensors.insert("scores", &[self.scores.len()], self.scores.clone());
        tensors
    }

    /// The model that [`Self::to_tensors`] described.
    pub fn from_tensors(tensors: &Tensors) -> Result<Self, Error> {
        if tensors.kind != KIND {
            return Err(Error::Artifact(format!("kind must be {KIND}, it is {}", tensors.kind)));
        }
        Ok(Self { scores: tensors.get("scores", 1)?.data.clone() })
    }
}

impl Scorer for TrendingModel {
    fn item_count(&self) -> usize {
        self.scores.len()
    }

    fn scores<'s>(&self, _: &UserState, _: &ScoringContext, scratch: &'s mut Scratch) -> &'s [f32] {
        scratch.scores.clear();
        scratch.scores.extend_from_slice(&self.scores);
        &scratch.scores
    }

    fn top_k(
        &self,
        _: &UserState,
        _: &ScoringContext,
        k: usize,
        allowed: Option<&Bitmap>,
        scratch: &mut Scratch,
    ) -> Ranked {
        Ranked { items: topk::top_k(&self.scores, k, allowed, &mut scratch.scan.scored), log_partition: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
