//! `aws-user-personalization-v2` and `aws-personalized-ranking-v2`: a transformer over each user's history predicts the next
//! item, in an ensemble with counting models ([`crate::ensemble`]).
//!
//! `apply_recency_bias` weighs an event's loss by its rank in time, see [`recency`]; the `preset` `fast` leaves the network out. The rest is decided from the data.

use crate::Error;
use crate::ensemble::holdout::EventWeights;
use crate::model::Model;
use crate::next_item::sequences::Part;
use crate::next_item::{self, NextItemNetwork, REFIT_LEARNING_RATE_SHARE, recency};
use crate::recipe::Recipe;
use crate::request::TrainRequest;
use tastemaker_data::Dataset;
use tastemaker_domain::catalog;
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::networks::transformer::{self, TransformerConfig, TransformerModel};
use tastemaker_learn::networks::{Trained, TrainerConfig};
use tastemaker_learn::{TrainContext, Validation};

const fn recipe(descriptor: &'static RecipeDescriptor) -> Recipe {
    Recipe::new(descriptor, train, next_item::open::<Transformer>)
}

pub(crate) const USER_PERSONALIZATION: Recipe = recipe(&catalog::AWS_USER_PERSONALIZATION_V2);
pub(crate) const PERSONALIZED_RANKING: Recipe = recipe(&catalog::AWS_PERSONALIZED_RANKING_V2);

/// Updates of the parameters that small datasets are given by more passes.
const UPDATES_MIN: usize = 3000;
const EVENTS_PER_UPDATE: usize = 256;
const EPOCHS_MAX: usize = 100;
/// Passes over all users after a warm start.
const REFIT_EPOCHS: usize = 2;
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
    let network = (!next_item::is_fast(&resolve(descriptor, request.config)?)).then_some(Transformer(dataset));
    next_item::train(network.as_ref(), request, &users, &weights, context)
}

/// A transformer for the data.
struct Transformer<'a>(&'a Dataset);

impl NextItemNetwork for Transformer<'_> {
    type Model = TransformerModel;

    fn train(
        &self,
        training: &Part,
        valid: Option<&Validation>,
        context: &TrainContext,
    ) -> Result<Trained<TransformerModel>, Error> {
        Ok(transformer::train(&plan(self.0), &training.timed(), valid, None, context)?)
    }

    fn refit(
        &self,
        model: &TransformerModel,
        all: &Part,
        context: &TrainContext,
    ) -> Result<Trained<TransformerModel>, Error> {
        let config = refit(plan(self.0), model.length());
        Ok(transformer::train(&config, &all.timed(), None, Some(model), context)?)
    }

    fn to_tensors(model: &TransformerModel) -> Tensors {
        model.to_tensors()
    }

    fn from_tensors(tensors: &Tensors) -> Result<TransformerModel, tastemaker_learn::Error> {
        TransformerModel::from_tensors(tensors)
    }
}

/// The loss weight of every event, or empty for 1 throughout.
fn weights(descriptor: &RecipeDescriptor, request: &TrainRequest) -> Result<Vec<f32>, Error> {
    let biased = resolve(descriptor, request.config)?.boolean("apply_recency_bias")?;
    let recency = if biased { recency::weights(request.dataset.time_column()) } else { Vec::new() };
    let mut weights = EventWeights::new(request).column(request.dataset);
    if weights.is_empty() {
        return Ok(recency);
    }
    weights.iter_mut().zip(recency).for_each(|(weight, recent)| *weight *= recent);
    Ok(weights)
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
    let epochs_usual = usual.training.epochs_max;
    let epochs_max = UPDATES_MIN.div_ceil(updates_per_epoch).clamp(epochs_usual, EPOCHS_MAX.max(epochs_usual));
    let patience = usual.training.patience * epochs_max / epochs_usual;
    let training = TrainerConfig { epochs_max, patience, ..usual.training };
    TransformerConfig { items: dataset.items.len(), length, timed: false, training, ..usual }
}

/// The schedule after a warm start of a model that looks `length` events back.
fn refit(plan: TransformerConfig, length: usize) -> TransformerConfig {
    let learning_rate = plan.training.learning_rate * REFIT_LEARNING_RATE_SHARE;
    let training = TrainerConfig { epochs_max: REFIT_EPOCHS, updates: 0, learning_rate, ..plan.training };
    TransformerConfig { length, training, ..plan }
}

#[cfg(test)]
mod tests;
