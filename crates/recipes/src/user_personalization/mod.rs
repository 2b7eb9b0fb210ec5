//! `aws-user-personalization`: a recurrent network over each user's history predicts the next item.
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

mod history_length;
mod recency;
mod sequences;

use crate::Error;
use crate::recipe::{Model, Recipe, TrainRequest};
use sequences::Part;
use std::sync::Arc;
use tastemaker_domain::catalogue;
use tastemaker_domain::parameters::{Values, resolve};
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::gru::{self, GruConfig, GruModel, Validation};
use tastemaker_learn::{Scorer, TrainContext};

pub(crate) const RECIPE: Recipe = Recipe { descriptor: &catalogue::AWS_USER_PERSONALIZATION, train, open };

/// Updates of the parameters that small datasets are given by more passes.
const UPDATES_MIN: usize = 2000;
const EPOCHS_MAX: usize = 100;
/// Passes over all users after a warm start, at this share of the usual learning rate.
const REFIT_EPOCHS: usize = 2;
const REFIT_LEARNING_RATE_SHARE: f32 = 0.25;

fn train(request: &TrainRequest, context: &TrainContext) -> Result<Model, Error> {
    let dataset = request.dataset;
    let values = resolve(RECIPE.descriptor, request.config)?;
    let weights = match values.boolean("recency_mask")? {
        true => recency::weights(dataset.time_column()),
        false => Vec::new(),
    };
    let min = values.float("min_user_history_length_percentile")?;
    let max = values.float("max_user_history_length_percentile")?;
    let band = history_length::band(dataset, min, max);
    let in_band = |user: &usize| band.contains(&(dataset.offsets()[user + 1] - dataset.offsets()[*user]));
    let users: Vec<usize> = (0..dataset.users.len()).filter(in_band).collect();

    let (config, trained) = match request.warm_start {
        Some(model) => {
            let all = Part::of(dataset, &weights, &users);
            let config = refit(plan(&values, dataset.items.len(), all.events())?);
            let from = GruModel::from_tensors(&model.tensors)?;
            let trained = gru::train(&config, &all.sequences(), None, Some(&from), context)?;
            (config, trained)
        }
        None => {
            let (training, held_out) = sequences::hold_out(dataset, &users, context.seed);
            let training = Part::of(dataset, &weights, &training);
            let held_out = Part::of(dataset, &[], &held_out);
            let first_target = held_out.first_targets();
            let valid =
                Validation { sequences: held_out.sequences(), first_target: &first_target, exclude_seen: false };
            let valid = (!first_target.is_empty()).then_some(&valid);
            let config = plan(&values, dataset.items.len(), training.events())?;
            let trained = gru::train(&config, &training.sequences(), valid, None, context)?;
            (config, trained)
        }
    };
    debug_assert!(trained.best_epoch <= config.epochs_max);
    Ok(Model {
        tensors: trained.model.to_tensors(),
        scorer: Arc::new(trained.model),
        users_trained: users.len(),
        interactions_trained: users.iter().map(|&u| dataset.offsets()[u + 1] - dataset.offsets()[u]).sum(),
        epochs: trained.best_epoch,
    })
}

fn open(tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
    Ok(Arc::new(GruModel::from_tensors(tensors)?))
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
