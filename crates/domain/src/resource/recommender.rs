//! Recommenders: a domain's use case, trained and served without solution and campaign.

use super::TimeMs;
use crate::solution_config::TrainingDataConfig;
use crate::status::Status;
use std::collections::BTreeMap;

/// The training data and the answers of a recommender, as the customer set them.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct RecommenderConfig {
    pub enable_metadata_with_recommendations: Option<bool>,
    pub item_exploration_config: BTreeMap<String, String>,
    pub min_recommendation_requests_per_second: Option<u32>,
    pub training_data: Option<TrainingDataConfig>,
}

/// A use case behind GetRecommendations.
///
/// Its models are solution versions of its own, `<recommender ARN>/<id>`, that no list shows: one that answers and at most one
/// in training.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Recommender {
    pub name: String,
    pub arn: String,
    pub dataset_group_arn: String,
    pub recipe_arn: String,
    pub config: Option<RecommenderConfig>,
    pub status: Status,
    pub failure_reason: Option<String>,
    pub latest_update: Option<RecommenderUpdate>,
    /// The model that answers.
    pub model_arn: Option<String>,
    /// The model in training, or one whose end has not been followed yet.
    pub training_arn: Option<String>,
    /// When the last training was asked for.
    pub trained_ms: TimeMs,
    /// Offline metrics of [`Self::model_arn`] by AWS's metric key.
    pub metrics: BTreeMap<String, f64>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

impl Recommender {
    /// Whether an update is under way.
    pub fn is_updating(&self) -> bool {
        self.latest_update.as_ref().is_some_and(|update| update.status.is_creating())
    }
}

/// The newest UpdateRecommender; the recommender's own configuration stays until it is ACTIVE.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct RecommenderUpdate {
    pub config: RecommenderConfig,
    pub status: Status,
    pub failure_reason: Option<String>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}
