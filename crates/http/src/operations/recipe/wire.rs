//! Recipes, algorithms and feature transformations as wire structures. Their times are those of AWS's first recipes.

use std::collections::BTreeMap;
use tastemaker_domain::recipe::{Parameter, ParameterFamily, ParameterKind, RecipeDescriptor};
use tastemaker_wire::personalize as wire;

/// 2019-06-10T00:00:00Z.
const CREATED_SECONDS: f64 = 1_560_124_800.0;

/// A recipe.
pub fn recipe(recipe: &RecipeDescriptor) -> wire::Recipe {
    wire::Recipe {
        algorithm_arn: Some(recipe.algorithm_arn()),
        creation_date_time: Some(CREATED_SECONDS),
        description: Some(recipe.description.to_owned()),
        feature_transformation_arn: Some(recipe.feature_transformation_arn()),
        last_updated_date_time: Some(CREATED_SECONDS),
        name: Some(recipe.name.to_owned()),
        recipe_arn: Some(recipe.arn()),
        recipe_type: Some(recipe.recipe_type.as_str().to_owned()),
        status: Some("ACTIVE".to_owned()),
    }
}

/// A recipe in a list.
pub fn recipe_summary(recipe: &RecipeDescriptor) -> wire::RecipeSummary {
    wire::RecipeSummary {
        creation_date_time: Some(CREATED_SECONDS),
        domain: recipe.domain().map(|d| d.as_str().to_owned()),
        last_updated_date_time: Some(CREATED_SECONDS),
        name: Some(recipe.name.to_owned()),
        recipe_arn: Some(recipe.arn()),
        status: Some("ACTIVE".to_owned()),
    }
}

/// The algorithm of a recipe with the defaults and ranges of its hyperparameters.
pub fn algorithm(recipe: &RecipeDescriptor) -> wire::Algorithm {
    wire::Algorithm {
        algorithm_arn: Some(recipe.algorithm_arn()),
        algorithm_image: Some(wire::AlgorithmImage {
            docker_uri: "tastemaker".to_owned(),
            name: Some(recipe.algorithm.to_owned()),
        }),
        creation_date_time: Some(CREATED_SECONDS),
        default_hyper_parameter_ranges: Some(ranges(recipe)),
        default_hyper_parameters: Some(defaults(recipe, ParameterFamily::Algorithm)),
        default_resource_config: None,
        last_updated_date_time: Some(CREATED_SECONDS),
        name: Some(recipe.algorithm.to_owned()),
        role_arn: None,
        training_input_mode: Some("File".to_owned()),
    }
}

/// The feature transformation of some recipes with the defaults of its parameters; where the recipes differ, the first one's.
pub fn feature_transformation(recipes: &[&RecipeDescriptor]) -> wire::FeatureTransformation {
    let mut parameters = BTreeMap::new();
    for recipe in recipes.iter().rev() {
        parameters.extend(defaults(recipe, ParameterFamily::FeatureTransformation));
    }
    wire::FeatureTransformation {
        creation_date_time: Some(CREATED_SECONDS),
        default_parameters: Some(parameters),
        feature_transformation_arn: recipes.first().map(|r| r.feature_transformation_arn()),
        last_updated_date_time: Some(CREATED_SECONDS),
        name: recipes.first().map(|r| r.feature_transformation.to_owned()),
        status: Some("ACTIVE".to_owned()),
    }
}

fn of(recipe: &RecipeDescriptor, family: ParameterFamily) -> impl Iterator<Item = &'static Parameter> {
    recipe.parameters.iter().filter(move |p| p.family == family && p.is_of_aws)
}

fn defaults(recipe: &RecipeDescriptor, family: ParameterFamily) -> BTreeMap<String, String> {
    of(recipe, family).map(|p| (p.name.to_owned(), p.kind.default_text())).collect()
}

fn ranges(recipe: &RecipeDescriptor) -> wire::DefaultHyperParameterRanges {
    let mut integers = Vec::new();
    let mut continuous = Vec::new();
    let mut categorical = Vec::new();
    for parameter in of(recipe, ParameterFamily::Algorithm) {
        let name = Some(parameter.name.to_owned());
        let is_tunable = Some(parameter.tunable);
        match &parameter.kind {
            ParameterKind::Integer { min, max, .. } => integers.push(wire::DefaultIntegerHyperParameterRange {
                is_tunable,
                max_value: i32::try_from(*max).ok(),
                min_value: i32::try_from(*min).ok(),
                name,
            }),
            ParameterKind::Float { min, max, .. } => continuous.push(wire::DefaultContinuousHyperParameterRange {
                is_tunable,
                max_value: Some(*max),
                min_value: Some(*min),
                name,
            }),
            ParameterKind::Boolean { .. } => categorical.push(wire::DefaultCategoricalHyperParameterRange {
                is_tunable,
                name,
                values: Some(vec!["true".to_owned(), "false".to_owned()]),
            }),
            ParameterKind::Choice { values, .. } => categorical.push(wire::DefaultCategoricalHyperParameterRange {
                is_tunable,
                name,
                values: Some(values.iter().map(|v| (*v).to_owned()).collect()),
            }),
        }
    }
    wire::DefaultHyperParameterRanges {
        categorical_hyper_parameter_ranges: Some(categorical),
        continuous_hyper_parameter_ranges: Some(continuous),
        integer_hyper_parameter_ranges: Some(integers),
    }
}
