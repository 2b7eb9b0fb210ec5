//! Recommenders.

use super::solution_config::training_data;
use crate::records::Record;
use crate::records::codec::{One, finite, word};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{Recommender, RecommenderConfig, RecommenderUpdate, TimeMs};
use tastemaker_domain::solution_config::TrainingDataConfig;

record!("recommender", Recommender by arn, "RecommenderV1::serialize", "RecommenderV1::deserialize");

optional!(config: RecommenderConfig, "RecommenderConfigV1::serialize", "RecommenderConfigV1::deserialize");
optional!(update: RecommenderUpdate, "RecommenderUpdateV1::serialize", "RecommenderUpdateV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "RecommenderConfig")]
struct RecommenderConfigV1 {
    enable_metadata_with_recommendations: Option<bool>,
    item_exploration_config: BTreeMap<String, String>,
    min_recommendation_requests_per_second: Option<u32>,
    #[serde(with = "training_data")]
    training_data: Option<TrainingDataConfig>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Recommender")]
struct RecommenderV1 {
    name: String,
    arn: String,
    dataset_group_arn: String,
    recipe_arn: String,
    #[serde(with = "config")]
    config: Option<RecommenderConfig>,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    #[serde(with = "update")]
    latest_update: Option<RecommenderUpdate>,
    model_arn: Option<String>,
    training_arn: Option<String>,
    trained_ms: TimeMs,
    #[serde(with = "finite")]
    metrics: BTreeMap<String, f64>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "RecommenderUpdate")]
struct RecommenderUpdateV1 {
    #[serde(with = "RecommenderConfigV1")]
    config: RecommenderConfig,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}
