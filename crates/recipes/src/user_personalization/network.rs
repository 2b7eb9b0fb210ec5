//! The GRU of the personal recipes by the customer's parameters, and the users and events that it trains on.

use crate::next_item::sequences::Part;
use crate::next_item::{NextItemNetwork, REFIT_LEARNING_RATE_SHARE, recency};
use crate::{Error, history_length};
use tastemaker_data::Dataset;
use tastemaker_domain::parameters::Values;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::networks::gru::{self, GruConfig, GruModel};
use tastemaker_learn::networks::{SoftmaxMode, Trained, TrainerConfig};
use tastemaker_learn::{TrainContext, Validation};

/// Updates of the parameters that small datasets are given by more passes.
const UPDATES_MIN: usize = 2000;
const EPOCHS_MAX: usize = 100;
/// Passes over all users after a warm start.
pub(super) const REFIT_EPOCHS: usize = 1;

/// The users who train.
pub(super) fn users(values: &Values, dataset: &Dataset) -> Result<Vec<usize>, Error> {
    let min = values.float("min_user_history_length_percentile")?;
    let max = values.float("max_user_history_length_percentile")?;
    Ok(history_length::users_in_band(dataset, min, max))
}

/// A GRU by the customer's parameters.
pub(super) struct Gru {
    pub(super) values: Values,
    pub(super) items: usize,
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
pub(super) fn weights(values: &Values, dataset: &Dataset) -> Result<Vec<f32>, Error> {
    let recent = values.boolean("recency_mask")?;
    Ok(if recent { recency::weights(dataset.time_column()) } else { Vec::new() })
}

/// The architecture and schedule for the customer's parameters and this much data: the defaults of `learn`, with more
/// passes where one pass makes few updates.
pub(super) fn plan(values: &Values, items: usize, events: usize) -> Result<GruConfig, Error> {
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
pub(super) fn refit(plan: GruConfig) -> GruConfig {
    let learning_rate = plan.training.learning_rate * REFIT_LEARNING_RATE_SHARE;
    let softmax = SoftmaxMode::Sampled;
    GruConfig { training: TrainerConfig { epochs_max: REFIT_EPOCHS, learning_rate, softmax, ..plan.training }, ..plan }
}
