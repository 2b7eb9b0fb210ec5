//! The training shared by all recipes with a network that predicts each user's next item: the network, stopped early on users held
//! out, in an ensemble with counting models ([`crate::ensemble`]).

pub(crate) mod recency;
pub(crate) mod sequences;

use crate::Error;
use crate::ensemble::{self, FittedEnsemble, Network};
use crate::model::Model;
use crate::request::TrainRequest;
use sequences::{Part, hold_out};
use std::sync::Arc;
use tastemaker_data::Dataset;
use tastemaker_domain::catalog;
use tastemaker_domain::parameters::Values;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::ensemble::Ensemble;
use tastemaker_learn::networks::Trained;
use tastemaker_learn::{Scorer, TrainContext, Validation};

/// The share of the usual learning rate at which training goes on after a warm start.
pub(crate) const REFIT_LEARNING_RATE_SHARE: f32 = 0.25;

/// A kind of network, with what the request says about its training.
pub(crate) trait NextItemNetwork {
    type Model: Scorer + 'static;

    /// Trains on `training`; `valid` decides when to stop.
    fn train(
        &self,
        training: &Part,
        valid: Option<&Validation>,
        context: &TrainContext,
    ) -> Result<Trained<Self::Model>, Error>;

    /// Trains a few more passes over `all`.
    fn refit(&self, model: &Self::Model, all: &Part, context: &TrainContext) -> Result<Trained<Self::Model>, Error>;

    fn to_tensors(model: &Self::Model) -> Tensors;

    fn from_tensors(tensors: &Tensors) -> Result<Self::Model, tastemaker_learn::Error>;
}

/// Whether the customer's parameters leave the network out.
pub(crate) fn is_fast(values: &Values) -> bool {
    values.choice("preset").is_ok_and(|preset| preset == catalog::FAST_PRESET)
}

/// Trains on the events of `users`, weighted by `weights` (by event of the dataset, or empty), from the request's warm start where
/// it has one. Without a network the other parts make the ensemble.
pub(crate) fn train<N: NextItemNetwork>(
    network: Option<&N>,
    request: &TrainRequest,
    users: &[usize],
    weights: &[f32],
    context: &TrainContext,
) -> Result<Model, Error> {
    let dataset = request.dataset;
    let Some(former) = request.warm_start else {
        let (training, held_out) = hold_out(dataset, users, context.seed);
        let train = |network| {
            let trained = train_network(network, dataset, weights, &training, &held_out, context);
            ensemble::unless_diverged(trained, context)
        };
        let trained = network.map(train).transpose()?.flatten();
        let epochs = trained.as_ref().map_or(0, |trained| trained.best_epoch);
        let trained = trained.map(|trained| stored::<N>(trained.model));
        let blended = ensemble::fitted(request, &training, &held_out, trained, context)?;
        return Ok(Model { held_out, ..model(blended, dataset, users, epochs) });
    };
    let before = Ensemble::from_tensors(&former.tensors, open_network::<N>)?;
    let (mut refitted, mut epochs) = (None, former.epochs);
    if let Some((network, tensors)) = network.zip(Ensemble::network_tensors(&former.tensors)) {
        let from = N::from_tensors(&tensors)?;
        let trained = network.refit(&from, &Part::of(dataset, weights, users), context)?;
        epochs = trained.best_epoch;
        refitted = Some(stored::<N>(trained.model));
    }
    let blended = ensemble::refitted(request, &before, users, refitted, former.blend.clone(), context)?;
    Ok(model(blended, dataset, users, epochs))
}

/// Trains the network on `training` users; `held_out` ones decide when to stop.
pub(crate) fn train_network<N: NextItemNetwork>(
    network: &N,
    dataset: &Dataset,
    weights: &[f32],
    training: &[usize],
    held_out: &[usize],
    context: &TrainContext,
) -> Result<Trained<N::Model>, Error> {
    let held_out = Part::of(dataset, &[], held_out);
    let first_target = held_out.first_targets();
    let valid = Validation { histories: held_out.timed(), first_target: &first_target, exclude_seen: false };
    let valid = (!first_target.is_empty()).then_some(&valid);
    network.train(&Part::of(dataset, weights, training), valid, context)
}

/// The model of a blend trained on `users`, of whom none was held out.
pub(crate) fn model(blended: FittedEnsemble, dataset: &Dataset, users: &[usize], epochs: usize) -> Model {
    Model {
        tensors: blended.tensors,
        scorer: Arc::new(blended.blend),
        users_trained: users.len(),
        interactions_trained: users.iter().map(|&u| dataset.offsets()[u + 1] - dataset.offsets()[u]).sum(),
        epochs,
        blend: blended.facts,
        held_out: Vec::new(),
    }
}

/// A trained network as a part of a blend.
pub(crate) fn stored<N: NextItemNetwork>(model: N::Model) -> Network {
    Network { tensors: N::to_tensors(&model), scorer: Arc::new(model) }
}

/// The network of a stored blend.
pub(crate) fn open_network<N: NextItemNetwork>(tensors: &Tensors) -> Result<Arc<dyn Scorer>, tastemaker_learn::Error> {
    Ok(Arc::new(N::from_tensors(tensors)?))
}

/// A stored blend.
pub(crate) fn open<N: NextItemNetwork>(tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
    Ok(Arc::new(Ensemble::from_tensors(tensors, open_network::<N>)?))
}
