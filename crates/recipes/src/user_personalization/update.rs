//! `trainingMode` UPDATE: new items and events in a trained model, without learning anew.
//!
//! The network keeps its parameters; a new item stands in it where the items stand that it was met with, or, without events,
//! those with like metadata (`learn::networks::gru`). What counts (co-occurrence, EASE, popularity, repeats) is counted again over all
//! events, and the ensemble keeps its weights.

use super::network::{Gru, users};
use crate::model::Model;
use crate::request::TrainRequest;
use crate::use_case::values;
use crate::{Error, ensemble, next_item};
use std::collections::BTreeMap;
use tastemaker_data::Dataset;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_learn::TrainContext;
use tastemaker_learn::ensemble::Ensemble;
use tastemaker_learn::networks::gru::GruModel;

/// Events before and after a new item's that say what it goes with.
const NEIGHBOURHOOD: usize = 3;
/// Items from which a new one gets its vector.
const LIKE_MAX: usize = 20;

/// `model` with the items and events of `request.dataset`, whose first items are the model's own in the same order.
pub(crate) fn update(
    descriptor: &'static RecipeDescriptor,
    request: &TrainRequest,
    model: &Model,
    context: &TrainContext,
) -> Result<Model, Error> {
    let dataset = request.dataset;
    let users = users(&values(descriptor, request.config)?, dataset)?;
    let before = Ensemble::from_tensors(&model.tensors, next_item::open_network::<Gru>)?;
    let mut network = None;
    if let Some(tensors) = Ensemble::network_tensors(&model.tensors) {
        let known = GruModel::from_tensors(&tensors)?;
        let new = dataset.items.len().saturating_sub(model.scorer.item_count());
        let like = like(request, dataset.items.len() - new, context)?;
        network = Some(next_item::stored::<Gru>(known.add_items(&like)));
    }
    let blended = ensemble::refitted(request, &before, &users, network, model.blend.clone(), context)?;
    Ok(next_item::model(blended, dataset, &users, model.epochs))
}

/// For each item from `known` on, the known items that it is like.
fn like(request: &TrainRequest, known: usize, context: &TrainContext) -> Result<Vec<Vec<(u32, f32)>>, Error> {
    let mut like = met_with(request.dataset, known);
    if let Some(table) = request.items.filter(|_| like.iter().any(Vec::is_empty)) {
        let relations = ensemble::neighbours(table, request.dataset, LIKE_MAX, usize::MAX, context)?;
        for (k, like) in like.iter_mut().enumerate().filter(|(_, like)| like.is_empty()) {
            *like = relations.row((known + k) as u32).filter(|r| (r.0 as usize) < known).collect();
        }
    }
    Ok(like)
}

/// The known items around each new one in the histories, by how often and how near.
fn met_with(dataset: &Dataset, known: usize) -> Vec<Vec<(u32, f32)>> {
    let mut met: Vec<BTreeMap<u32, f32>> = vec![BTreeMap::new(); dataset.items.len().saturating_sub(known)];
    for range in dataset.offsets().windows(2).map(|w| w[0]..w[1]) {
        let items = &dataset.item_column()[range];
        for (at, &item) in items.iter().enumerate().filter(|(_, item)| **item as usize >= known) {
            let around = at.saturating_sub(NEIGHBOURHOOD)..(at + NEIGHBOURHOOD + 1).min(items.len());
            for other in around.filter(|&other| (items[other] as usize) < known) {
                *met[item as usize - known].entry(items[other]).or_default() += 1.0 / at.abs_diff(other) as f32;
            }
        }
    }
    let strongest = |met: BTreeMap<u32, f32>| {
        let mut met: Vec<(u32, f32)> = met.into_iter().collect();
        met.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        met.truncate(LIKE_MAX);
        met
    };
    met.into_iter().map(strongest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user_personalization::USER_PERSONALIZATION;
    use tastemaker_data::{Column, DatasetBuilder, ItemIx, TableBuilder, table::Value};
    use tastemaker_domain::solution_config::SolutionConfig;
    use tastemaker_learn::{Cancel, Event, ScoringContext, Scratch};

    /// Two shelves of ten items; every user stays on one, walking along it.
    fn shelves(builder: &mut DatasetBuilder) {
        for user in 0..120 {
            for k in 0..10 {
                let item = format!("{}-{}", user % 2, (user / 2 + k) % 10);
                builder.push(&format!("u{user}"), &item, (user * 10 + k) as i64, None, None);
            }
        }
    }

    #[test]
    fn new_items_and_events_come_in_and_nothing_else_changes() {
        let mut builder = DatasetBuilder::new();
        shelves(&mut builder);
        let first = builder.build();
        let config = SolutionConfig {
            algorithm_hyper_parameters: [("hidden_dimension".to_owned(), "32".to_owned())].into(),
            ..SolutionConfig::default()
        };
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 5,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let request = TrainRequest::new(&first, &config);
        let model = USER_PERSONALIZATION.train(&request, &context).unwrap();

        // `met` appears in the histories of the first shelf; `cold` only has the colour of some
        // of the second.
        let mut builder = DatasetBuilder::new();
        first.items.iter().for_each(|item| builder.add_item(item));
        shelves(&mut builder);
        for user in (0..120).step_by(2) {
            builder.push(&format!("u{user}"), "met", 100_000, None, None);
            builder.push(&format!("u{user}"), &format!("0-{}", user % 10), 100_001, None, None);
        }
        builder.add_item("cold");
        let second = builder.build();
        assert!(first.items.iter().zip(second.items.iter()).all(|(a, b)| a == b));
        let mut table = TableBuilder::new(vec![("SHELF".to_owned(), Column::Text(vec![]))]);
        for id in second.items.iter() {
            let shelf = if ["1-0", "1-1", "1-2", "cold"].contains(&id) { "blue" } else { id };
            table.set(id, [Some(Value::Text(shelf.into()))]);
        }
        let table = table.build();
        let request = TrainRequest { items: Some(&table), ..TrainRequest::new(&second, &config) };
        let updated = USER_PERSONALIZATION.update(&request, &model, &context).unwrap();
        assert_eq!((updated.scorer.item_count(), updated.epochs), (22, model.epochs));
        assert!(updated.interactions_trained > model.interactions_trained);
        let rank = |history: &[&str], item: &str| {
            let event = |(n, id): (usize, &&str)| Event::new(second.item_ix(id).unwrap(), 200_000 + n as i64);
            let history: Vec<Event> = history.iter().enumerate().map(event).collect();
            let scratch = &mut Scratch::default();
            let state = updated.scorer.encode(&history, scratch);
            let ranked = updated.scorer.top_k(&state, &ScoringContext::default(), 22, None, scratch).items;
            ranked.iter().position(|(ix, score)| {
                assert!(score.is_finite());
                *ix == second.item_ix(item).unwrap()
            })
        };
        let (here, there) = (rank(&["0-1", "0-2"], "met"), rank(&["1-1", "1-2"], "met"));
        assert!(here < there, "{here:?} {there:?}");
        assert!(
            rank(&["met", "met"], "0-3") < rank(&["met", "met"], "1-3"),
            "a history of it alone leads to its shelf"
        );

        let like = like(&request, 20, &context).unwrap();
        assert!(like[0].iter().all(|(item, _)| second.items.id(*item).starts_with('0')), "{like:?}");
        assert!(
            !like[1].is_empty() && like[1].iter().all(|(item, _)| second.items.id(*item).starts_with('1')),
            "{like:?}"
        );
        // Nothing new: the same again, by the very same scores.
        let request = TrainRequest::new(&first, &config);
        let same = USER_PERSONALIZATION.update(&request, &model, &context).unwrap();
        let again = USER_PERSONALIZATION.update(&request, &same, &context).unwrap();
        assert_eq!(same.tensors.to_safetensors().unwrap(), again.tensors.to_safetensors().unwrap());
        assert_eq!(second.item_ix("met"), Some(ItemIx(20)));
    }

    #[test]
    fn other_recipes_learn_anew_only() {
        let mut builder = DatasetBuilder::new();
        shelves(&mut builder);
        let dataset = builder.build();
        let config = SolutionConfig::default();
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 5,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let request = TrainRequest::new(&dataset, &config);
        let recipe = crate::by_name("aws-popularity-count").unwrap();
        let model = recipe.train(&request, &context).unwrap();
        let refused = recipe.update(&request, &model, &context).unwrap_err();
        assert!(refused.to_string().contains("aws-popularity-count"), "{refused}");
    }
}
