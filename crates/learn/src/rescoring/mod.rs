//! A model whose scores are moved by the customer's objective, the context of the request and the user's metadata.
//!
//! ```text
//! logit'(i) = logit(i) + boost(i) + sum over the request's categories c of ln P(c | i) / P(c)
//!                                 + weight(n) * sum over the user's categories t of ln P(t | i) / P(t)
//! ```
//! The sums are what Bayes' rule adds to the model's `P(i | history)` when categories are independent of the history
//! given the item. `P(c | i)` is drawn towards `P(c)` by [`PRIOR`] events, so that items with few events are left where they are.
//! A user's history of n events says more and more of what their categories say, and categories go together: hence the weight,
//! which is fitted for each of [`BANDS`].
//! For a user without history the model's logit is the logarithm of the item's popularity.

mod category_lift;
mod user_feature_lift;
mod user_features;

pub use category_lift::{CategoryCounts, PRIOR};
pub use user_feature_lift::{BANDS, UserFeatureLift};
pub use user_features::UserFeatures;

use crate::artifact::Tensors;
use crate::block_scoring::{BlockRequest, BlockScorer, RunSize, ScoreBlock};
use crate::scorer::best_of_scores;
use crate::{Error, Event, Ranked, Scorer, ScoringContext, Scratch, UserState};
use category_lift::CategoryLift;
use std::sync::Arc;
use tastemaker_data::contexts::key;
use tastemaker_data::{Bitmap, ItemIx, Table};
use user_feature_lift::{PreparedLift, WEIGHTS};

/// The fields of [`ScoringContext::context`].
const CONTEXT: u32 = 0;
const USER_FEATURE: u32 = 1;

/// The model, and what moves it.
pub struct Rescored {
    inner: Arc<dyn Scorer>,
    /// `[items]`, or empty.
    boost: Vec<f32>,
    circumstances: CategoryLift,
    user_features: Option<PreparedLift>,
}

const BOOST: &str = "adjusted.boost";
const CONTEXT_COUNTS: &str = "adjusted";
const USER_FEATURES: &str = "people";

impl Rescored {
    /// Adds `boost`, `circumstances`, whose keys are [`key`]s, and `user_features` to a model; each may be empty.
    pub fn new(
        inner: Arc<dyn Scorer>,
        boost: Vec<f32>,
        circumstances: CategoryCounts,
        user_features: Option<UserFeatureLift>,
    ) -> Result<Self, Error> {
        let items = inner.item_count();
        let fits = |of: &CategoryCounts| {
            (of.counts.is_empty() || of.events.len() == items)
                && of.counts.values().flatten().all(|(item, n)| (*item as usize) < items && n.is_finite())
        };
        let fit = (boost.is_empty() || boost.len() == items)
            && fits(&circumstances)
            && user_features.iter().all(|of| fits(&of.taken) && of.weights.iter().all(|w| w.is_finite()))
            && boost.iter().all(|x| x.is_finite());
        if !fit {
            return Err(Error::Invalid(format!("what adjusts a model must fit its {items} items")));
        }
        let user_features = user_features.map(|UserFeatureLift { features, taken, weights }| PreparedLift {
            features,
            lift: CategoryLift::new(taken),
            weights,
        });
        Ok(Self { inner, boost, circumstances: CategoryLift::new(circumstances), user_features })
    }

    /// Stores what was added beside the model's own tensors.
    pub fn store(&self, tensors: &mut Tensors) {
        tensors.insert(BOOST, &[self.boost.len()], self.boost.clone());
        self.circumstances.categories.store(CONTEXT_COUNTS, tensors);
        if let Some(PreparedLift { features, lift, weights }) = &self.user_features {
            lift.categories.store(USER_FEATURES, tensors);
            features.store(tensors);
            tensors.insert(WEIGHTS, &[weights.len()], weights.to_vec());
        }
    }

    /// `inner` with what [`Self::store`] wrote.
    pub fn load(inner: Arc<dyn Scorer>, tensors: &Tensors) -> Result<Self, Error> {
        let user_features = match UserFeatureLift::stored_weights(tensors) {
            Some(weights) => Some(UserFeatureLift {
                features: UserFeatures::load(tensors)?,
                taken: CategoryCounts::load(USER_FEATURES, tensors)?,
                weights,
            }),
            None => None,
        };
        let boost = tensors.get(BOOST, 1)?.data.clone();
        let circumstances = CategoryCounts::load(CONTEXT_COUNTS, tensors)?;
        Self::new(inner, boost, circumstances, user_features).map_err(|error| Error::Artifact(error.to_string()))
    }

    /// Whether nothing moves the model's own scores, so that its own faster ways serve.
    fn is_plain(&self, scoring_context: &ScoringContext) -> bool {
        self.boost.is_empty() && scoring_context.context.is_empty()
    }

    /// Moves the model's own scores of a request.
    fn rescore(&self, state: &UserState, scoring_context: &ScoringContext, scores: &mut [f32]) {
        if self.is_plain(scoring_context) {
            return;
        }
        let named = scoring_context.context.first().and_then(|&(field, _)| self.lift(field, 0));
        if let Some((lift, _)) = named.filter(|(lift, _)| state.events == 0 && !lift.categories.events.is_empty()) {
            scores.iter_mut().zip(lift.popularity()).for_each(|(score, popularity)| *score = popularity);
        }
        scores.iter_mut().zip(&self.boost).for_each(|(score, boost)| *score += boost);
        for &(field, number) in scoring_context.context {
            if let Some((lift, weight)) = self.lift(field, state.events) {
                lift.add(number, weight, scores);
            }
        }
    }

    /// The categories of whichever kind a request names.
    fn lift(&self, field: u32, events: u64) -> Option<(&CategoryLift, f32)> {
        match field {
            CONTEXT => Some((&self.circumstances, 1.0)),
            _ => self.user_features.as_ref().map(|known| (&known.lift, known.weight(events))),
        }
    }
}

impl Scorer for Rescored {
    fn item_count(&self) -> usize {
        self.inner.item_count()
    }

    fn start(&self) -> UserState {
        self.inner.start()
    }

    fn observe(&self, state: &mut UserState, event: Event, scratch: &mut Scratch) {
        self.inner.observe(state, event, scratch);
    }

    fn scores<'s>(
        &'s self,
        state: &UserState,
        scoring_context: &ScoringContext,
        scratch: &'s mut Scratch,
    ) -> &'s [f32] {
        if self.is_plain(scoring_context) {
            return self.inner.scores(state, scoring_context, scratch);
        }
        let mut scores = std::mem::take(&mut scratch.rescored);
        scores.clear();
        scores.extend_from_slice(self.inner.scores(state, scoring_context, scratch));
        self.rescore(state, scoring_context, &mut scores);
        scratch.rescored = scores;
        &scratch.rescored
    }

    fn logits_of(
        &self,
        state: &UserState,
        scoring_context: &ScoringContext,
        items: &[ItemIx],
        scratch: &mut Scratch,
    ) -> Vec<f32> {
        if self.is_plain(scoring_context) {
            return self.inner.logits_of(state, scoring_context, items, scratch);
        }
        let scores = self.scores(state, scoring_context, scratch);
        items.iter().map(|item| scores.get(item.0 as usize).copied().unwrap_or(f32::MIN)).collect()
    }

    fn top_k(
        &self,
        state: &UserState,
        scoring_context: &ScoringContext,
        k: usize,
        allowed: Option<&Bitmap>,
        scratch: &mut Scratch,
    ) -> Ranked {
        if self.is_plain(scoring_context) {
            return self.inner.top_k(state, scoring_context, k, allowed, scratch);
        }
        best_of_scores(self, state, scoring_context, k, allowed, scratch)
    }

    fn log_partition(&self, scores: &[f32]) -> f32 {
        let top = scores.iter().copied().fold(f32::MIN, f32::max);
        let sum = || scores.iter().map(|s| f64::from(s - top).exp()).sum::<f64>().ln() as f32;
        if self.has_probabilities() { top + sum() } else { 0.0 }
    }

    fn has_probabilities(&self) -> bool {
        self.inner.has_probabilities()
    }

    fn block_scorer(&self, run: RunSize) -> Option<Box<dyn BlockScorer + '_>> {
        self.inner
            .block_scorer(run)
            .map(|inner| Box::new(RescoredBlocks { rescored: self, inner }) as Box<dyn BlockScorer>)
    }

    fn context(&self, column: &str, value: &str) -> Option<(u32, u32)> {
        Some((CONTEXT, self.circumstances.number(key(column, value))?))
    }

    fn user_features(&self, table: &Table, row: usize, events: u64) -> Vec<(u32, u32)> {
        let Some(known) = self.user_features.as_ref().filter(|known| known.weight(events) != 0.0) else {
            return Vec::new();
        };
        let categories = known.features.categories(table, row).into_iter();
        categories.filter_map(|category| Some((USER_FEATURE, known.lift.number(category.into())?))).collect()
    }

    fn has_numeric_user_column(&self, column: &str) -> bool {
        self.user_features.as_ref().is_some_and(|known| known.features.is_numeric(column))
    }
}

/// The model over a block of users.
struct RescoredBlocks<'m> {
    rescored: &'m Rescored,
    inner: Box<dyn BlockScorer + 'm>,
}

impl BlockScorer for RescoredBlocks<'_> {
    fn encode(&self, histories: &[&[Event]], scratch: &mut Scratch) -> Vec<UserState> {
        self.inner.encode(histories, scratch)
    }

    fn scores(&self, requests: &[BlockRequest<'_>], scratch: &mut Scratch, out: &mut ScoreBlock) {
        self.inner.scores(requests, scratch, out);
        for (user, request) in requests.iter().enumerate() {
            self.rescored.rescore(request.state, &request.scoring_context, out.row_mut(user));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::popularity::PopularityModel;
    use tastemaker_data::table::Value;
    use tastemaker_data::{Column, TableBuilder};

    fn circumstances() -> CategoryCounts {
        // Item 0 on phones, item 1 on televisions, item 2 rarely at all.
        let counts = [
            (key("DEVICE", "phone"), vec![(0, 90.0), (1, 10.0), (2, 1.0)]),
            (key("DEVICE", "tv"), vec![(0, 10.0), (1, 90.0)]),
        ];
        CategoryCounts { counts: counts.into(), events: vec![100.0, 100.0, 1.0] }
    }

    fn rescored(boost: Vec<f32>) -> Rescored {
        let inner = PopularityModel::from_counts(vec![1.0, 1.0, 1.0]).unwrap();
        Rescored::new(Arc::new(inner), boost, circumstances(), None).unwrap()
    }

    fn scores(model: &Rescored, events: u64, context: &[(&str, &str)]) -> Vec<f32> {
        let context: Vec<_> = context.iter().filter_map(|(column, value)| model.context(column, value)).collect();
        let state = UserState { events, ..model.start() };
        let scoring_context = ScoringContext { context: &context, ..ScoringContext::default() };
        model.scores(&state, &scoring_context, &mut Scratch::default()).to_vec()
    }

    #[test]
    fn circumstances_and_boosts_move_items() {
        let plain = rescored(vec![]);
        let phone = scores(&plain, 1, &[("device", "phone")]);
        assert!(phone[0] > phone[1] + 1.0, "{phone:?}");
        assert!(phone[2].abs() < phone[0] + 1.0 && scores(&plain, 1, &[("device", "tv")])[1] > 1.3);
        assert_eq!(scores(&plain, 1, &[("device", "fridge"), ("colour", "red")]), [1.0, 1.0, 1.0]);
        assert_eq!(scores(&rescored(vec![0.0, 2.0, -1.0]), 1, &[]), [1.0, 3.0, 0.0]);
        let stranger = scores(&plain, 0, &[("DEVICE", "tv")]);
        assert!(stranger[1] > stranger[0] && stranger[0] > stranger[2], "{stranger:?}");
    }

    #[test]
    fn storing_changes_nothing_and_what_does_not_fit_is_refused() {
        let model = rescored(vec![1.0, 2.0, 3.0]);
        let mut tensors = Tensors::new("x/1");
        model.store(&mut tensors);
        let read = Tensors::from_safetensors(&tensors.to_safetensors().unwrap()).unwrap();
        let again = Rescored::load(model.inner.clone(), &read).unwrap();
        assert_eq!((&again.boost, &again.circumstances.categories), (&model.boost, &circumstances()));
        assert!(again.user_features.is_none());
        assert!(Rescored::new(model.inner.clone(), vec![1.0], CategoryCounts::default(), None).is_err());
    }

    #[test]
    fn who_the_user_is_counts_less_the_more_is_known() {
        let mut builder = TableBuilder::new(vec![("GENDER".to_owned(), Column::Text(vec![]))]);
        for (user, gender) in [("ann", "f"), ("bob", "m"), ("eve", "f")] {
            builder.set(user, [Some(Value::Text(gender.into()))]);
        }
        builder.set("kim", [None]);
        let table = builder.build();
        let features = UserFeatures::of(&table);
        let category = |user: u32| u64::from(features.categories(&table, user as usize)[0]);
        let counts = [(category(0), vec![(0, 80.0)]), (category(1), vec![(0, 10.0), (1, 90.0)])];
        let taken = CategoryCounts { counts: counts.into(), events: vec![90.0, 90.0, 5.0] };
        let user_features = UserFeatureLift { features: features.clone(), taken, weights: [1.0, 0.5, 0.25, 0.0] };
        let inner: Arc<dyn Scorer> = Arc::new(PopularityModel::from_counts(vec![1.0, 1.0, 1.0]).unwrap());
        let model = Rescored::new(inner.clone(), vec![], CategoryCounts::default(), Some(user_features)).unwrap();
        let mut tensors = Tensors::new("x/1");
        model.store(&mut tensors);
        let model = Rescored::load(inner, &tensors).unwrap();
        assert_eq!(UserFeatureLift::stored_weights(&tensors), Some([1.0, 0.5, 0.25, 0.0]));
        let lead = |user: usize, events: u64| {
            let context = model.user_features(&table, user, events);
            let scoring_context = ScoringContext { context: &context, ..ScoringContext::default() };
            let scores = model
                .scores(&UserState { events, ..model.start() }, &scoring_context, &mut Scratch::default())
                .to_vec();
            scores[0] - scores[1]
        };
        let leads = [0, 1, 5, 20].map(|events| lead(0, events));
        assert!(leads.windows(2).all(|pair| pair[0] > pair[1]) && leads[3] == 0.0, "{leads:?}");
        assert_eq!(lead(0, 0), lead(2, 0));
        assert!(lead(1, 0) < 0.0 && lead(3, 0) == 0.0);
        assert!(model.user_features(&table, 0, 20).is_empty() && model.user_features(&table, 3, 0).is_empty());
    }
}
