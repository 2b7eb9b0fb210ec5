//! `aws-trending-now` and its use case: what rises fastest, judged at the end of the data.
//!
//! `trend_discovery_frequency` is the interval whose interactions are compared with those of the interval before. Time is that
//! of the data: the newest interaction ends the newest interval. Where nothing happened in the two intervals, or for places
//! that rising items leave, popular items follow.

use crate::Error;
use crate::model::Model;
use crate::popular::counts;
use crate::recipe::Recipe;
use crate::request::TrainRequest;
use crate::use_case;
use std::sync::Arc;
use tastemaker_data::newest_s;
use tastemaker_domain::catalog;
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::recipe::{Ability, RecipeDescriptor};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::models::time_decayed_popularity::TimeDecayedPopularity;
use tastemaker_learn::models::trending::TrendingModel;
use tastemaker_learn::{Scorer, TrainContext};

const fn recipe(descriptor: &'static RecipeDescriptor) -> Recipe {
    Recipe::new(descriptor, train, open)
}

pub(crate) const TRENDING_NOW: Recipe = recipe(&catalog::AWS_TRENDING_NOW);
pub(crate) const VOD_TRENDING_NOW: Recipe = recipe(&catalog::AWS_VOD_TRENDING_NOW);

/// The parameter that chooses the interval; recipes without it take its default.
const FREQUENCY: &str = "trend_discovery_frequency";

/// The seconds of the interval that a solution of a trending recipe compares with the one before; `None` for other recipes.
pub fn trend_interval_s(descriptor: &'static RecipeDescriptor, config: &SolutionConfig) -> Result<Option<i64>, Error> {
    if !descriptor.can(Ability::Trending) {
        return Ok(None);
    }
    let values = if descriptor.has_parameter(FREQUENCY) {
        resolve(descriptor, config)?
    } else {
        resolve(&catalog::AWS_TRENDING_NOW, &SolutionConfig::default())?
    };
    Ok(Some(interval_s(values.choice(FREQUENCY)?)))
}

fn interval_s(choice: &str) -> i64 {
    match choice {
        "30 minutes" => 30 * 60,
        "1 hour" => 3600,
        "3 hours" => 3 * 3600,
        "1 day" => 24 * 3600,
        _ => 2 * 3600,
    }
}

fn train(
    descriptor: &'static RecipeDescriptor,
    request: &TrainRequest,
    context: &TrainContext,
) -> Result<Model, Error> {
    context.cancel.check()?;
    let interval_s = trend_interval_s(descriptor, request.config)?.unwrap_or_default();
    let dataset = use_case::events(descriptor, request.dataset);
    let newest_s = newest_s(dataset.time_column().iter().copied()).unwrap_or(0);
    // Only the two intervals matter, and counting them alone keeps the buckets short.
    let from_s = newest_s.saturating_sub(2 * interval_s);
    let both = dataset.item_column().iter().zip(dataset.time_column()).filter(|(_, time)| **time > from_s);
    let (items, times): (Vec<u32>, Vec<i64>) = both.map(|(&item, &time)| (item, time.min(newest_s))).unzip();
    let recent = TimeDecayedPopularity::new(&items, &times, dataset.items.len());
    let model = TrendingModel::new(&recent, newest_s, interval_s, &counts(&dataset));
    Ok(Model {
        tensors: model.to_tensors(),
        scorer: Arc::new(model),
        users_trained: dataset.users.len(),
        interactions_trained: dataset.len(),
        epochs: 1,
        blend: None,
        held_out: Vec::new(),
    })
}

fn open(tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
    Ok(Arc::new(TrendingModel::from_tensors(tensors)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::{Dataset, DatasetBuilder};
    use tastemaker_learn::{Cancel, ScoringContext, Scratch};

    #[test]
    fn the_interval_decides_what_is_on_the_rise() {
        let mut builder = DatasetBuilder::new();
        let end = 1_700_000_000;
        let mut user = 0;
        let mut push = |item: &str, times: usize, hours_ago: f64| {
            for _ in 0..times {
                user += 1;
                builder.push(&user.to_string(), item, end - (hours_ago * 3600.0) as i64, None, None);
            }
        };
        push("classic", 500, 1000.0);
        // Rising within the hour, against an hour before; over a day, "today" rises more.
        push("now", 30, 0.2);
        push("now", 5, 1.5);
        push("today", 5, 0.2);
        push("today", 80, 20.0);
        push("today", 5, 1.5);
        push("classic", 1, 0.0);
        let as_it_is = builder.clone().build();
        // The clock of one device ran three thousand years ahead.
        builder.push("odd", "classic", 99_999_999_999, None, None);
        let dataset = builder.build();
        let top = |dataset: &Dataset, frequency: &str| {
            let mut config = SolutionConfig::default();
            config.feature_transformation_parameters.insert("trend_discovery_frequency".into(), frequency.into());
            let cancel = Cancel::new();
            let context = TrainContext {
                seed: 1,
                threads: 1,
                cancel: &cancel,
                progress: &|_| {},
                checkpoints: &tastemaker_learn::NoCheckpoints,
            };
            let request = TrainRequest::new(dataset, &config);
            let model = TRENDING_NOW.train(&request, &context).unwrap();
            let ranked =
                model.scorer.top_k(&model.scorer.start(), &ScoringContext::default(), 3, None, &mut Scratch::default());
            ranked.items.iter().map(|(item, _)| dataset.items.id(item.0).to_owned()).collect::<Vec<_>>()
        };
        for dataset in [&as_it_is, &dataset] {
            assert_eq!(top(dataset, "1 hour")[0], "now");
            assert_eq!(top(dataset, "1 day")[0], "today");
            assert!(top(dataset, "30 minutes").contains(&"classic".to_owned()), "popular items follow");
        }
        let lengths = ["30 minutes", "1 hour", "2 hours", "3 hours", "1 day"].map(interval_s);
        assert_eq!(lengths, [1800, 3600, 7200, 10_800, 86_400]);
    }
}
