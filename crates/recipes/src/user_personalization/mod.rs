//! `aws-user-personalization`, `aws-personalized-ranking` and the domains' personal use cases: a recurrent network over each
//! user's history predicts the next item, blended with counting models ([`crate::blend`]).
//!
//! The AWS recipe is a hierarchical recurrent network; ours is `learn::gru`, a GRU whose state runs through the whole
//! history. The parameters mean what AWS's recipe page says:
//!
//! | parameter | effect here |
//! |---|---|
//! | `hidden_dimension` | width of the state and of the item vectors |
//! | `bptt` | how many events back a gradient reaches; the state itself reaches the whole history |
//! | `recency_mask` | loss weight of an event by its rank in time, see [`recency`] |
//! | `min_user_history_length_percentile`, `max_...` | users outside the band do not train, see [`history_length`] |
//!
//! Use cases have no parameters of their own and train with these recipes' defaults.

pub(crate) mod history_length;
pub(crate) mod recency;
pub(crate) mod sequences;
pub(crate) mod update;

use crate::Error;
use crate::blend::{self, Network};
use crate::recipe::{Model, Recipe, TrainRequest};
use sequences::Part;
use std::sync::Arc;
use tastemaker_data::Dataset;
use tastemaker_domain::catalog;
use tastemaker_domain::parameters::{Values, resolve};
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::blend::Blend;
use tastemaker_learn::gru::{self, GruConfig, GruModel, Trained, Validation};
use tastemaker_learn::{Scorer, TrainContext};

const fn recipe(descriptor: &'static RecipeDescriptor) -> Recipe {
    Recipe { descriptor, train, open }
}

pub(crate) const USER_PERSONALIZATION: Recipe = recipe(&catalog::AWS_USER_PERSONALIZATION);
pub(crate) const PERSONALIZED_RANKING: Recipe = recipe(&catalog::AWS_PERSONALIZED_RANKING);
pub(crate) const RECOMMENDED_FOR_YOU: Recipe = recipe(&catalog::AWS_ECOMM_RECOMMENDED_FOR_YOU);
pub(crate) const TOP_PICKS: Recipe = recipe(&catalog::AWS_VOD_TOP_PICKS);

/// Updates of the parameters that small datasets are given by more passes.
const UPDATES_MIN: usize = 2000;
const EPOCHS_MAX: usize = 100;
/// Passes over all users after a warm start, at this share of the usual learning rate.
const REFIT_EPOCHS: usize = 2;
const REFIT_LEARNING_RATE_SHARE: f32 = 0.25;

/// The parameters of a recipe, or for a use case the defaults of the recipe it is made of.
pub(crate) fn values(descriptor: &RecipeDescriptor, config: &SolutionConfig) -> Result<Values, Error> {
    let own = resolve(descriptor, config)?;
    match descriptor.use_case {
        Some(_) => Ok(resolve(&catalog::AWS_USER_PERSONALIZATION, &SolutionConfig::default())?),
        None => Ok(own),
    }
}

fn train(
    descriptor: &'static RecipeDescriptor,
    request: &TrainRequest,
    context: &TrainContext,
) -> Result<Model, Error> {
    let dataset = request.dataset;
    let values = values(descriptor, request.config)?;
    let weights = weights(&values, dataset)?;
    let min = values.float("min_user_history_length_percentile")?;
    let max = values.float("max_user_history_length_percentile")?;
    let users = history_length::users_in_band(dataset, min, max);

    let (blended, epochs, held_out) = match request.warm_start {
        Some(model) => {
            let before = Blend::from_tensors(&model.tensors, open_network)?;
            let mut network = None;
            let mut epochs = model.epochs;
            if let Some(tensors) = Blend::network_tensors(&model.tensors) {
                let all = Part::of(dataset, &weights, &users);
                let config = refit(plan(&values, dataset.items.len(), all.events())?);
                let from = GruModel::from_tensors(&tensors)?;
                let trained = gru::train(&config, &all.sequences(), None, Some(&from), context)?;
                epochs = trained.best_epoch;
                network = Some(of(trained.model));
            }
            let blended = blend::refitted(request, &before, &users, network, model.blend.clone(), context)?;
            (blended, epochs, Vec::new())
        }
        None => {
            let (training, held_out) = sequences::hold_out(dataset, &users, context.seed);
            let trained = network(&values, dataset, &weights, &training, &held_out, context);
            let trained = blend::unless_diverged(trained, context)?;
            let epochs = trained.as_ref().map_or(0, |trained| trained.best_epoch);
            let network = trained.map(|trained| of(trained.model));
            (blend::fitted(request, &training, &held_out, network, context)?, epochs, held_out)
        }
    };
    Ok(Model {
        tensors: blended.tensors,
        scorer: Arc::new(blended.blend),
        users_trained: users.len(),
        interactions_trained: users.iter().map(|&u| dataset.offsets()[u + 1] - dataset.offsets()[u]).sum(),
        epochs,
        blend: blended.facts,
        held_out,
    })
}

/// Trains the network on `training` users; `held_out` ones decide when to stop.
fn network(
    values: &Values,
    dataset: &Dataset,
    weights: &[f32],
    training: &[usize],
    held_out: &[usize],
    context: &TrainContext,
) -> Result<Trained, Error> {
    let training = Part::of(dataset, weights, training);
    let held_out = Part::of(dataset, &[], held_out);
    let first_target = held_out.first_targets();
    let valid = Validation { sequences: held_out.sequences(), first_target: &first_target, exclude_seen: false };
    let valid = (!first_target.is_empty()).then_some(&valid);
    let config = plan(values, dataset.items.len(), training.events())?;
    Ok(gru::train(&config, &training.sequences(), valid, None, context)?)
}

/// The loss weight of every event of `dataset`, or empty for 1 throughout.
fn weights(values: &Values, dataset: &Dataset) -> Result<Vec<f32>, Error> {
    Ok(match values.boolean("recency_mask")? {
        true => recency::weights(dataset.time_column()),
        false => Vec::new(),
    })
}

fn of(model: GruModel) -> Network {
    Network { tensors: model.to_tensors(), scorer: Arc::new(model) }
}

fn open_network(tensors: &Tensors) -> Result<Arc<dyn Scorer>, tastemaker_learn::Error> {
    Ok(Arc::new(GruModel::from_tensors(tensors)?))
}

fn open(tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
    Ok(Arc::new(Blend::from_tensors(tensors, open_network)?))
}

/// The architecture and schedule for the customer's parameters and this much data: the defaults of `learn`, with more
/// passes where one pass makes few updates.
fn plan(values: &Values, items: usize, events: usize) -> Result<GruConfig, Error> {
    let usual = GruConfig::default();
    let bptt = values.integer("bptt")? as usize;
    let updates_per_epoch = (events / (bptt * 8)).max(1);
    let epochs_max = UPDATES_MIN.div_ceil(updates_per_epoch).clamp(usual.epochs_max, EPOCHS_MAX.max(usual.epochs_max));
    Ok(GruConfig {
        items,
        hidden: values.integer("hidden_dimension")? as usize,
        bptt,
        patience: usual.patience * epochs_max / usual.epochs_max,
        epochs_max,
        ..usual
    })
}

/// The schedule after a warm start.
fn refit(plan: GruConfig) -> GruConfig {
    GruConfig { epochs_max: REFIT_EPOCHS, learning_rate: plan.learning_rate * REFIT_LEARNING_RATE_SHARE, ..plan }
}

#[cfg(test)]
mod tests;
