//! PERSONALIZED_ACTIONS: what this user is likely to do.

use super::integer;
use crate::recipe::{Ability, EvaluationProtocol, Parameter, RecipeDescriptor, RecipeType};
use crate::schema::DatasetType;

/// The propensity of every action.
pub static AWS_NEXT_BEST_ACTION: RecipeDescriptor = RecipeDescriptor {
    name: "aws-next-best-action",
    description: "Predicts the actions that a user will most likely take, such as joining a loyalty programme, each with a \
                  propensity between 0 and 1.",
    recipe_type: RecipeType::PersonalizedActions,
    algorithm: "aws-next-best-action",
    feature_transformation: "aws-next-best-action",
    needs_user: true,
    needs_datasets: &[DatasetType::Interactions, DatasetType::Actions],
    evaluation: EvaluationProtocol::Actions,
    abilities: &[Ability::Exploration],
    parameters: &[Parameter::featurization(
        "action_optimization_period",
        integer(14, 7, 28),
        "Days within which a predicted action is meant to be taken.",
    )],
    ..RecipeDescriptor::PLAIN
};
