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
//! | `recency_mask` | loss weight of an event by its rank in time, see [`crate::next_item::recency`] |
//! | `preset` | `fast` leaves the network out |
//! | `min_user_history_length_percentile`, `max_...` | users outside the band do not train, see [`crate::history_length`] |
//!
//! Use cases have no parameters of their own and train with these recipes' defaults.

mod network;
mod update;

use crate::model::Model;
use crate::recipe::Recipe;
use crate::request::TrainRequest;
use crate::use_case::values;
use crate::{Error, next_item};
use network::{Gru, users, weights};
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_learn::TrainContext;

pub(crate) const fn recipe(descriptor: &'static RecipeDescriptor) -> Recipe {
    Recipe::new(descriptor, train, next_item::open::<Gru>)
}

/// A recipe whose models also take in new items without learning anew.
pub(crate) const fn updated_recipe(descriptor: &'static RecipeDescriptor) -> Recipe {
    Recipe { update: Some(update::update), ..recipe(descriptor) }
}

pub(crate) const USER_PERSONALIZATION: Recipe = updated_recipe(&catalog::AWS_USER_PERSONALIZATION);
pub(crate) const PERSONALIZED_RANKING: Recipe = recipe(&catalog::AWS_PERSONALIZED_RANKING);
pub(crate) const RECOMMENDED_FOR_YOU: Recipe = recipe(&catalog::AWS_ECOMM_RECOMMENDED_FOR_YOU);
pub(crate) const TOP_PICKS: Recipe = recipe(&catalog::AWS_VOD_TOP_PICKS);

fn train(
    descriptor: &'static RecipeDescriptor,
    request: &TrainRequest,
    context: &TrainContext,
) -> Result<Model, Error> {
    let dataset = request.dataset;
    let values = values(descriptor, request.config)?;
    let weights = weights(&values, dataset)?;
    let users = users(&values, dataset)?;
    let network = (!next_item::is_fast(&values)).then(|| Gru { values, items: dataset.items.len() });
    next_item::train(network.as_ref(), request, &users, &weights, context)
}

#[cfg(test)]
mod tests;
