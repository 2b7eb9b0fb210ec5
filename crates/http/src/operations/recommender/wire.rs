//! Recommenders and their configuration, from and to wire structures.

use crate::operations::solution::config::{read_training_data, training_data};
use crate::operations::wire::{filled, members, read_rate, seconds};
use tastemaker_domain::resource::{Recommender, RecommenderConfig, RecommenderUpdate};
use tastemaker_wire::personalize as wire;

/// A recommender; its metrics are there once it has a model.
pub fn recommender(recommender: Recommender) -> wire::Recommender {
    wire::Recommender {
        creation_date_time: seconds(recommender.created_ms),
        dataset_group_arn: Some(recommender.dataset_group_arn),
        failure_reason: recommender.failure_reason,
        last_updated_date_time: seconds(recommender.updated_ms),
        latest_recommender_update: recommender.latest_update.map(update),
        model_metrics: filled(recommender.metrics),
        name: Some(recommender.name),
        recipe_arn: Some(recommender.recipe_arn),
        recommender_arn: Some(recommender.arn),
        recommender_config: recommender.config.map(config),
        status: Some(recommender.status.to_string()),
    }
}

/// A recommender in a list.
pub fn recommender_summary(recommender: Recommender) -> wire::RecommenderSummary {
    members!(self::recommender(recommender) => wire::RecommenderSummary {
        creation_date_time, dataset_group_arn, last_updated_date_time, name, recipe_arn, recommender_arn,
        recommender_config, status
    })
}

fn update(update: RecommenderUpdate) -> wire::RecommenderUpdateSummary {
    wire::RecommenderUpdateSummary {
        creation_date_time: seconds(update.created_ms),
        failure_reason: update.failure_reason,
        last_updated_date_time: seconds(update.updated_ms),
        recommender_config: Some(config(update.config)),
        status: Some(update.status.to_string()),
    }
}

fn config(config: RecommenderConfig) -> wire::RecommenderConfig {
    wire::RecommenderConfig {
        enable_metadata_with_recommendations: config.enable_metadata_with_recommendations,
        item_exploration_config: filled(config.item_exploration_config),
        min_recommendation_requests_per_second: config
            .min_recommendation_requests_per_second
            .and_then(|rate| i32::try_from(rate).ok()),
        training_data_config: config.training_data.map(training_data),
    }
}

/// A recommender's configuration.
pub fn read_recommender_config(config: wire::RecommenderConfig) -> RecommenderConfig {
    RecommenderConfig {
        enable_metadata_with_recommendations: config.enable_metadata_with_recommendations,
        item_exploration_config: config.item_exploration_config.unwrap_or_default(),
        min_recommendation_requests_per_second: read_rate(config.min_recommendation_requests_per_second),
        training_data: config.training_data_config.map(read_training_data),
    }
}
