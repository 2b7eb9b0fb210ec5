//! Popularity by unique users (recipe `aws-popularity-count`): the same list for everybody.
//!
//! The score of an item is the number of distinct users who interacted with it. It is a count and not
//! a logit, so no probabilities are offered.

use super::fixed_scores::{FixedKind, FixedScores};
use crate::{Error, Sequences};

/// The stored form of [`PopularityModel`].
#[derive(Debug, Clone, PartialEq)]
pub struct Popularity;

impl FixedKind for Popularity {
    const KIND: &'static str = "popularity/1";
    const TENSOR: &'static str = "counts";
}

/// Item counts.
pub type PopularityModel = FixedScores<Popularity>;

/// For every item, how many of the sequences (users) contain it at least once: `[items]`. Items outside
/// `0..items` are not counted.
pub fn unique_user_counts(sequences: &Sequences<'_>, items: usize) -> Vec<f32> {
    let mut counts = vec![0u32; items];
    let mut last_user = vec![usize::MAX; items];
    for (user, bounds) in sequences.offsets.windows(2).enumerate() {
        for &item in sequences.items.get(bounds[0]..bounds[1]).unwrap_or_default() {
            if let (Some(last), Some(count)) = (last_user.get_mut(item as usize), counts.get_mut(item as usize))
                && *last != user
            {
                *last = user;
                *count += 1;
            }
        }
    }
    counts.into_iter().map(|count| count as f32).collect()
}

impl PopularityModel {
    /// A model from finite counts, one per item.
    pub fn from_counts(counts: Vec<f32>) -> Result<Self, Error> {
        match counts.iter().position(|c| !c.is_finite()) {
            Some(at) => Err(Error::Invalid(format!("counts must be finite, item {at} has {}", counts[at]))),
            None => Ok(Self::of_scores(counts)),
        }
    }
}

/// The order of `counts` `[items]` as scores in `-1..0`, below those of everything that is not popularity.
pub(super) fn below_zero(counts: &[f32]) -> impl Iterator<Item = f32> {
    let most = counts.iter().copied().fold(0.0f32, f32::max) + 1.0;
    counts.iter().map(move |count| count / most - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Tensors;
    use crate::{Event, Scorer, ScoringContext, Scratch};
    use tastemaker_data::{Bitmap, ItemIx};

    const SEQUENCES: Sequences<'static> =
        Sequences { offsets: &[0, 3, 5, 6], items: &[1, 1, 2, 2, 0, 2], weights: &[] };

    #[test]
    fn repeats_of_one_user_count_once() {
        assert_eq!(unique_user_counts(&SEQUENCES, 4), [1.0, 1.0, 3.0, 0.0]);
        assert_eq!(unique_user_counts(&SEQUENCES, 1), [1.0]);
    }

    #[test]
    fn everybody_gets_the_same_list_with_ties_by_index() {
        let model = PopularityModel::from_counts(unique_user_counts(&SEQUENCES, 4)).unwrap();
        let mut scratch = Scratch::default();
        let mut state = model.start();
        model.observe(&mut state, Event::new(ItemIx(2), 0), &mut scratch);
        model.observe(&mut state, Event::new(ItemIx(9), 0), &mut scratch);
        assert_eq!(state.events, 1);
        let allowed = Bitmap::from_fn(4, |item| item.0 != 0);
        let ranked = model.top_k(&state, &ScoringContext::default(), 3, Some(&allowed), &mut scratch);
        assert_eq!(ranked.items, [(ItemIx(2), 3.0), (ItemIx(1), 1.0), (ItemIx(3), 0.0)]);
        assert!(!model.has_probabilities());
        assert_eq!(model.scores(&state, &ScoringContext::default(), &mut scratch), [1.0, 1.0, 3.0, 0.0]);
    }

    #[test]
    fn storing_changes_nothing_and_nan_is_refused() {
        let model = PopularityModel::from_counts(vec![3.0, 0.0]).unwrap();
        assert_eq!(PopularityModel::from_tensors(&model.to_tensors()).unwrap(), model);
        assert!(matches!(PopularityModel::from_counts(vec![f32::NAN]), Err(Error::Invalid(_))));
        assert!(matches!(PopularityModel::from_tensors(&Tensors::new("gru/1")), Err(Error::Artifact(_))));
    }
}
