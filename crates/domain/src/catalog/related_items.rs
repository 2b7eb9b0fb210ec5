//! RELATED_ITEMS: what goes with a given item.

use super::{integer, max_user_history_length_percentile, min_user_history_length_percentile, share};
use crate::recipe::{
    Ability, DataRequirement, EvaluationProtocol, ModelFamily, Parameter, RecipeDescriptor, RecipeType,
};
use crate::schema::DatasetType;

/// Co-occurrence and metadata.
pub static AWS_SIMILAR_ITEMS: RecipeDescriptor = RecipeDescriptor {
    name: "aws-similar-items",
    description: "Finds items similar to a given one by their co-occurrence in users' histories and by their metadata, \
                  which also places items with few interactions.",
    recipe_type: RecipeType::RelatedItems,
    algorithm: "aws-similar-items",
    feature_transformation: "aws-similar-items",
    needs_item: true,
    model: ModelFamily::ItemNeighbors,
    abilities: &[Ability::BatchInference, Ability::MetadataRelations, Ability::Themes],
    parameters: &[
        Parameter::algorithm(
            "item_id_hidden_dim",
            integer(100, 30, 200),
            "The number of hidden variables that stand for an item's interactions.",
        )
        .range_only(),
        Parameter::algorithm(
            "item_metadata_hidden_dim",
            integer(100, 30, 200),
            "The number of hidden variables that stand for an item's metadata.",
        )
        .range_only(),
    ],
    ..RecipeDescriptor::PLAIN
};

/// Co-occurrence.
pub static AWS_SIMS: RecipeDescriptor = RecipeDescriptor {
    name: "aws-sims",
    description: "Finds items similar to a given one by their co-occurrence in users' histories.",
    recipe_type: RecipeType::RelatedItems,
    algorithm: "aws-sims",
    feature_transformation: "sims",
    needs_item: true,
    model: ModelFamily::ItemNeighbors,
    abilities: &[Ability::BatchInference],
    parameters: &[
        Parameter::algorithm(
            "popularity_discount_factor",
            share(0.5),
            "How much an item's popularity counts against it: 0 prefers what most users share, 1 ignores popularity.",
        )
        .tunable(),
        Parameter::algorithm(
            "min_cointeraction_count",
            integer(3, 0, 10),
            "Users who must have interacted with both of two items before these are called similar.",
        )
        .tunable(),
        min_user_history_length_percentile(0.005),
        max_user_history_length_percentile(0.995),
        Parameter::featurization(
            "min_item_interaction_count_percentile",
            share(0.01),
            "Items with fewer interactions than this percentile of all items do not take part in training.",
        ),
        Parameter::featurization(
            "max_item_interaction_count_percentile",
            share(0.9),
            "Items with more interactions than this percentile of all items do not take part in training.",
        ),
    ],
    ..RecipeDescriptor::PLAIN
};

/// Text.
pub static AWS_SEMANTIC_SIMILARITY: RecipeDescriptor = RecipeDescriptor {
    name: "aws-semantic-similarity",
    description: "Finds items whose name and description mean something similar to those of a given one. Needs no \
                  interactions.",
    recipe_type: RecipeType::RelatedItems,
    algorithm: "aws-semantic-similarity",
    feature_transformation: "aws-semantic-similarity",
    needs_item: true,
    needs_datasets: &[DatasetType::Items],
    requirements: &[DataRequirement::ItemTexts],
    evaluation: EvaluationProtocol::Coverage,
    model: ModelFamily::ItemNeighbors,
    abilities: &[
        Ability::AlwaysMetadata,
        Ability::BatchInference,
        Ability::IncrementalUpdate,
        Ability::RankingInfluence,
    ],
    ..RecipeDescriptor::PLAIN
};
