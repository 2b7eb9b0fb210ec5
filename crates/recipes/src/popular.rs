//! `aws-popularity-count` and the domains' lists of most viewed, purchased and watched items: the same for everybody.
//!
//! Popularity is the number of unique users who interacted with an item, as AWS documents; a use case counts the events of its
//! own type. There are no hyperparameters and nothing is iterated; popularity is the baseline beside every other recipe's
//! metrics.

use crate::Error;
use crate::model::Model;
use crate::recipe::Recipe;
use crate::request::TrainRequest;
use crate::use_case;
use std::sync::Arc;
use tastemaker_data::Dataset;
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_learn::Sequences;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::models::popularity::{PopularityModel, unique_user_counts};
use tastemaker_learn::{Scorer, TrainContext};

const fn recipe(descriptor: &'static RecipeDescriptor) -> Recipe {
    Recipe::new(descriptor, train, open)
}

pub(crate) const POPULARITY_COUNT: Recipe = recipe(&catalog::AWS_POPULARITY_COUNT);
pub(crate) const ITEMS_BY_VIEWS: Recipe = recipe(&catalog::AWS_ECOMM_POPULAR_ITEMS_BY_VIEWS);
pub(crate) const ITEMS_BY_PURCHASES: Recipe = recipe(&catalog::AWS_ECOMM_POPULAR_ITEMS_BY_PURCHASES);
pub(crate) const MOST_POPULAR: Recipe = recipe(&catalog::AWS_VOD_MOST_POPULAR);

/// For every item, how many users interacted with it.
pub(crate) fn counts(dataset: &Dataset) -> Vec<f32> {
    let sequences = Sequences { offsets: dataset.offsets(), items: dataset.item_column(), weights: &[] };
    unique_user_counts(&sequences, dataset.items.len())
}

fn train(
    descriptor: &'static RecipeDescriptor,
    request: &TrainRequest,
    context: &TrainContext,
) -> Result<Model, Error> {
    context.cancel.check()?;
    tastemaker_domain::parameters::validate(descriptor, request.config)?;
    let dataset = use_case::events(descriptor, request.dataset);
    let model = PopularityModel::from_counts(counts(&dataset))?;
    Ok(Model {
        tensors: model.to_tensors(),
        scorer: Arc::new(model),
        users_trained: dataset.users.len(),
        interactions_trained: dataset.len(),
        epochs: 1,
        blend: None,
        held_out: Vec::new(),
    })
}

fn open(tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
    Ok(Arc::new(PopularityModel::from_tensors(tensors)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::DatasetBuilder;
    use tastemaker_domain::solution_config::SolutionConfig;
    use tastemaker_learn::{Cancel, ScoringContext};

    #[test]
    fn a_user_counts_once_for_an_item() {
        let mut builder = DatasetBuilder::new();
        for time in 0..9 {
            builder.push("fan", "cult", time, None, None);
        }
        for user in ["a", "b"] {
            builder.push(user, "hit", 1, None, None);
        }
        let dataset = builder.build();
        let config = SolutionConfig::default();
        let request = TrainRequest::new(&dataset, &config);
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 1,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let model = train(&catalog::AWS_POPULARITY_COUNT, &request, &context).unwrap();
        let mut scratch = Default::default();
        let ranked = model.scorer.top_k(&model.scorer.start(), &ScoringContext::default(), 2, None, &mut scratch);
        let named: Vec<_> = ranked.items.iter().map(|(i, score)| (dataset.items.id(i.0), *score)).collect();
        assert_eq!(named, [("hit", 2.0), ("cult", 1.0)]);
        cancel.cancel();
        assert_eq!(train(&catalog::AWS_POPULARITY_COUNT, &request, &context).err(), Some(Error::Cancelled));
    }
}
