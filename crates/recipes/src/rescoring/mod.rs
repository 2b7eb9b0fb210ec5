//! Rescoring of a personal model by the customer's objective, the context of requests and users' metadata
//! ([`tastemaker_learn::rescoring`]).
//!
//! `optimizationObjective` raises items by their rank in a numeric column: half the items are raised and half lowered, the best
//! by the sensitivity's share of the spread of a user's best logits. `OFF` changes nothing.
//!
//! | sensitivity | spreads |
//! |---|---|
//! | `LOW` | 0.25 |
//! | `MEDIUM` | 0.5 |
//! | `HIGH` | 1 |
//!
//! Contextual columns of the interactions are counted by item, and requests that name a value of theirs move items by it.
//! Users' metadata does the same for the users themselves, as far as it helps ([`user_features`]).

mod user_features;

use crate::Error;
use crate::model::Model;
use crate::request::TrainRequest;
use std::sync::Arc;
use tastemaker_data::{Column, Table};
use tastemaker_domain::Member;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::solution_config::{Objective, Sensitivity};
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::rescoring::{CategoryCounts, Rescored};
use tastemaker_learn::{Event, Scorer, ScoringContext, Scratch, TrainContext};

const KIND: &str = "adjusted/1";
const MODEL: &str = "model/";
const MODEL_KIND: &str = "adjusted.model";
/// Users whose lists tell how far logits spread, and the length of these lists.
const SPREAD_USERS: usize = 100;
const SPREAD_ITEMS: usize = 100;

/// `model` with everything that the request adds; itself if that is nothing, or for recipes that do not know the user. `former` is the
/// model that this one continues.
pub(crate) fn rescored(
    descriptor: &RecipeDescriptor,
    request: &TrainRequest,
    model: Model,
    former: Option<&Model>,
    context: &TrainContext,
) -> Result<Model, Error> {
    if !descriptor.is_personal() {
        return Ok(model);
    }
    let items = &request.dataset.items;
    let boost = match &request.config.objective {
        Some(objective) if objective.sensitivity != Sensitivity::Off => boost(objective, request, &*model.scorer)?,
        _ => Vec::new(),
    };
    let circumstances = match request.contexts.filter(|contexts| !contexts.is_empty()) {
        Some(contexts) => CategoryCounts { counts: contexts.counts(items), events: contexts.events(items) },
        None => CategoryCounts::default(),
    };
    let user_features = user_features::of(request, &model, former, context)?;
    if boost.is_empty() && circumstances.counts.is_empty() && user_features.is_none() {
        return Ok(model);
    }
    let rescored = Rescored::new(model.scorer.clone(), boost, circumstances, user_features)?;
    let mut tensors = Tensors::new(KIND);
    tensors.nest(MODEL, &model.tensors);
    tensors.insert_integers(MODEL_KIND, model.tensors.kind.bytes().map(u32::from).collect());
    rescored.store(&mut tensors);
    Ok(Model { scorer: Arc::new(rescored), tensors, ..model })
}

/// The model's own tensors, if something was added to it.
pub(crate) fn inner(tensors: &Tensors) -> Result<Option<Tensors>, Error> {
    if tensors.kind != KIND {
        return Ok(None);
    }
    let kind: Vec<u8> = tensors.get_integers(MODEL_KIND)?.iter().map(|&byte| byte as u8).collect();
    let kind = String::from_utf8(kind).map_err(|_| Error::Artifact(format!("{MODEL_KIND} must be a text")))?;
    Ok(Some(tensors.nested(MODEL, &kind)))
}

/// The rescored model around `scorer`, by the tensors that were added to its own.
pub(crate) fn opened(scorer: Arc<dyn Scorer>, tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
    Ok(Arc::new(Rescored::load(scorer, tensors)?))
}

/// `[items]`: what each item's logit is moved by.
fn boost(objective: &Objective, request: &TrainRequest, scorer: &dyn Scorer) -> Result<Vec<f32>, Error> {
    let name = &objective.item_attribute;
    let column = request.items.and_then(|table| Some((table, table.column(name)?)));
    let Some((table, column)) = column.filter(|(_, column)| column.is_numeric()) else {
        return Err(Error::Invalid(format!(
            "{}: the Items dataset has no numeric column '{name}' in training.",
            Member::SolutionConfig.then(Member::OptimizationObjective).then(Member::ItemAttribute)
        )));
    };
    let strength = match objective.sensitivity {
        Sensitivity::Off => 0.0,
        Sensitivity::Low => 0.25,
        Sensitivity::Medium => 0.5,
        Sensitivity::High => 1.0,
    };
    let values: Vec<Option<f64>> = request.dataset.items.iter().map(|id| number(table, column, id)).collect();
    let mut sorted: Vec<f64> = values.iter().copied().flatten().collect();
    if sorted.is_empty() {
        return Err(Error::Invalid(format!(
            "{}: no item has a number in '{name}'.",
            Member::SolutionConfig.then(Member::OptimizationObjective).then(Member::ItemAttribute)
        )));
    }
    sorted.sort_by(f64::total_cmp);
    let spread = spread(request, scorer);
    // The middle of equal values; an item without a number is moved by nothing.
    let rank = |value: f64| {
        let (below, upto) = (sorted.partition_point(|&x| x < value), sorted.partition_point(|&x| x <= value));
        (below + upto) as f32 / sorted.len() as f32 - 1.0
    };
    Ok(values.into_iter().map(|value| value.map_or(0.0, |value| 2.0 * strength * spread * rank(value))).collect())
}

/// An item's number in a column.
pub(crate) fn number(table: &Table, column: &Column, id: &str) -> Option<f64> {
    let row = table.ids.get(id)? as usize;
    let value = match column {
        Column::Integer(values) => values.get(row).copied().flatten().map(|x| x as f64),
        Column::Number(values) => values.get(row).copied().flatten(),
        Column::Text(_) | Column::Boolean(_) => None,
    };
    value.filter(|value| value.is_finite())
}

/// The standard deviation of the best logits of a user, on average over some.
fn spread(request: &TrainRequest, scorer: &dyn Scorer) -> f32 {
    let users = request.dataset.users.len();
    let mut scratch = Scratch::default();
    let mut spreads = Vec::new();
    for (_, sequence) in request.dataset.sequences().step_by(users.div_ceil(SPREAD_USERS).max(1)) {
        let history = Event::history(&sequence, 0..sequence.items.len());
        let state = scorer.encode(&history, &mut scratch);
        let ranked = scorer.top_k(&state, &ScoringContext::default(), SPREAD_ITEMS, None, &mut scratch);
        let n = ranked.items.len().max(1) as f32;
        let mean = ranked.items.iter().map(|(_, logit)| logit).sum::<f32>() / n;
        let variance = ranked.items.iter().map(|(_, logit)| (logit - mean).powi(2)).sum::<f32>() / n;
        spreads.push(variance.sqrt());
    }
    let mean = spreads.iter().sum::<f32>() / spreads.len().max(1) as f32;
    if mean.is_finite() { mean } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::ArtifactFiles;
    use crate::user_personalization::USER_PERSONALIZATION;
    use tastemaker_data::{ContextCounts, Dataset, DatasetBuilder, TableBuilder, table::Value};
    use tastemaker_domain::solution_config::SolutionConfig;
    use tastemaker_learn::{Cancel, TrainContext};

    fn dataset() -> Dataset {
        let mut builder = DatasetBuilder::new();
        for user in 0..120i64 {
            for k in 0..8 {
                let item = (user * 7 + k * (1 + user % 3)) % 24;
                builder.push(&format!("u{user}"), &format!("i{item}"), user * 100 + k, None, None);
            }
        }
        builder.build()
    }

    fn config(sensitivity: Option<Sensitivity>) -> SolutionConfig {
        let objective = sensitivity.map(|s| Objective { item_attribute: "PRICE".to_owned(), sensitivity: s });
        let mut config = SolutionConfig { objective, ..SolutionConfig::default() };
        config.algorithm_hyper_parameters.insert("hidden_dimension".to_owned(), "32".to_owned());
        config
    }

    fn train(request: TrainRequest) -> Result<Arc<dyn Scorer>, Error> {
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 1,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let model = USER_PERSONALIZATION.train(&request, &context)?;
        let files = USER_PERSONALIZATION.write(&model, request.config, 1, ArtifactFiles::new())?;
        USER_PERSONALIZATION.open(&files)
    }

    fn lists(scorer: &dyn Scorer, dataset: &Dataset, context: &[(u32, u32)]) -> Vec<Vec<u32>> {
        let mut scratch = Scratch::default();
        let list = |sequence: tastemaker_data::Sequence| {
            let history: Vec<Event> = Event::history(&sequence, 0..sequence.items.len());
            let state = scorer.encode(&history, &mut scratch);
            let scoring_context = ScoringContext { context, ..ScoringContext::default() };
            scorer
                .top_k(&state, &scoring_context, 5, None, &mut scratch)
                .items
                .into_iter()
                .map(|(item, _)| item.0)
                .collect()
        };
        dataset.sequences().map(|(_, sequence)| sequence).map(list).collect()
    }

    #[test]
    fn the_mean_of_the_attribute_rises_with_the_sensitivity() {
        let dataset = dataset();
        let mut table = TableBuilder::new(vec![("PRICE".to_owned(), Column::Number(vec![]))]);
        let price = |item: u32| f64::from((item * 37) % 24);
        for (n, id) in dataset.items.iter().enumerate() {
            table.set(id, [Some(Value::Number(price(n as u32)))]);
        }
        let table = table.build();
        let mean = |sensitivity: Option<Sensitivity>| {
            let config = config(sensitivity);
            let request = TrainRequest { items: Some(&table), ..TrainRequest::new(&dataset, &config) };
            let lists = lists(&*train(request).unwrap(), &dataset, &[]);
            lists.iter().flatten().map(|&item| price(item)).sum::<f64>() / lists.iter().flatten().count() as f64
        };
        let levels =
            [Sensitivity::Off, Sensitivity::Low, Sensitivity::Medium, Sensitivity::High].map(|s| mean(Some(s)));
        assert_eq!(levels[0], mean(None), "OFF changes nothing");
        assert!(levels.windows(2).all(|pair| pair[0] < pair[1]), "{levels:?}");
        let other = config(Some(Sensitivity::High));
        let error = train(TrainRequest::new(&dataset, &other)).err().unwrap();
        assert!(error.to_string().contains("no numeric column 'PRICE'"), "{error}");
    }

    #[test]
    fn circumstances_move_lists_towards_what_is_taken_in_them() {
        let dataset = dataset();
        let mut contexts = ContextCounts::default();
        for (_, sequence) in dataset.sequences() {
            for &item in sequence.items {
                let device = if item % 2 == 0 { "phone" } else { "tv" };
                contexts.push(dataset.items.id(item), [("DEVICE", device)].into_iter());
            }
        }
        let config = config(None);
        let request = TrainRequest { contexts: Some(&contexts), ..TrainRequest::new(&dataset, &config) };
        let scorer = train(request).unwrap();
        let even = |value: &str| {
            let context: Vec<_> = scorer.context("device", value).into_iter().collect();
            let lists = lists(&*scorer, &dataset, &context);
            lists.iter().flatten().filter(|item| *item % 2 == 0).count()
        };
        let (phone, none, tv) = (even("phone"), even("fridge"), even("tv"));
        assert!(phone > none && none > tv, "{phone} {none} {tv}");

        // An update counts anew what was added.
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 1,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let model = USER_PERSONALIZATION.train(&request, &context).unwrap();
        let updated = USER_PERSONALIZATION.update(&request, &model, &context).unwrap();
        assert!(updated.scorer.context("DEVICE", "tv").is_some());
        let without = TrainRequest { contexts: None, ..request };
        let updated = USER_PERSONALIZATION.update(&without, &updated, &context).unwrap();
        assert_eq!(updated.scorer.context("DEVICE", "tv"), None);
    }
}
