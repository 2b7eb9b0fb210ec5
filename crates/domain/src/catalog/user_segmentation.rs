//! USER_SEGMENTATION: who will want this. Batch segment jobs only.

use super::hidden_dimension;
use crate::recipe::{Ability, DataRequirement, EvaluationProtocol, RecipeDescriptor, RecipeType};
use crate::schema::DatasetType;

/// Users for an item.
pub static AWS_ITEM_AFFINITY: RecipeDescriptor = RecipeDescriptor {
    name: "aws-item-affinity",
    description: "Makes segments of the users who will most likely interact with each of the given items.",
    recipe_type: RecipeType::UserSegmentation,
    algorithm: "aws-item-affinity",
    feature_transformation: "item-affinity",
    requirements: &[DataRequirement::SeveralTimes, DataRequirement::SeveralItems],
    evaluation: EvaluationProtocol::Segments,
    parameters: &[hidden_dimension(149)],
    ..RecipeDescriptor::PLAIN
};

/// Users for a property of items.
pub static AWS_ITEM_ATTRIBUTE_AFFINITY: RecipeDescriptor = RecipeDescriptor {
    name: "aws-item-attribute-affinity",
    description: "Makes segments of the users who will most likely interact with items of the given attributes.",
    recipe_type: RecipeType::UserSegmentation,
    algorithm: "aws-item-attribute-affinity",
    feature_transformation: "item-attribute-affinity",
    needs_datasets: &[DatasetType::Interactions, DatasetType::Items],
    requirements: &[DataRequirement::SeveralTimes, DataRequirement::SeveralItems, DataRequirement::ItemAttributes],
    evaluation: EvaluationProtocol::Segments,
    abilities: &[Ability::AttributeSegments],
    parameters: &[hidden_dimension(149)],
    ..RecipeDescriptor::PLAIN
};
