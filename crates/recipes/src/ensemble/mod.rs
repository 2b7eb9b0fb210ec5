//! The personalization recipes: a network over the user's history, in an ensemble with counting and closed-form models.
//!
//! No single model wins on every kind of data, and which one does flips with the question (docs/quality.md). So a tenth of the
//! training users is held out, every part is trained on the others, and weights are fitted on the held-out ones
//! (`learn::ensemble`): once for what comes next in session, which is how the offline metrics ask, and once for what is
//! wanted in the next session. Weight 0 is allowed; what is not used is not stored. After the judgement the parts are made
//! anew from all users and keep their weights.

pub(crate) mod holdout;
mod reduce;

pub(crate) use reduce::reduced;

use crate::Error;
use crate::artifact::EnsembleFacts;
use crate::next_item::sequences::Part;
use crate::request::TrainRequest;
use holdout::EventWeights;
use std::sync::Arc;
use tastemaker_data::{Dataset, Table};
use tastemaker_learn::Sequences;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::checkpoints::PartName;
use tastemaker_learn::ensemble::{Ensemble, EnsembleValidation, FitOptions, HeldOut, Parts, Signal, fit};
use tastemaker_learn::item_matrix::ItemMatrix;
use tastemaker_learn::models::als::{AlsConfig, ItemFactors};
use tastemaker_learn::models::content::{self, ColumnUse, ContentConfig, NewItems, Relations};
use tastemaker_learn::models::cooccurrence::{Window, directed};
use tastemaker_learn::models::ease::{EaseConfig, ease};
use tastemaker_learn::models::repeat_consumption::{RepeatModel, rates};
use tastemaker_learn::models::time_decayed_popularity::TimeDecayedPopularity;
use tastemaker_learn::sentences;
use tastemaker_learn::{Progress, Scorer, TrainContext};

/// EASE's inverse is cubic in the items: this many take half a minute on one core, and 680 MB where there is the memory.
const EASE_ITEMS_MAX: usize = 13_000;
/// The same where it is only tried on the past.
const EASE_ITEMS_BACKTEST: usize = 6_000;
/// Weights kept for each item; the rest of a row changes no list.
const ROW_MAX: usize = 1000;
/// Neighbours by metadata kept for each item.
const CONTENT_ROW_MAX: usize = 200;
/// A point in time says something from so many users on.
const POINTS_MIN: usize = 10;
/// EASE wants more regularization where users have long histories.
const LONG_HISTORY: usize = 30;
const LAMBDAS: [f32; 2] = [100.0, 200.0];

/// Users and items as factors.
fn factors() -> AlsConfig {
    AlsConfig { regularization: 0.005, ..AlsConfig::default() }
}

/// A network with its parameters for storage.
#[derive(Clone)]
pub(crate) struct Network {
    pub(crate) scorer: Arc<dyn Scorer>,
    pub(crate) tensors: Tensors,
}

/// A finished blend.
pub(crate) struct FittedEnsemble {
    pub(crate) blend: Ensemble,
    pub(crate) tensors: Tensors,
    pub(crate) facts: Option<EnsembleFacts>,
}

/// Trains the other parts on `training` users and fits the weights: those in session on the `held_out` users, whom the network
/// has not seen either, and those in the next session on what everybody did after a point in time before which the parts
/// are learned. Without a network the other parts are blended.
pub(crate) fn fitted(
    request: &TrainRequest,
    training: &[usize],
    held_out: &[usize],
    network: Option<Network>,
    context: &TrainContext,
) -> Result<FittedEnsemble, Error> {
    context.pool()?.install(|| {
        let dataset = request.dataset;
        let mut signals = Signal::all();
        if network.as_ref().is_none_or(|network| network.scorer.item_count() != dataset.items.len()) {
            signals.retain(|signal| !matches!(signal, Signal::Network));
        }
        let scorer = network.as_ref().map(|network| network.scorer.clone());
        let parts = parts(request, training, scorer, &signals, EASE_ITEMS_MAX, context)?;
        // A table none of whose columns tells items apart is as good as none.
        let related = parts.content.weight_count() > 0;
        let expected = parts.expected.windows(2).any(|pair| pair[0] != pair[1]);
        signals.retain(|signal| match signal {
            Signal::Content { .. } => related,
            Signal::Expected => expected,
            Signal::New => related || expected,
            Signal::NewItems => related && !parts.new_items.is_empty(),
            _ => true,
        });
        let event_weights = EventWeights::new(request);
        let histories = holdout::histories(dataset, held_out);
        let in_session = HeldOut { parts: parts.clone(), points: holdout::in_session(&histories, &event_weights) };
        let mut everybody = [training, held_out].concat();
        everybody.sort_unstable();
        let returns = holdout::Returns::backtest(dataset, &everybody);
        let next_session = backtests(request, &everybody, &returns, &signals, context)?;
        let count = in_session.points.len() + next_session.iter().map(|held| held.points.len()).sum::<usize>();
        say(context, sentences::WEIGHING.with(&[&signals.len(), &count]));
        let validation = EnsembleValidation { in_session: vec![in_session], next_session };
        let (weighted, report) = fit(&signals, &validation, &FitOptions::default(), context.cancel)?;
        let blend = Ensemble::new(parts, weighted);
        let tensors = blend.to_tensors(network.as_ref().map(|network| &network.tensors));
        Ok(FittedEnsemble { blend, tensors, facts: Some(EnsembleFacts::from(&report)) })
    })
}

/// A network that did not converge takes no part; the others make the ensemble, and the training says so.
pub(crate) fn unless_diverged<T>(trained: Result<T, Error>, context: &TrainContext) -> Result<Option<T>, Error> {
    match trained {
        Ok(trained) => Ok(Some(trained)),
        Err(Error::Diverged(why)) => {
            say(context, sentences::NETWORK_LEFT_OUT.with(&[&why]));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The points of users who came back after some points in time, each with the parts as they were known then. The
/// network is not among those: it would have to be trained once more for each.
fn backtests<'a>(
    request: &TrainRequest,
    users: &[usize],
    returns: &'a [holdout::Returns],
    signals: &[Signal],
    context: &TrainContext,
) -> Result<Vec<HeldOut<'a>>, Error> {
    let event_weights = EventWeights::new(request);
    let mut held_out = Vec::new();
    for returns in returns {
        let points = returns.points(&event_weights);
        if points.len() >= POINTS_MIN {
            let past = request.dataset.with_times(|time_s| time_s < returns.cut_s);
            let request = TrainRequest { dataset: &past, ..*request };
            let parts = parts(&request, users, None, signals, EASE_ITEMS_BACKTEST, context)?;
            held_out.push(HeldOut { parts, points });
        }
    }
    Ok(held_out)
}

/// The blend `of` with its other parts made anew from `users` and the network replaced by `network`.
pub(crate) fn refitted(
    request: &TrainRequest,
    of: &Ensemble,
    users: &[usize],
    network: Option<Network>,
    facts: Option<EnsembleFacts>,
    context: &TrainContext,
) -> Result<FittedEnsemble, Error> {
    context.pool()?.install(|| {
        let weighted = of.weighted().clone();
        let scorer = network.as_ref().map(|network| network.scorer.clone());
        let parts = parts(request, users, scorer, &weighted.signals, EASE_ITEMS_MAX, context)?;
        let blend = Ensemble::new(parts, weighted);
        let tensors = blend.to_tensors(network.as_ref().map(|network| &network.tensors));
        Ok(FittedEnsemble { blend, tensors, facts })
    })
}

/// Everything that `signals` need, from the histories of `users`.
fn parts(
    request: &TrainRequest,
    users: &[usize],
    network: Option<Arc<dyn Scorer>>,
    signals: &[Signal],
    ease_items_max: usize,
    context: &TrainContext,
) -> Result<Parts, Error> {
    let dataset = request.dataset;
    let items = dataset.items.len();
    let event_weights = EventWeights::new(request);
    let part = Part::of(dataset, &event_weights.column(dataset), users);
    let sequences = part.sequences();
    let any = |wanted: fn(&Signal) -> bool| signals.iter().any(wanted);
    let name = |kind| {
        let numbers = [items as u64, context.threads as u64, context.seed];
        PartName::new(kind).sequences(&sequences).numbers(numbers)
    };
    let mut parts = Parts { items, network, ..Parts::default() };
    if any(|s| matches!(s, Signal::Cooccurrence { .. })) {
        say(context, sentences::CO_OCCURRENCE.with(&[&items]));
        let window = Window { row_max: ROW_MAX, ..Window::default() };
        let name = || name("cooccurrence").text(&format!("{window:?}"));
        parts.follows = context.part(name, || directed(&sequences, items, window, context.cancel))?;
    }
    let mut counts = vec![0.0; items];
    let weight = |n: usize| sequences.weights.get(n).copied().unwrap_or(1.0);
    (0..).zip(sequences.items).for_each(|(n, &item)| counts[item as usize] += weight(n));
    if any(|s| matches!(s, Signal::Ease { .. })) {
        let config = ease_config(&sequences, items, ease_items_max.min(request.ease_items_max));
        let inverse = items.min(config.items_max);
        say(context, sentences::EASE.with(&[&inverse, &(config.bytes(items) >> 20)]));
        let name = || name("ease").text(&format!("{config:?}"));
        parts.ease = context.part(name, || ease(&sequences, items, &config, context.cancel))?;
    }
    let mut relations = Relations::default();
    if any(|s| matches!(s, Signal::Content { .. } | Signal::NewItems))
        && let Some(table) = request.items
    {
        let config = ContentConfig { row_max: CONTENT_ROW_MAX, features_max: usize::MAX, counts: &counts };
        relations = related_by_metadata(table, dataset, &config, context)?;
        parts.content = std::mem::take(&mut relations.to_all);
    }
    if any(|s| matches!(s, Signal::Expected | Signal::NewItems))
        && let Some(table) = request.items
    {
        parts.expected = content::cold_start_popularity(table, &dataset.items, &counts, context.cancel)?;
    }
    if any(|s| matches!(s, Signal::NewItems)) && !relations.to_new.is_empty() {
        parts.new_items = NewItems::new(&counts, relations.to_new, &parts.expected);
    }
    if any(|s| matches!(s, Signal::Factors { .. })) {
        say(context, sentences::IALS.with(&[&items]));
        let config = factors();
        let name = || name("factors").text(&format!("{config:?}"));
        parts.factors = context.part(name, || ItemFactors::train(&sequences, items, &config, context))?;
    }
    if any(Signal::counts) {
        parts.counts = counts;
    }
    if any(|s| matches!(s, Signal::Popular { .. })) {
        parts.popular = TimeDecayedPopularity::new(sequences.items, part.timed().times, items);
    }
    if any(|s| matches!(s, Signal::Repeats)) {
        say(context, sentences::REPEATS.with(&[]));
        let rates = rates(&sequences, items);
        let histories = holdout::histories(dataset, &holdout::some(users));
        let times = holdout::Cuts::of(dataset.time_column());
        let within = RepeatModel::fit(rates.clone(), &holdout::newest(holdout::in_session(&histories, &event_weights)));
        let after =
            RepeatModel::fit(rates, &holdout::newest(holdout::next_session(&histories, &times, &event_weights)));
        parts.repeats = Some([within, after]);
    }
    Ok(parts)
}

/// The nearest items by their `features_max` weightiest metadata, `[items]` rows, saying which columns tell nothing.
pub(crate) fn neighbours(
    table: &Table,
    dataset: &Dataset,
    row_max: usize,
    features_max: usize,
    context: &TrainContext,
) -> Result<ItemMatrix, Error> {
    let config = ContentConfig { row_max, features_max, counts: &[] };
    Ok(related_by_metadata(table, dataset, &config, context)?.to_all)
}

/// Items by their metadata, saying which columns tell nothing.
fn related_by_metadata(
    table: &Table,
    dataset: &Dataset,
    config: &ContentConfig<'_>,
    context: &TrainContext,
) -> Result<Relations, Error> {
    let relations = content::content(table, &dataset.items, config, context.cancel)?;
    for column in &relations.columns {
        if let ColumnUse::LeftOut(why) = &column.used {
            say(context, sentences::COLUMN_LEFT_OUT.with(&[&column.name, why]));
        }
    }
    Ok(relations)
}

/// The regularization that suits histories of this length.
pub(crate) fn ease_config(sequences: &Sequences<'_>, items: usize, items_max: usize) -> EaseConfig {
    let long = sequences.items.len() > LONG_HISTORY * sequences.len();
    EaseConfig { lambda: LAMBDAS[usize::from(long)], row_max: ROW_MAX.min(items), items_max }
}

fn say(context: &TrainContext, note: String) {
    (context.progress)(Progress::of("blend", note));
}

#[cfg(test)]
mod tests;
