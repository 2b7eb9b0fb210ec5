//! USER_PERSONALIZATION: what this user will want next.

use super::{APPLY_RECENCY_BIAS, PRESET, RECURRENT};
use crate::campaign_config::Exploration;
use crate::recipe::{Ability, ModelFamily, RecipeDescriptor, RecipeType};

/// A recurrent network with metadata and configurable exploration.
pub static AWS_USER_PERSONALIZATION: RecipeDescriptor = RecipeDescriptor {
    name: "aws-user-personalization",
    description: "Predicts the items that a user will interact with next, with a recurrent network over the user's \
                  interaction history that follows streamed events in real time.",
    recipe_type: RecipeType::UserPersonalization,
    algorithm: "aws-user-personalization",
    feature_transformation: "JSON-percentile-filtering",
    needs_user: true,
    model: ModelFamily::Ensemble,
    abilities: &[Ability::BatchInference, Ability::Exploration, Ability::Objective, Ability::UpdateTraining],
    parameters: RECURRENT,
    ..RecipeDescriptor::PLAIN
};

/// A transformer over the user's history.
pub static AWS_USER_PERSONALIZATION_V2: RecipeDescriptor = RecipeDescriptor {
    name: "aws-user-personalization-v2",
    description: "Predicts the items that a user will interact with next, with a transformer over the user's interaction \
                  history. Made for large catalogs and low latency.",
    recipe_type: RecipeType::UserPersonalization,
    algorithm: "aws-user-personalization-v2",
    feature_transformation: "aws-user-personalization-v2",
    needs_user: true,
    model: ModelFamily::Ensemble,
    abilities: &[Ability::AlwaysMetadata, Ability::BatchInference, Ability::EventWeights, Ability::Reasons],
    // By itself, about one recommended item in a thousand is one of the last thirty days.
    built_in_exploration: Some(Exploration { weight: 0.001, age_cutoff_days: 30.0 }),
    parameters: &[APPLY_RECENCY_BIAS, PRESET],
    ..RecipeDescriptor::PLAIN
};
