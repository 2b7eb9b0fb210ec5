//! An ensemble reduced to less, for data on which its lists are worse than those of the most popular items.

use super::{EASE_ITEMS_MAX, FittedEnsemble, Network, parts};
use crate::artifact::EnsembleFacts;
use crate::model::{Model, Reduction};
use crate::request::TrainRequest;
use crate::use_case::values;
use crate::{Error, history_length};
use std::sync::Arc;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::ensemble::{Ensemble, Mode, Signal, WeightedSignals, Weights};
use tastemaker_learn::networks::gru::GruModel;
use tastemaker_learn::networks::transformer::TransformerModel;
use tastemaker_learn::{Scorer, TrainContext};

/// `model`, which has nothing added, reduced to one signal for each question and trained on the users of `request` that it was
/// trained on. The signals are those that the ensemble's fit found best by themselves, or popularity.
pub(crate) fn reduced(
    descriptor: &'static RecipeDescriptor,
    request: &TrainRequest,
    model: &Model,
    to: Reduction,
    context: &TrainContext,
) -> Result<Model, Error> {
    let network = Ensemble::network_tensors(&model.tensors)
        .map(|tensors| Ok::<_, Error>(Network { scorer: open_network(&tensors)?, tensors }))
        .transpose()?;
    let mut facts = model.blend.clone().unwrap_or_default();
    let chosen = match to {
        Reduction::Popularity => [Signal::POPULARITY; 2],
        Reduction::BestPart => best(&facts, network.is_some()),
    };
    let temperature = |mode| temperature(&model.tensors, mode);
    let temperatures = [temperature(Mode::InSession)?, temperature(Mode::NextSession)?];
    let mut signals = chosen.to_vec();
    signals.dedup();
    let weights = |at: usize| Weights {
        of: signals.iter().map(|signal| f32::from(u8::from(*signal == chosen[at]))).collect(),
        temperature: temperatures[at],
    };
    let network = network.filter(|_| signals.contains(&Signal::Network));
    let users: Vec<usize> = training_users(descriptor, request)?
        .into_iter()
        .filter(|user| model.held_out.binary_search(user).is_err())
        .collect();
    let FittedEnsemble { blend, tensors, .. } = context.pool()?.install(|| {
        let scorer = network.as_ref().map(|network| network.scorer.clone());
        let parts = parts(request, &users, scorer, &signals, EASE_ITEMS_MAX, context)?;
        let weighted = WeightedSignals { signals: signals.clone(), in_session: weights(0), next_session: weights(1) };
        let blend = Ensemble::new(parts, weighted);
        let tensors = blend.to_tensors(network.as_ref().map(|network| &network.tensors));
        Ok::<_, Error>(FittedEnsemble { blend, tensors, facts: None })
    })?;
    facts.reduce_to(chosen);
    Ok(Model { tensors, scorer: Arc::new(blend), blend: Some(facts), ..model.clone() })
}

/// The signals with the best lists of their own in session and in the next session; popularity where none found anything.
fn best(facts: &EnsembleFacts, has_network: bool) -> [Signal; 2] {
    let lists = |signal: &Signal| {
        signal.lists_alone() && *signal != Signal::Repeats && (*signal != Signal::Network || has_network)
    };
    let of = |mode: usize| {
        let found = Signal::all().into_iter().filter(lists).filter_map(|signal| {
            let name = signal.name();
            let single = facts.signals.iter().find(|facts| facts.name == name)?.single[mode];
            (single > 0.0).then_some((signal, single))
        });
        // Of equals the first.
        found.reduce(|a, b| if b.1 > a.1 { b } else { a }).map(|(signal, _)| signal)
    };
    let within = of(0).unwrap_or(Signal::POPULARITY);
    [within, of(1).unwrap_or(within)]
}

/// The factor that makes logits of a mode's scores; a single standardized signal has about the spread that an
/// ensemble's sum has.
fn temperature(tensors: &Tensors, mode: Mode) -> Result<f32, Error> {
    let temperatures = &tensors.get("temperatures", 1)?.data;
    let at = usize::from(mode == Mode::NextSession);
    temperatures.get(at).copied().ok_or_else(|| Error::Artifact("temperatures must be two".to_owned()))
}

/// The users that the recipe trains on.
fn training_users(descriptor: &RecipeDescriptor, request: &TrainRequest) -> Result<Vec<usize>, Error> {
    let dataset = request.dataset;
    let values = values(descriptor, request.config)?;
    let band = [values.float("min_user_history_length_percentile"), values.float("max_user_history_length_percentile")];
    if let [Ok(min), Ok(max)] = band {
        return Ok(history_length::users_in_band(dataset, min, max));
    }
    Ok(dataset.offsets().windows(2).enumerate().filter(|(_, w)| w[1] > w[0]).map(|(user, _)| user).collect())
}

fn open_network(tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
    if tensors.kind.starts_with("transformer/") {
        return Ok(Arc::new(TransformerModel::from_tensors(tensors)?));
    }
    Ok(Arc::new(GruModel::from_tensors(tensors)?))
}
