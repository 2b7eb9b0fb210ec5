//! PERSONALIZED_RANKING: a given list in the order that this user would choose.

use super::{APPLY_RECENCY_BIAS, PRESET, RECURRENT};
use crate::recipe::{Ability, ModelFamily, RecipeDescriptor, RecipeType};

/// A recurrent network.
pub static AWS_PERSONALIZED_RANKING: RecipeDescriptor = RecipeDescriptor {
    name: "aws-personalized-ranking",
    description: "Sorts a given list of items by the probability that the user will interact with them next, with a \
                  recurrent network over the user's interaction history.",
    recipe_type: RecipeType::PersonalizedRanking,
    algorithm: "aws-personalized-ranking",
    feature_transformation: "JSON-percentile-filtering",
    needs_user: true,
    model: ModelFamily::Ensemble,
    abilities: &[Ability::BatchInference, Ability::Objective],
    parameters: RECURRENT,
    ..RecipeDescriptor::PLAIN
};

/// A transformer.
pub static AWS_PERSONALIZED_RANKING_V2: RecipeDescriptor = RecipeDescriptor {
    name: "aws-personalized-ranking-v2",
    description: "Sorts a given list of items by the probability that the user will interact with them next, with a \
                  transformer over the user's interaction history.",
    recipe_type: RecipeType::PersonalizedRanking,
    algorithm: "aws-personalized-ranking-v2",
    feature_transformation: "aws-personalized-ranking-v2",
    needs_user: true,
    model: ModelFamily::Ensemble,
    abilities: &[Ability::AlwaysMetadata, Ability::BatchInference, Ability::EventWeights],
    parameters: &[APPLY_RECENCY_BIAS, PRESET],
    ..RecipeDescriptor::PLAIN
};
