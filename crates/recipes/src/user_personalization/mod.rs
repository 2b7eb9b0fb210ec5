//! `aws-user-personalization`, `aws-personalized-ranking` and the domains' personal use cases: a recurrent network over each
//! user's history predicts the next item, in an ensemble with counting models ([`crate::ensemble`]).
//!
//! The AWS recipe is a hierarchical recurrent network; ours is `learn::networks::gru`, a GRU whose state runs through the whole
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
pub(crate) mod update;

use crate::Error;
use crate::next_item::sequences::Part;
use crate::next_item::{self, NextItemNetwork, REFIT_EPOCHS, REFIT_LEARNING_RATE_SHARE, recency};
use crate::recipe::{Model, Recipe, TrainRequest};
use tastemaker_data::Dataset;
use tastemaker_domain::catalog;
use tastemaker_domain::parameters::{Values, resolve};
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::networks::gru::{self, GruConfig, GruModel};
use tastemaker_learn::networks::{Trained, TrainerConfig};
use tastemaker_learn::{TrainContext, Validation};

const fn recipe(descriptor: &'static RecipeDescriptor) -> Recipe {
    Recipe::new(descriptor, train, next_item::open::<Gru>)
}

pub(crate) const USER_PERSONALIZATION: Recipe =
    Recipe { update: Some(update::update), ..recipe(&catalog::AWS_USER_PERSONALIZATION) };
pub(crate) const PERSONALIZED_RANKING: Recipe = recipe(&catalog::AWS_PERSONALIZED_RANKING);
pub(crate) const RECOMMENDED_FOR_YOU: Recipe = recipe(&catalog::AWS_ECOMM_RECOMMENDED_FOR_YOU);
pub(crate) const TOP_PICKS: Recipe = recipe(&catalog::AWS_VOD_TOP_PICKS);

/// Updates of the parameters that small datasets are given by more passes.
const UPDATES_MIN: usize = 2000;
const EPOCHS_MAX: usize = 100;

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
    let users = users(&values, dataset)?;
    next_item::train(&Gru { values, items: dataset.items.len() }, request, &users, &weights, context)
}

/// The users who train.
fn users(values: &Values, dataset: &Dataset) -> Result<Vec<usize>, Error> {
    let min = values.float("min_user_history_length_percentile")?;
    let max = values.float("max_user_history_length_percentile")?;
    Ok(history_length::users_in_band(dataset, min, max))
}

/// A GRU by the customer's parameters.
struct Gru {
    values: Values,
    items: usize,
}

impl NextItemNetwork for Gru {
    type Model = GruModel;

    fn train(
        &self,
        training: &Part,
        valid: Option<&Validation>,
        context: &TrainContext,
    ) -> Result<Trained<GruModel>, Error> {
        let config = plan(&self.values, self.items, training.events())?;
        Ok(gru::train(&config, &training.sequences(), valid, None, context)?)
    }

    fn refit(&self, model: &GruModel, all: &Part, context: &TrainContext) -> Result<Trained<GruModel>, Error> {
        let config = refit(plan(&self.values, self.items, all.events())?);
        Ok(gru::train(&config, &all.sequences(), None, Some(model), context)?)
    }

    fn to_tensors(model: &GruModel) -> Tensors {
        model.to_tensors()
    }

    fn from_tensors(tensors: &Tensors) -> Result<GruModel, tastemaker_learn::Error> {
        GruModel::from_tensors(tensors)
    }
}

/// The loss weight of every event of `dataset`, or empty for 1 throughout.
fn weights(values: &Values, dataset: &Dataset) -> Result<Vec<f32>, Error> {
    let recent = values.boolean("recency_mask")?;
    Ok(if recent { recency::weights(dataset.time_column()) } else { Vec::new() })
}

/// The architecture and schedule for the customer's parameters and this much data: the defaults of `learn`, with more
/// passes where one pass makes few updates.
fn plan(values: &Values, items: usize, events: usize) -> Result<GruConfig, Error> {
    let usual = GruConfig::default();
    let bptt = values.integer("bptt")? as usize;
    let updates_per_epoch = (events / (bptt * 8)).max(1);
    let epochs_usual = usual.training.epochs_max;
    let epochs_max = UPDATES_MIN.div_ceil(updates_per_epoch).clamp(epochs_usual, EPOCHS_MAX.max(epochs_usual));
    let patience = usual.training.patience * epochs_max / epochs_usual;
    Ok(GruConfig {
        items,
        hidden: values.integer("hidden_dimension")? as usize,
        bptt,
        training: TrainerConfig { patience, epochs_max, ..usual.training },
        ..usual
    })
}

/// The schedule after a warm start.
fn refit(plan: GruConfig) -> GruConfig {
    let learning_rate = plan.training.learning_rate * REFIT_LEARNING_RATE_SHARE;
    GruConfig { training: TrainerConfig { epochs_max: REFIT_EPOCHS, learning_rate, ..plan.training }, ..plan }
}

#[cfg(test)]
mod tests;
