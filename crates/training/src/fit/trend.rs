//! The trend metric: the list of the recipe as it would have been one interval ago, against the items that rose since then.

use super::error::FitError;
use super::request::FitRequest;
use tastemaker_data::{Dataset, newest_s};
use tastemaker_eval::trend::{TREND_LIST_LEN, trend_prediction_accuracy};
use tastemaker_learn::{ScoringContext, Scratch, TrainContext};
use tastemaker_recipes::trend_interval_s;

/// The key in GetSolutionMetrics.
pub(super) const KEY: &str = "trend_prediction_accuracy";

/// The value for recipes that list trending items, `None` for others.
pub(super) fn accuracy(request: &FitRequest, context: &TrainContext) -> Result<Option<f64>, FitError> {
    let Some(interval_s) = trend_interval_s(request.recipe.descriptor, request.config)? else { return Ok(None) };
    let dataset = request.dataset;
    let newest_s = newest_s(dataset.time_column().iter().copied()).unwrap_or(0);
    let cut_s = newest_s.saturating_sub(interval_s);
    let early = dataset.with_times(|time_s| time_s <= cut_s);
    let train = request.of(&early);
    let model = request.recipe.train(&train, context)?;
    let state = model.scorer.start();
    let ranked = model.scorer.top_k(&state, &ScoringContext::default(), TREND_LIST_LEN, None, &mut Scratch::default());
    let listed: Vec<u32> = ranked.items.iter().map(|(item, _)| item.0).collect();
    let before = counts(dataset, |time_s| time_s > cut_s.saturating_sub(interval_s) && time_s <= cut_s);
    let after = counts(dataset, |time_s| time_s > cut_s);
    Ok(Some(trend_prediction_accuracy(&listed, &before, &after)))
}

/// Interactions of each item at times that count.
fn counts(dataset: &Dataset, is_in: impl Fn(i64) -> bool) -> Vec<f64> {
    let mut counts = vec![0.0; dataset.items.len()];
    let events = dataset.item_column().iter().zip(dataset.time_column());
    events.filter(|(_, time_s)| is_in(**time_s)).for_each(|(item, _)| counts[*item as usize] += 1.0);
    counts
}
