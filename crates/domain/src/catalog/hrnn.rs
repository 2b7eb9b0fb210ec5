//! The recipes that aws-user-personalization replaced; old scripts name them, and AutoML chooses among them.

use super::{
    BPTT, RECENCY_MASK, hidden_dimension, integer, max_user_history_length_percentile,
    min_user_history_length_percentile,
};
use crate::campaign_config::Exploration;
use crate::recipe::{Ability, ModelFamily, Parameter, ParameterKind, RecipeDescriptor, RecipeType};
use crate::schema::DatasetType;

const HRNN: &[Parameter] = &[
    hidden_dimension(43).tunable(),
    BPTT,
    RECENCY_MASK,
    min_user_history_length_percentile(0.0),
    max_user_history_length_percentile(0.99),
];

/// A recurrent network over interactions alone.
pub static AWS_HRNN: RecipeDescriptor = RecipeDescriptor {
    name: "aws-hrnn",
    description: "Legacy. Predicts the items that a user will interact with next from the order of past interactions. \
                  Use aws-user-personalization instead.",
    recipe_type: RecipeType::UserPersonalization,
    algorithm: "aws-hrnn",
    feature_transformation: "JSON-percentile-filtering",
    needs_user: true,
    model: ModelFamily::Ensemble,
    abilities: &[Ability::BatchInference],
    learns_from_metadata: false,
    replaced_by: Some("aws-user-personalization"),
    parameters: HRNN,
    ..RecipeDescriptor::PLAIN
};

/// The same with metadata.
pub static AWS_HRNN_METADATA: RecipeDescriptor = RecipeDescriptor {
    name: "aws-hrnn-metadata",
    description: "Legacy. As aws-hrnn, with context and the metadata of users and items. Use aws-user-personalization \
                  instead.",
    recipe_type: RecipeType::UserPersonalization,
    algorithm: "aws-hrnn-metadata",
    feature_transformation: "featurize_metadata",
    needs_user: true,
    model: ModelFamily::Ensemble,
    abilities: &[Ability::BatchInference],
    replaced_by: Some("aws-user-personalization"),
    parameters: HRNN,
    ..RecipeDescriptor::PLAIN
};

/// The largest value of parameters whose documentation names no upper end.
const ANY_MAX: i64 = 1_000_000;

/// The same with exploration of new items.
pub static AWS_HRNN_COLDSTART: RecipeDescriptor = RecipeDescriptor {
    name: "aws-hrnn-coldstart",
    description: "Legacy. As aws-hrnn-metadata, with a place in every list for items that are new. Use \
                  aws-user-personalization instead.",
    recipe_type: RecipeType::UserPersonalization,
    algorithm: "aws-hrnn-coldstart",
    feature_transformation: "featurize_coldstart",
    needs_user: true,
    needs_datasets: &[DatasetType::Interactions, DatasetType::Items],
    model: ModelFamily::Ensemble,
    abilities: &[Ability::BatchInference, Ability::UpdateTraining],
    // Which items are new is said by the parameters, see `cold_start`.
    built_in_exploration: Some(Exploration { age_cutoff_days: 5.0, ..Exploration::DEFAULT }),
    replaced_by: Some("aws-user-personalization"),
    parameters: &[
        hidden_dimension(149).tunable(),
        BPTT,
        RECENCY_MASK,
        Parameter::featurization(
            "cold_start_max_interactions",
            integer(15, 1, ANY_MAX),
            "Items with at most this many interactions are cold.",
        ),
        Parameter::featurization(
            "cold_start_max_duration",
            ParameterKind::Float { default: 5.0, min: f64::MIN_POSITIVE, max: ANY_MAX as f64 },
            "Days from the starting point within which an item is cold.",
        ),
        Parameter::featurization(
            "cold_start_relative_from",
            ParameterKind::Choice { default: "latestItem", values: &["currentTime", "latestItem"] },
            "The starting point: the time of training, or the creation of the newest item.",
        ),
        min_user_history_length_percentile(0.0),
        max_user_history_length_percentile(0.99),
    ],
    ..RecipeDescriptor::PLAIN
};
