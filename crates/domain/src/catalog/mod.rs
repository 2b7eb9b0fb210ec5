//! Descriptors of every recipe that AWS documents, by family. The API shows and checks all of them; those that this build can train
//! are the lines of `recipes::ALL`, which refer to these descriptors.

mod ecommerce;
mod hrnn;
mod personalized_actions;
mod personalized_ranking;
mod popular_items;
mod related_items;
mod user_personalization;
mod user_segmentation;
mod video_on_demand;

pub use ecommerce::*;
pub use hrnn::*;
pub use personalized_actions::*;
pub use personalized_ranking::*;
pub use popular_items::*;
pub use related_items::*;
pub use user_personalization::*;
pub use user_segmentation::*;
pub use video_on_demand::*;

use crate::recipe::{Parameter, ParameterKind, RecipeDescriptor};

/// Every recipe, in the order of their names.
pub static ALL: &[&RecipeDescriptor] = &[
    &AWS_ECOMM_CUSTOMERS_WHO_VIEWED_X_ALSO_VIEWED,
    &AWS_ECOMM_FREQUENTLY_BOUGHT_TOGETHER,
    &AWS_ECOMM_POPULAR_ITEMS_BY_PURCHASES,
    &AWS_ECOMM_POPULAR_ITEMS_BY_VIEWS,
    &AWS_ECOMM_RECOMMENDED_FOR_YOU,
    &AWS_HRNN,
    &AWS_HRNN_COLDSTART,
    &AWS_HRNN_METADATA,
    &AWS_ITEM_AFFINITY,
    &AWS_ITEM_ATTRIBUTE_AFFINITY,
    &AWS_NEXT_BEST_ACTION,
    &AWS_PERSONALIZED_RANKING,
    &AWS_PERSONALIZED_RANKING_V2,
    &AWS_POPULARITY_COUNT,
    &AWS_SEMANTIC_SIMILARITY,
    &AWS_SIMILAR_ITEMS,
    &AWS_SIMS,
    &AWS_TRENDING_NOW,
    &AWS_USER_PERSONALIZATION,
    &AWS_USER_PERSONALIZATION_V2,
    &AWS_VOD_BECAUSE_YOU_WATCHED_X,
    &AWS_VOD_MORE_LIKE_X,
    &AWS_VOD_MOST_POPULAR,
    &AWS_VOD_TOP_PICKS,
    &AWS_VOD_TRENDING_NOW,
];

/// The recipe with this ARN (`arn:aws:personalize:::recipe/<name>`).
pub fn by_arn(arn: &str) -> Option<&'static RecipeDescriptor> {
    by_name(arn.strip_prefix("arn:aws:personalize:::recipe/")?)
}

/// The recipe called `name`, such as `aws-sims`.
pub fn by_name(name: &str) -> Option<&'static RecipeDescriptor> {
    ALL.iter().copied().find(|recipe| recipe.name == name)
}

const fn integer(default: i64, min: i64, max: i64) -> ParameterKind {
    ParameterKind::Integer { default, min, max }
}

/// A number in [0, 1].
const fn share(default: f64) -> ParameterKind {
    ParameterKind::Float { default, min: 0.0, max: 1.0 }
}

const fn hidden_dimension(default: i64) -> Parameter {
    let doc = "The number of hidden variables used in the model, which is also the length of an item's vector.";
    Parameter::algorithm("hidden_dimension", integer(default, 32, 256), doc)
}

const BPTT: Parameter = Parameter::algorithm(
    "bptt",
    integer(32, 2, 32),
    "Back-propagation through time steps: how many events back the training gradient reaches.",
)
.tunable();

const RECENCY_MASK: Parameter = Parameter::algorithm(
    "recency_mask",
    ParameterKind::Boolean { default: true },
    "Whether newer interactions weigh more in training, so that the latest trends count.",
)
.tunable();

const APPLY_RECENCY_BIAS: Parameter = Parameter::algorithm(
    "apply_recency_bias",
    ParameterKind::Boolean { default: true },
    "Whether newer interactions weigh more in training.",
);

/// The preset of the personal recipes that trains no network.
pub const FAST_PRESET: &str = "fast";

/// No parameter of AWS's.
const PRESET: Parameter = Parameter::algorithm(
    "preset",
    ParameterKind::Choice { default: "full", values: &["full", FAST_PRESET] },
    "What is trained: everything (full), or all but the network, which takes a fifth of the time (fast).",
)
.not_of_aws();

const fn min_user_history_length_percentile(default: f64) -> Parameter {
    let doc = "Users with a history shorter than this percentile of all history lengths do not take part in training.";
    Parameter::featurization("min_user_history_length_percentile", share(default), doc)
}

const fn max_user_history_length_percentile(default: f64) -> Parameter {
    let doc = "Users with a history longer than this percentile of all history lengths do not take part in training.";
    Parameter::featurization("max_user_history_length_percentile", share(default), doc)
}

/// The parameters of the recurrent recipes.
const RECURRENT: &[Parameter] = &[
    hidden_dimension(149).tunable(),
    BPTT,
    RECENCY_MASK,
    PRESET,
    min_user_history_length_percentile(0.0),
    max_user_history_length_percentile(0.99),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ArnKind;
    use crate::campaign_config::Exploration;
    use crate::recipe::{Ability, DataRequirement, EvaluationProtocol, Inference, ModelFamily, Purpose, RecipeType};
    use crate::schema::DatasetType;

    #[test]
    fn names_are_sorted_and_lead_to_their_recipe() {
        assert!(ALL.is_sorted_by(|a, b| a.name < b.name));
        for recipe in ALL {
            assert_eq!(by_arn(&recipe.arn()), Some(*recipe));
            assert!(ArnKind::Recipe.fits(&recipe.arn()) && ArnKind::Algorithm.fits(&recipe.algorithm_arn()));
            assert!(ArnKind::FeatureTransformation.fits(&recipe.feature_transformation_arn()), "{}", recipe.name);
            assert!(recipe.description.len() > 40 && !recipe.description.contains("  "), "{}", recipe.name);
            let expected = match recipe.name.get(..8) {
                Some("aws-ecom") => Some("ECOMMERCE"),
                Some("aws-vod-") => Some("VIDEO_ON_DEMAND"),
                _ => None,
            };
            assert_eq!(recipe.domain().map(|d| d.as_str()), expected);
        }
        assert_eq!((by_name("aws-none"), by_arn("aws-sims")), (None, None));
    }

    #[test]
    fn parameters_have_legal_defaults_and_a_name_of_their_own() {
        for recipe in ALL {
            let mut names: Vec<_> = recipe.parameters.iter().map(|p| p.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), recipe.parameters.len(), "{}", recipe.name);
            for parameter in recipe.parameters {
                let legal = match parameter.kind {
                    ParameterKind::Integer { default, min, max } => (min..=max).contains(&default),
                    ParameterKind::Float { default, min, max } => (min..=max).contains(&default),
                    ParameterKind::Boolean { .. } => true,
                    ParameterKind::Choice { default, values } => values.contains(&default),
                };
                assert!(legal && !parameter.doc.is_empty(), "{} {}", recipe.name, parameter.name);
            }
        }
    }

    /// Facts that follow from the type for AWS's recipes, while another recipe may combine them otherwise.
    #[test]
    fn types_evaluations_and_models_fit_together() {
        for recipe in ALL {
            let evaluation = match recipe.inference() {
                Inference::Segments => EvaluationProtocol::Segments,
                Inference::Actions => EvaluationProtocol::Actions,
                _ if !recipe.needs_datasets.contains(&DatasetType::Interactions) => EvaluationProtocol::Coverage,
                _ => EvaluationProtocol::NextItems,
            };
            let model = match recipe.recipe_type {
                _ if recipe.is_personal() => ModelFamily::Ensemble,
                RecipeType::RelatedItems => ModelFamily::ItemNeighbors,
                _ => ModelFamily::Compact,
            };
            assert_eq!((recipe.evaluation, recipe.model), (evaluation, model), "{}", recipe.name);
            assert_eq!(
                recipe.requirements.contains(&DataRequirement::SeveralTimes),
                recipe.inference() == Inference::Segments
            );
            assert_eq!(RecipeType::parse(recipe.recipe_type.as_str()), Some(recipe.recipe_type));
        }
    }

    #[test]
    fn facts_of_single_recipes() {
        let names = |has: fn(&RecipeDescriptor) -> bool| {
            ALL.iter().filter(|r| has(r)).map(|r| r.name.trim_start_matches("aws-")).collect::<Vec<_>>()
        };
        assert_eq!(names(|r| r.can(Ability::Baskets)), ["ecomm-frequently-bought-together"]);
        assert_eq!(names(|r| r.purpose() == Purpose::Ranking), ["personalized-ranking", "personalized-ranking-v2"]);
        assert!(names(|r| r.purpose() == Purpose::Popular).contains(&"popularity-count"));
        assert_eq!(names(|r| r.can(Ability::Trending)), ["trending-now", "vod-trending-now"]);
        assert_eq!(names(|r| r.can(Ability::MetadataRelations)), ["similar-items", "vod-more-like-x"]);
        assert_eq!(names(|r| r.can(Ability::AttributeSegments)), ["item-attribute-affinity"]);
        assert_eq!(names(|r| r.can(Ability::Reasons)), ["user-personalization-v2"]);
        assert_eq!(names(|r| r.built_in_exploration.is_some()), ["hrnn-coldstart", "user-personalization-v2"]);
        assert_eq!(names(|r| !r.learns_from_metadata), ["hrnn"]);
        assert_eq!(names(|r| r.replaced_by.is_some()), ["hrnn", "hrnn-coldstart", "hrnn-metadata"]);
        for recipe in ALL {
            let named = recipe.replaced_by.map(|other| (by_name(other).is_some(), recipe.description.contains(other)));
            assert!(named.is_none_or(|found| found == (true, true)), "{}", recipe.name);
        }
        assert_eq!(names(|r| r.requirements.contains(&DataRequirement::ItemTexts)), ["semantic-similarity"]);
        let configured = Exploration { weight: 0.5, age_cutoff_days: 2.0 };
        assert_eq!(AWS_USER_PERSONALIZATION.exploration(configured), Some(configured));
        let own = Exploration { weight: 0.001, age_cutoff_days: 30.0 };
        assert_eq!(AWS_USER_PERSONALIZATION_V2.exploration(configured), Some(own));
        assert_eq!(AWS_SIMS.exploration(configured), None);
    }

    /// The overview table of AWS's recipes: who wants a user, an item, and who does batch inference.
    #[test]
    fn facts_of_the_overview() {
        let names = |has: fn(&RecipeDescriptor) -> bool| {
            let custom = ALL.iter().filter(|r| r.use_case.is_none() && has(r));
            custom.map(|r| r.name.trim_start_matches("aws-")).collect::<Vec<_>>()
        };
        assert_eq!(names(|r| r.needs_item), ["semantic-similarity", "similar-items", "sims"]);
        assert_eq!(
            names(|r| !r.can(Ability::BatchInference)),
            ["item-affinity", "item-attribute-affinity", "next-best-action", "trending-now"]
        );
        assert_eq!(names(|r| r.can(Ability::EventWeights)), ["personalized-ranking-v2", "user-personalization-v2"]);
        assert_eq!(names(|r| r.can(Ability::Objective)), ["personalized-ranking", "user-personalization"]);
        assert_eq!(names(|r| r.can(Ability::UpdateTraining)), ["hrnn-coldstart", "user-personalization"]);
        assert_eq!(
            names(|r| r.parameters.iter().any(|p| p.tunable)),
            [
                "hrnn",
                "hrnn-coldstart",
                "hrnn-metadata",
                "personalized-ranking",
                "similar-items",
                "sims",
                "user-personalization"
            ]
        );
    }
}
