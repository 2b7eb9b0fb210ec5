//! The finished models of a training as checkpoints: the evaluated one, its reductions and the refitted one.
//!
//! A checkpoint is the length of its facts, these as CBOR (which keeps every bit of a number), and the model's tensors.

use super::digest;
use super::request::FitRequest;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::checkpoints::pieces;
use tastemaker_learn::{EpochEnd, TrainContext};
use tastemaker_recipes::artifact::EnsembleFacts;
use tastemaker_recipes::{Error, Model, Recipe};

/// The finished models of one training.
pub(super) struct FinishedModels<'a> {
    recipe: &'a Recipe,
    context: &'a TrainContext<'a>,
}

/// Everything about a model but its tensors and its scorer.
#[derive(Debug, Serialize, Deserialize)]
struct Facts {
    users_trained: usize,
    interactions_trained: usize,
    epochs: usize,
    blend: Option<EnsembleFacts>,
    held_out: Vec<usize>,
    /// Number, loss and quality of each epoch of its network.
    curve: Vec<(usize, f64, Option<f64>)>,
}

impl<'a> FinishedModels<'a> {
    /// Those of a training, which it tells the keeper of the checkpoints.
    pub(super) fn of(request: &FitRequest<'a>, context: &'a TrainContext<'a>) -> Self {
        if context.checkpoints.is_kept() {
            context.checkpoints.begin(&digest::of(request, context));
        }
        Self { recipe: request.recipe, context }
    }

    /// The model of this name: as it was kept, or made and, if that took its time, kept. `curve` is filled by `make`.
    pub(super) fn model(
        &self,
        name: &str,
        curve: Option<&Mutex<Vec<EpochEnd>>>,
        make: impl FnOnce() -> Result<Model, Error>,
    ) -> Result<Model, Error> {
        let checkpoints = self.context.checkpoints;
        let kept = checkpoints.load(name).and_then(|bytes| self.read(&bytes));
        if let Some((model, epochs)) = kept {
            if let Some(curve) = curve {
                *curve.lock() = epochs;
            }
            return Ok(model);
        }
        let model = make()?;
        if checkpoints.is_due()
            && let Some(bytes) = write(&model, &curve.map(|curve| curve.lock().clone()).unwrap_or_default())
        {
            checkpoints.save(name, &mut pieces(bytes));
        }
        Ok(model)
    }

    fn read(&self, bytes: &[u8]) -> Option<(Model, Vec<EpochEnd>)> {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let (facts, tensors) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        let facts: Facts = ciborium::from_reader(facts).ok()?;
        let tensors = Tensors::from_safetensors(tensors).ok()?;
        let scorer = self.recipe.scorer(&tensors).ok()?;
        let Facts { users_trained, interactions_trained, epochs, blend, held_out, curve } = facts;
        let model = Model { scorer, tensors, users_trained, interactions_trained, epochs, blend, held_out };
        let curve = curve.into_iter().map(|(number, loss, quality)| EpochEnd { number, loss, quality, examples: 0 });
        Some((model, curve.collect()))
    }
}

fn write(model: &Model, curve: &[EpochEnd]) -> Option<Vec<u8>> {
    let facts = Facts {
        users_trained: model.users_trained,
        interactions_trained: model.interactions_trained,
        epochs: model.epochs,
        blend: model.blend.clone(),
        held_out: model.held_out.clone(),
        curve: curve.iter().map(|epoch| (epoch.number, epoch.loss, epoch.quality)).collect(),
    };
    let mut encoded = Vec::new();
    ciborium::into_writer(&facts, &mut encoded).ok()?;
    let mut bytes = (encoded.len() as u64).to_le_bytes().to_vec();
    bytes.extend(encoded);
    bytes.extend(model.tensors.to_safetensors().ok()?);
    Some(bytes)
}

#[cfg(test)]
mod tests;
