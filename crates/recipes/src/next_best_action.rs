//! `aws-next-best-action`: the probability that a user takes each of the customer's actions.
//!
//! `learn::models::propensity` over the responses to actions, with each user's vector over the items (`learn::models::als`) beside them.
//! `action_optimization_period` is the days within which an action must be taken for its showing to count as a success. The
//! model's items are the actions, and its histories responses; users are folded in over the items by [`ActionTastes`].

use crate::Error;
use crate::artifact::{self, ArtifactFiles, MODEL_FILE};
use crate::model::Model;
use crate::recipe::Recipe;
use crate::request::TrainRequest;
use std::sync::Arc;
use tastemaker_data::Dataset;
use tastemaker_domain::catalog;
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::recipe::{Inference, RecipeDescriptor};
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::models::als::{self, AlsConfig, AlsModel, Sparse};
use tastemaker_learn::models::propensity::{self, PropensityModel, Tastes};
use tastemaker_learn::{Event, Scorer, TrainContext};

pub(crate) const NEXT_BEST_ACTION: Recipe = Recipe::new(&catalog::AWS_NEXT_BEST_ACTION, train, open);

const KIND: &str = "next-best-action/1";
const PROPENSITY: &str = "propensity/";
const PROPENSITY_KIND: &str = "propensity/1";
const ALS: &str = "als/";
const ALS_KIND: &str = "als/1";
const DAY_S: i64 = 86_400;
/// Numbers of a user's vector over the items: few, as there are few responses to learn their weights from.
const DIMENSION: usize = 16;
/// A vector is stretched to this length at most, so that heavy users are no outliers.
const TASTE_LENGTH: f32 = 1.0;

fn train(
    descriptor: &'static RecipeDescriptor,
    request: &TrainRequest,
    context: &TrainContext,
) -> Result<Model, Error> {
    context.cancel.check()?;
    let values = resolve(descriptor, request.config)?;
    let responses = request.responses.ok_or_else(|| {
        Error::Invalid(format!("{} needs an Actions dataset. Create one and import actions.", descriptor.name))
    })?;
    let tastes = taste_model(request.dataset, context)?;
    let mut of_users = Tastes { width: tastes.stride(), vectors: Vec::new() };
    let mut vector = Vec::new();
    for user in responses.users.iter() {
        let items = request.dataset.users.get(user).map(|user| request.dataset.sequence(tastemaker_data::UserIx(user)));
        let entries: Vec<(u32, f32)> = items.map(|sequence| distinct(sequence.items)).unwrap_or_default();
        fold_in(&tastes, &entries, &mut vector);
        of_users.vectors.extend_from_slice(&vector);
    }
    let period_s = values.integer("action_optimization_period")? * DAY_S;
    let model = propensity::train(responses, &of_users, period_s, context.cancel)?;
    let mut tensors = Tensors::new(KIND);
    tensors.nest(PROPENSITY, &model.to_tensors());
    tensors.nest(ALS, &tastes.to_tensors());
    Ok(Model {
        tensors,
        scorer: Arc::new(model),
        users_trained: responses.users.len(),
        interactions_trained: responses.len(),
        epochs: 1,
        blend: None,
        held_out: Vec::new(),
    })
}

/// Users over the items of their interactions.
fn taste_model(dataset: &Dataset, context: &TrainContext) -> Result<AlsModel, Error> {
    let config = AlsConfig { dimension: DIMENSION, ..AlsConfig::default() };
    let mut matrix = Sparse::new(dataset.items.len());
    dataset.sequences().for_each(|(_, sequence)| matrix.push(distinct(sequence.items)));
    let factors = context.pool()?.install(|| als::train(&matrix, &config, context))?;
    Ok(AlsModel::new(config, dataset.items.len(), factors.columns)?)
}

fn distinct(items: &[u32]) -> Vec<(u32, f32)> {
    let events: Vec<Event> = items.iter().map(|&item| Event::new(tastemaker_data::ItemIx(item), 0)).collect();
    AlsModel::entries(&events)
}

fn fold_in(model: &AlsModel, entries: &[(u32, f32)], vector: &mut Vec<f32>) {
    model.fold_in(entries, vector);
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|x| *x *= TASTE_LENGTH / length);
    }
}

fn open(tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
    Ok(Arc::new(PropensityModel::from_tensors(&parts(tensors, PROPENSITY, PROPENSITY_KIND)?)?))
}

fn parts(tensors: &Tensors, prefix: &str, kind: &str) -> Result<Tensors, Error> {
    match tensors.kind == KIND {
        true => Ok(tensors.nested(prefix, kind)),
        false => Err(Error::Artifact(format!("kind must be {KIND}, it is {}", tensors.kind))),
    }
}

/// The vectors over the items of users of `aws-next-best-action`, for the model's `ScoringContext::user_vector`.
pub struct ActionTastes(AlsModel);

impl ActionTastes {
    /// Of an artifact of the recipe; `None` for other recipes.
    pub fn open(files: &ArtifactFiles) -> Result<Option<Self>, Error> {
        let manifest = artifact::read_manifest(artifact::file(files, artifact::MANIFEST_FILE)?)?;
        let recipe = catalog::by_name(&manifest.recipe);
        if recipe.is_none_or(|recipe| recipe.inference() != Inference::Actions) {
            return Ok(None);
        }
        let tensors = Tensors::from_safetensors(artifact::file(files, MODEL_FILE)?)?;
        Ok(Some(Self(AlsModel::from_tensors(&parts(&tensors, ALS, ALS_KIND)?)?)))
    }

    /// The same of a model that was just trained.
    pub fn of(model: &Model) -> Result<Self, Error> {
        Ok(Self(AlsModel::from_tensors(&parts(&model.tensors, ALS, ALS_KIND)?)?))
    }

    /// The number of items.
    pub fn items(&self) -> usize {
        self.0.item_count()
    }

    /// The vector of a user who took these items, oldest first.
    pub fn of_user(&self, items: &[u32], vector: &mut Vec<f32>) {
        fold_in(&self.0, &distinct(items), vector);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::DatasetBuilder;
    use tastemaker_domain::solution_config::SolutionConfig;
    use tastemaker_learn::{Cancel, ScoringContext, Scratch};

    /// Those who took lamps join three times out of four, others hardly ever.
    fn data() -> (Dataset, Dataset) {
        let (mut items, mut responses) = (DatasetBuilder::new(), DatasetBuilder::new());
        for user in 0..200i64 {
            let (id, kind) = (format!("u{user}"), if user % 2 == 0 { "lamp" } else { "pot" });
            (0..5).for_each(|k| items.push(&id, &format!("{kind}{}", (user + k) % 9), k, None, None));
            for k in 0..3 {
                let joins = (user / 2 + k) % 4 != 0;
                let taken = if user % 2 == 0 { joins } else { !joins && k == 0 };
                let event_type = if taken { "TAKEN" } else { "NOT_TAKEN" };
                responses.push(&id, "join", (k * 10 + user % 7) * DAY_S, Some(event_type), None);
            }
        }
        (items.build(), responses.build())
    }

    fn train_with(period: &str, items: &Dataset, responses: &Dataset) -> Result<Model, Error> {
        let mut config = SolutionConfig::default();
        config.feature_transformation_parameters.insert("action_optimization_period".into(), period.into());
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 1,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let request = TrainRequest { responses: Some(responses), ..TrainRequest::new(items, &config) };
        NEXT_BEST_ACTION.train(&request, &context)
    }

    #[test]
    fn the_items_of_a_stranger_say_what_they_will_do() {
        let (items, responses) = data();
        let model = train_with("7", &items, &responses).unwrap();
        let tastes = ActionTastes::of(&model).unwrap();
        let probability = |taken: &[&str]| {
            let indices: Vec<u32> = taken.iter().map(|id| items.items.get(id).unwrap()).collect();
            let (mut vector, mut scratch) = (Vec::new(), Scratch::default());
            tastes.of_user(&indices, &mut vector);
            let scoring_context =
                ScoringContext { now_s: Some(40 * DAY_S), user_vector: &vector, ..ScoringContext::default() };
            model.scorer.scores(&model.scorer.start(), &scoring_context, &mut scratch)[0].exp()
        };
        let (lamps, pots) = (probability(&["lamp1", "lamp2"]), probability(&["pot1", "pot2"]));
        assert!(lamps > pots + 0.2, "{lamps} {pots}");
        let longer = train_with("28", &items, &responses).unwrap();
        assert_ne!(longer.tensors, model.tensors, "the period decides what is a success");
        assert!(train_with("5", &items, &responses).is_err());
    }

    #[test]
    fn without_actions_nothing_can_be_learned() {
        let (items, _) = data();
        let config = SolutionConfig::default();
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 1,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let error = NEXT_BEST_ACTION.train(&TrainRequest::new(&items, &config), &context).unwrap_err();
        assert!(error.to_string().contains("Actions dataset"), "{error}");
    }
}
