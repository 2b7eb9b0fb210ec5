//! The AWS recipe names, each bound to algorithms, hyperparameter table and policy.
//!
//! A [`Recipe`] describes itself, trains a [`Model`] from a dataset, and opens an artifact into a scorer. Adding a recipe
//! that AWS documents is a file and a line in [`ALL`], as `domain::catalog` describes all of these; the tests in `shared_tests.rs`
//! run over every line. Everything that the rest of the program decides by is in the recipe's descriptor.
//!
//! Nothing here reads clocks, files or global randomness: seed, threads and cancellation arrive in a
//! [`tastemaker_learn::TrainContext`], and the same inputs give byte-identical artifacts.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod artifact;
mod ensemble;
mod error;
mod history_length;
mod hrnn;
mod model;
mod next_best_action;
mod next_item;
mod popular;
mod recipe;
mod recipe_operations;
mod related;
mod request;
mod requirements;
mod rescoring;
mod segments;
mod semantic_similarity;
#[cfg(test)]
mod shared_tests;
mod trending;
mod use_case;
mod user_personalization;
mod user_personalization_v2;

pub use artifact::{ArtifactFiles, Manifest};
pub use error::Error;
pub use model::{Model, Reduction};
pub use next_best_action::ActionTastes;
pub use recipe::{Open, Recipe, RefreshItems, Train, Update};
pub use request::{ItemsRefresh, TrainRequest};
pub use segments::{Segmenter, Unknown};
pub use trending::trend_interval_s;

/// Every recipe, in the order in which they are listed.
pub const ALL: &[&Recipe] = &[
    &user_personalization_v2::USER_PERSONALIZATION,
    &user_personalization::USER_PERSONALIZATION,
    &hrnn::HRNN,
    &hrnn::HRNN_METADATA,
    &hrnn::HRNN_COLDSTART,
    &user_personalization_v2::PERSONALIZED_RANKING,
    &user_personalization::PERSONALIZED_RANKING,
    &popular::POPULARITY_COUNT,
    &trending::TRENDING_NOW,
    &related::SIMS,
    &related::SIMILAR_ITEMS,
    &semantic_similarity::SEMANTIC_SIMILARITY,
    &next_best_action::NEXT_BEST_ACTION,
    &segments::ITEM_AFFINITY,
    &segments::ITEM_ATTRIBUTE_AFFINITY,
    &popular::ITEMS_BY_VIEWS,
    &popular::ITEMS_BY_PURCHASES,
    &related::FREQUENTLY_BOUGHT_TOGETHER,
    &related::CUSTOMERS_WHO_VIEWED,
    &user_personalization::RECOMMENDED_FOR_YOU,
    &related::BECAUSE_YOU_WATCHED,
    &related::MORE_LIKE,
    &popular::MOST_POPULAR,
    &trending::VOD_TRENDING_NOW,
    &user_personalization::TOP_PICKS,
];

/// The recipe with this ARN (`arn:aws:personalize:::recipe/<name>`).
pub fn by_arn(arn: &str) -> Option<&'static Recipe> {
    by_name(arn.strip_prefix("arn:aws:personalize:::recipe/")?)
}

/// The recipe called `name`, such as `aws-user-personalization`.
pub fn by_name(name: &str) -> Option<&'static Recipe> {
    ALL.iter().copied().find(|recipe| recipe.descriptor.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_by_name_and_arn() {
        for recipe in ALL {
            let descriptor = recipe.descriptor;
            assert_eq!(by_arn(&descriptor.arn()).map(|r| r.descriptor.name), Some(descriptor.name));
            assert_eq!(by_name(descriptor.name).map(|r| r.descriptor.name), Some(descriptor.name));
        }
        for descriptor in tastemaker_domain::catalog::ALL {
            assert!(by_name(descriptor.name).is_some(), "{} is shown and cannot be trained", descriptor.name);
        }
        assert!(by_name("aws-none").is_none());
        assert!(by_arn("aws-popularity-count").is_none());
    }
}
