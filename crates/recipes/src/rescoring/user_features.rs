//! Users' metadata in a personal model: gender, country or age, which matter for users whose history is short
//! ([`tastemaker_learn::rescoring`]).
//!
//! Its weight is fitted on the users that the training held out, by the likelihood of what they took, for each of
//! [`BANDS`]: of all that they took for users without a history, else of what came next. It is 0 unless metadata helps beyond doubt,
//! and a model that is refitted keeps its weights.

use crate::Error;
use crate::model::Model;
use crate::request::TrainRequest;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tastemaker_data::{Dataset, Table, UserIx};
use tastemaker_learn::rescoring::{BANDS, CategoryCounts, Rescored, UserFeatureLift, UserFeatures};
use tastemaker_learn::sentences::USERS_METADATA;
use tastemaker_learn::{Event, Progress, Scorer, ScoringContext, Scratch, TrainContext, topk};

type Weights = [f32; BANDS.len()];

/// Weights tried.
const STEPS: [f32; 7] = [0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0];
/// A weight must raise the likelihood by this many standard errors of its mean.
const ERRORS_MIN: f64 = 2.0;
/// Fewer points than this decide nothing.
const POINTS_MIN: usize = 30;
/// Users asked about, at most.
const USERS_MAX: usize = 500;
/// Items of a user without a history that are asked about, at most.
const ITEMS_MAX: usize = 200;

/// The lift by the metadata of the request's users for `model`; `None` if it moves nothing. `former` is the model that
/// this one continues.
pub(crate) fn of(
    request: &TrainRequest,
    model: &Model,
    former: Option<&Model>,
    context: &TrainContext,
) -> Result<Option<UserFeatureLift>, Error> {
    let Some(table) = request.users else { return Ok(None) };
    let features = UserFeatures::of(table);
    if features.is_empty() {
        return Ok(None);
    }
    let weights = match former {
        Some(former) => UserFeatureLift::stored_weights(&former.tensors),
        None => {
            let user_features = UserMetadata { dataset: request.dataset, table, features: &features };
            let weights = context.pool()?.install(|| user_features.fit(model, context))?;
            let note = USERS_METADATA.with(&[&format_args!("{weights:?}"), &format_args!("{BANDS:?}")]);
            (context.progress)(Progress::of("metadata", note));
            Some(weights)
        }
    };
    let weights = weights.filter(|weights| weights.iter().any(|w| *w != 0.0));
    let taken = || UserMetadata { dataset: request.dataset, table, features: &features }.taken(&[]);
    Ok(weights.map(|weights| UserFeatureLift { taken: taken(), features: features.clone(), weights }))
}

struct UserMetadata<'a> {
    dataset: &'a Dataset,
    table: &'a Table,
    features: &'a UserFeatures,
}

/// A user of whom something is asked: the events before, what came next, the row of metadata.
struct HeldOutEvent {
    user: usize,
    events: usize,
    row: usize,
}

impl UserMetadata<'_> {
    fn row(&self, user: usize) -> Option<usize> {
        self.table.ids.get(self.dataset.users.id(user as u32)).map(|row| row as usize)
    }

    /// The items that users of each category took, each user counted once for an item; `without` are left out, ascending.
    fn taken(&self, without: &[usize]) -> CategoryCounts {
        let items = self.dataset.items.len();
        let mut events = vec![0.0f32; items];
        let mut counts: BTreeMap<u64, BTreeMap<u32, f32>> = BTreeMap::new();
        for (user, sequence) in self.dataset.sequences() {
            let user = user.0 as usize;
            let Some(row) = self.row(user).filter(|_| without.binary_search(&user).is_err()) else { continue };
            let mut taken = sequence.items.to_vec();
            taken.sort_unstable();
            taken.dedup();
            taken.iter().for_each(|&item| events[item as usize] += 1.0);
            for category in self.features.categories(self.table, row) {
                let counts = counts.entry(category.into()).or_default();
                taken.iter().for_each(|&item| *counts.entry(item).or_default() += 1.0);
            }
        }
        let counts = counts.into_iter().map(|(category, counts)| (category, counts.into_iter().collect())).collect();
        CategoryCounts { counts, events }
    }

    fn fit(&self, model: &Model, context: &TrainContext) -> Result<Weights, Error> {
        let user_features = UserFeatureLift {
            taken: self.taken(&model.held_out),
            features: self.features.clone(),
            weights: [1.0; BANDS.len()],
        };
        let popularity: Vec<f32> = user_features.taken.events.iter().map(|n| n.ln_1p()).collect();
        let rescored = Rescored::new(model.scorer.clone(), Vec::new(), CategoryCounts::default(), Some(user_features))?;
        let known = model.held_out.iter().filter_map(|&user| Some((user, self.row(user)?)));
        let known: Vec<(usize, usize)> = known.take(USERS_MAX).collect();
        let mut weights = [0.0; BANDS.len()];
        for (band, weight) in weights.iter_mut().enumerate() {
            let points: Vec<HeldOutEvent> =
                known.iter().filter_map(|&(user, row)| self.point(user, row, band)).collect();
            let gains = points.par_iter().map_init(Scratch::default, |scratch, point| {
                context.cancel.check()?;
                Ok(self.gains(point, model.scorer.clone(), &rescored, &popularity, scratch))
            });
            let gains: Vec<[f64; STEPS.len()]> = gains.collect::<Result<_, Error>>()?;
            *weight = best(&gains);
        }
        Ok(weights)
    }

    /// A point of the user in the band, if there is one: not the same for all, so that their lengths mix.
    fn point(&self, user: usize, row: usize, band: usize) -> Option<HeldOutEvent> {
        let length = self.dataset.sequence(UserIx(user as u32)).items.len();
        let from = BANDS[band] as usize;
        let to = BANDS.get(band + 1).map_or(usize::MAX, |to| *to as usize).min(length);
        (from < to).then(|| HeldOutEvent { user, row, events: from + user % (to - from) })
    }

    /// The gain in log-likelihood of what the user took, for each weight of [`STEPS`].
    fn gains(
        &self,
        point: &HeldOutEvent,
        model: Arc<dyn Scorer>,
        rescored: &Rescored,
        popularity: &[f32],
        scratch: &mut Scratch,
    ) -> [f64; STEPS.len()] {
        let sequence = self.dataset.sequence(UserIx(point.user as u32));
        let history = Event::history(&sequence, 0..point.events);
        let state = model.encode(&history, scratch);
        let context = rescored.user_features(self.table, point.row, state.events);
        if context.is_empty() {
            return [0.0; STEPS.len()];
        }
        let base = match state.events {
            0 => popularity.to_vec(),
            _ => model.scores(&state, &ScoringContext::default(), scratch).to_vec(),
        };
        let moved =
            rescored.scores(&state, &ScoringContext { context: &context, ..ScoringContext::default() }, scratch);
        let lifts: Vec<f32> = moved.iter().zip(&base).map(|(moved, base)| moved - base).collect();
        // One item says little of a user, and all that a stranger takes was to be listed.
        let asked = if point.events == 0 { sequence.items.len().min(ITEMS_MAX) } else { 1 };
        let taken = &sequence.items[point.events..][..asked];
        let likelihood = |weight: f32| {
            let scores: Vec<f32> = base.iter().zip(&lifts).map(|(base, lift)| base + weight * lift).collect();
            let of_taken = taken.iter().map(|&item| f64::from(scores[item as usize])).sum::<f64>();
            of_taken / taken.len().max(1) as f64 - f64::from(topk::log_partition(&scores))
        };
        let without = likelihood(0.0);
        STEPS.map(|weight| likelihood(weight) - without)
    }
}

/// The weight that gains most of those whose gain is no chance; 0 without any.
fn best(gains: &[[f64; STEPS.len()]]) -> f32 {
    let n = gains.len() as f64;
    if gains.len() < POINTS_MIN {
        return 0.0;
    }
    let sure_gain = |at: usize| {
        let mean = gains.iter().map(|gain| gain[at]).sum::<f64>() / n;
        let variance = gains.iter().map(|gain| (gain[at] - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean > ERRORS_MIN * (variance / n).sqrt()).then_some((at, mean))
    };
    let most = (0..STEPS.len()).filter_map(sure_gain).max_by(|a, b| a.1.total_cmp(&b.1));
    most.map_or(0.0, |(at, _)| STEPS[at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::ArtifactFiles;
    use crate::user_personalization::USER_PERSONALIZATION;
    use tastemaker_data::{Column, DatasetBuilder, TableBuilder, table::Value};
    use tastemaker_domain::solution_config::SolutionConfig;
    use tastemaker_learn::Cancel;

    /// Two shelves; a user's shelf is that of the colour, or of none.
    fn shop(colours_tell: bool) -> (Dataset, Table) {
        let mut builder = DatasetBuilder::new();
        let mut user_features = TableBuilder::new(vec![("COLOUR".to_owned(), Column::Text(vec![]))]);
        for user in 0..400i64 {
            let shelf = user % 2;
            for k in 0..8 {
                let item = shelf * 20 + (user / 2 * 7 + k * 3) % 20;
                builder.push(&format!("u{user}"), &format!("i{item}"), user * 100 + k, None, None);
            }
            let colour = if colours_tell { shelf } else { user / 2 % 2 };
            user_features.set(&format!("u{user}"), [Some(Value::Text(["blue", "red"][colour as usize].into()))]);
        }
        ["blue", "red"].iter().for_each(|c| user_features.set(&format!("new-{c}"), [Some(Value::Text((*c).into()))]));
        (builder.build(), user_features.build())
    }

    fn config() -> SolutionConfig {
        SolutionConfig {
            algorithm_hyper_parameters: [("hidden_dimension".to_owned(), "32".to_owned())].into(),
            ..SolutionConfig::default()
        }
    }

    #[test]
    fn strangers_get_what_is_popular_among_their_like_and_only_if_that_tells_something() {
        let (config, cancel) = (config(), Cancel::new());
        let context = TrainContext {
            seed: 1,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let (dataset, table) = shop(true);
        let on_shelf = |id: &str| id[1..].parse::<u32>().unwrap() < 20;
        let request = TrainRequest { users: Some(&table), ..TrainRequest::new(&dataset, &config) };
        let model = USER_PERSONALIZATION.train(&request, &context).unwrap();
        let files = USER_PERSONALIZATION.write(&model, &config, 1, ArtifactFiles::new()).unwrap();
        let scorer = USER_PERSONALIZATION.open(&files).unwrap();
        let of_first = |scorer: &dyn Scorer, user: &str| {
            let context = scorer.user_features(&table, table.ids.get(user).unwrap() as usize, 0);
            let scoring_context = ScoringContext { context: &context, ..ScoringContext::default() };
            let list = scorer.top_k(&scorer.start(), &scoring_context, 10, None, &mut Scratch::default()).items;
            list.iter().filter(|(item, _)| on_shelf(dataset.items.id(item.0))).count()
        };
        assert_eq!((of_first(&*scorer, "new-blue"), of_first(&*scorer, "new-red")), (10, 0));

        // A refit and an update keep the weights and count anew.
        let kept = UserFeatureLift::stored_weights(&model.tensors);
        assert!(kept.is_some_and(|weights| weights[0] > 0.0), "{kept:?}");
        let refit = TrainRequest { warm_start: Some(&model), ..request };
        for again in [
            USER_PERSONALIZATION.train(&refit, &context).unwrap(),
            USER_PERSONALIZATION.update(&request, &model, &context).unwrap(),
        ] {
            assert_eq!(UserFeatureLift::stored_weights(&again.tensors), kept);
            assert_eq!(of_first(&*again.scorer, "new-red"), 0);
        }

        let (dataset, table) = shop(false);
        let request = TrainRequest { users: Some(&table), ..TrainRequest::new(&dataset, &config) };
        let model = USER_PERSONALIZATION.train(&request, &context).unwrap();
        assert_eq!(UserFeatureLift::stored_weights(&model.tensors), None);
        assert!(model.scorer.user_features(&table, 0, 0).is_empty());
    }

    /// Seven in ten of what a user takes is from the shelf of their colour, which forty held-out users show by all that they took and
    /// not by one thing each.
    #[test]
    fn mild_preferences_count_for_strangers() {
        let mut builder = DatasetBuilder::new();
        let mut user_features = TableBuilder::new(vec![("COLOUR".to_owned(), Column::Text(vec![]))]);
        let mut state = 7u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for user in 0..400i64 {
            for k in 0..12 {
                let shelf = if draw(10) < 7 { user % 2 } else { 1 - user % 2 };
                let item = shelf * 20 + draw(20) as i64;
                builder.push(&format!("u{user}"), &format!("i{item}"), user * 100 + k, None, None);
            }
            user_features.set(&format!("u{user}"), [Some(Value::Text(["blue", "red"][user as usize % 2].into()))]);
        }
        let (dataset, table, config, cancel) = (builder.build(), user_features.build(), config(), Cancel::new());
        let context = TrainContext {
            seed: 1,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let request = TrainRequest { users: Some(&table), ..TrainRequest::new(&dataset, &config) };
        let model = USER_PERSONALIZATION.train(&request, &context).unwrap();
        let weights = UserFeatureLift::stored_weights(&model.tensors);
        assert!(weights.is_some_and(|weights| weights[0] > 0.0), "{weights:?}");
    }

    #[test]
    fn gains_by_chance_do_not_count() {
        let gains = |by: fn(usize) -> f64, n: usize| -> Vec<[f64; STEPS.len()]> {
            (0..n).map(|k| STEPS.map(|weight| f64::from(weight) * by(k))).collect()
        };
        assert_eq!(best(&gains(|k| if k % 2 == 0 { 1.0 } else { -0.9 }, 100)), 0.0);
        assert_eq!(best(&gains(|k| if k % 2 == 0 { 1.0 } else { -0.1 }, 100)), 1.0);
        assert_eq!(best(&gains(|_| 1.0, 10)), 0.0, "too few");
        // More of what is sure to help may be a gamble.
        let gamble = |k: usize, weight: f32| if weight > 0.2 { [30.0, -25.0][k % 2] } else { f64::from(weight) };
        let gains: Vec<[f64; STEPS.len()]> = (0..100).map(|k| STEPS.map(|weight| gamble(k, weight))).collect();
        assert_eq!(best(&gains), 0.2);
    }
}
