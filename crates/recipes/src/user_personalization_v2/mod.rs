//! `aws-user-personalization-v2` and `aws-personalized-ranking-v2`: a transformer over each user's history predicts the next
//! item, blended with counting models ([`crate::blend`]).
//!
//! `apply_recency_bias` weighs an event's loss by its rank in time, see [`recency`]. The rest is decided from the data.

use crate::Error;
use crate::blend::moments::Worth;
use crate::blend::{self, Network};
use crate::recipe::{Model, Recipe, TrainRequest};
use crate::user_personalization::recency;
use crate::user_personalization::sequences::{Part, hold_out};
use std::sync::Arc;
use tastemaker_data::Dataset;
use tastemaker_domain::catalog;
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::blend::Blend;
use tastemaker_learn::gru::Validation;
use tastemaker_learn::transformer::{self, Histories, Trained, TransformerConfig, TransformerModel};
use tastemaker_learn::{Scorer, TrainContext};

const fn recipe(descriptor: &'static RecipeDescriptor) -> Recipe {
    Recipe { descriptor, train, open }
}

pub(crate) const USER_PERSONALIZATION: Recipe = recipe(&catalog::AWS_USER_PERSONALIZATION_V2);
pub(crate) const PERSONALIZED_RANKING: Recipe = recipe(&catalog::AWS_PERSONALIZED_RANKING_V2);

/// Passes over all users after a warm start, at this share of the usual learning rate.
const REFIT_EPOCHS: usize = 2;
const REFIT_LEARNING_RATE_SHARE: f32 = 0.25;
/// Updates of the parameters that small datasets are given by more passes.
const UPDATES_MIN: usize = 3000;
const EVENTS_PER_UPDATE: usize = 256;
const EPOCHS_MAX: usize = 100;
/// One user in this many has a history longer than the model looks back, up to the default's length.
const LONGER_ONE_IN: usize = 50;
const LENGTH_MIN: usize = 16;

fn train(
    descriptor: &'static RecipeDescriptor,
    request: &TrainRequest,
    context: &TrainContext,
) -> Result<Model, Error> {
    let dataset = request.dataset;
    let weights = weights(descriptor, request)?;
    let events = |user: &usize| dataset.offsets()[user + 1] - dataset.offsets()[*user];
    let users: Vec<usize> = (0..dataset.users.len()).filter(|user| events(user) > 0).collect();

    let (blended, epochs, held_out) = match request.warm_start {
        Some(model) => {
            let before = Blend::from_tensors(&model.tensors, open_network)?;
            let (mut network, mut epochs) = (None, model.epochs);
            if let Some(tensors) = Blend::network_tensors(&model.tensors) {
                let from = TransformerModel::from_tensors(&tensors)?;
                let all = Part::of(dataset, &weights, &users);
                let config = TransformerConfig {
                    epochs_max: REFIT_EPOCHS,
                    updates: 0,
                    learning_rate: TransformerConfig::default().learning_rate * REFIT_LEARNING_RATE_SHARE,
                    length: from.length(),
                    ..plan(dataset)
                };
                let histories = Histories { sequences: all.sequences(), times: all.times() };
                let trained = transformer::train(&config, &histories, None, Some(&from), context)?;
                epochs = trained.best_epoch;
                network = Some(of(trained.model));
            }
            let blended = blend::refitted(request, &before, &users, network, model.blend.clone(), context)?;
            (blended, epochs, Vec::new())
        }
        None => {
            let (training, held_out) = hold_out(dataset, &users, context.seed);
            let trained = network(dataset, &weights, &training, &held_out, context);
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
        interactions_trained: dataset.len(),
        epochs,
        blend: blended.facts,
        held_out,
    })
}

/// The loss weight of every event, or empty for 1 throughout.
fn weights(descriptor: &RecipeDescriptor, request: &TrainRequest) -> Result<Vec<f32>, Error> {
    let recency = match resolve(descriptor, request.config)?.boolean("apply_recency_bias")? {
        true => recency::weights(request.dataset.time_column()),
        false => Vec::new(),
    };
    let mut weights = Worth::new(request).column(request.dataset);
    match weights.is_empty() {
        true => Ok(recency),
        false => {
            weights.iter_mut().zip(recency).for_each(|(weight, recent)| *weight *= recent);
            Ok(weights)
        }
    }
}

/// Trains the network on `training` users; `held_out` ones decide when to stop.
fn network(
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
    let valid = (!first_target.is_empty()).then_some((&valid, held_out.times()));
    let histories = Histories { sequences: training.sequences(), times: training.times() };
    Ok(transformer::train(&plan(dataset), &histories, valid, None, context)?)
}

/// The defaults of `learn`, looking no further back than the data's histories go, with more passes where one pass makes few
/// updates.
///
/// The network does not see the time between events: histories that are put together for a request often have times of the
/// request's making, and a network that trusts them loses more by those than true ones gain (docs/quality.md).
fn plan(dataset: &Dataset) -> TransformerConfig {
    let usual = TransformerConfig::default();
    let mut lengths: Vec<usize> = dataset.offsets().windows(2).map(|w| w[1] - w[0]).collect();
    lengths.sort_unstable();
    let long = lengths.get(lengths.len() - lengths.len() / LONGER_ONE_IN - usize::from(!lengths.is_empty()));
    let length = long.map_or(LENGTH_MIN, |&n| n.next_multiple_of(16).clamp(LENGTH_MIN, usual.length));
    let updates_per_epoch = (dataset.len() / EVENTS_PER_UPDATE).max(1);
    let epochs_max = UPDATES_MIN.div_ceil(updates_per_epoch).clamp(usual.epochs_max, EPOCHS_MAX.max(usual.epochs_max));
    let patience = usual.patience * epochs_max / usual.epochs_max;
    TransformerConfig { items: dataset.items.len(), length, epochs_max, patience, timed: false, ..usual }
}

fn of(model: TransformerModel) -> Network {
    Network { tensors: model.to_tensors(), scorer: Arc::new(model) }
}

fn open_network(tensors: &Tensors) -> Result<Arc<dyn Scorer>, tastemaker_learn::Error> {
    Ok(Arc::new(TransformerModel::from_tensors(tensors)?))
}

fn open(tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
    Ok(Arc::new(Blend::from_tensors(tensors, open_network)?))
}

#[cfg(test)]
mod tests;
