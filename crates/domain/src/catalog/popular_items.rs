//! Lists that are the same for everybody.

use crate::recipe::{Ability, Parameter, ParameterKind, RecipeDescriptor, RecipeType};

/// Most unique users first.
pub static AWS_POPULARITY_COUNT: RecipeDescriptor = RecipeDescriptor {
    name: "aws-popularity-count",
    description: "Recommends the items that most different users interacted with. The list is the same for everybody, \
                  which makes it the baseline to judge other recipes by.",
    recipe_type: RecipeType::UserPersonalization,
    algorithm: "aws-popularity-count",
    feature_transformation: "sims",
    abilities: &[Ability::BatchInference],
    ..RecipeDescriptor::PLAIN
};

/// Fastest growing first.
pub static AWS_TRENDING_NOW: RecipeDescriptor = RecipeDescriptor {
    name: "aws-trending-now",
    description: "Recommends the items whose interactions grow fastest, judged anew at a chosen interval. The list is the \
                  same for everybody.",
    recipe_type: RecipeType::PopularItems,
    algorithm: "aws-trending-now-custom",
    feature_transformation: "aws-trending-now",
    abilities: &[Ability::Trending],
    parameters: &[Parameter::featurization(
        "trend_discovery_frequency",
        ParameterKind::Choice { default: "2 hours", values: &["30 minutes", "1 hour", "2 hours", "3 hours", "1 day"] },
        "The interval over which growth is measured and after which it is judged anew.",
    )],
    ..RecipeDescriptor::PLAIN
};
