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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_is_under_way_until_it_has_ended() {
        let updated = |status: Option<Status>| {
            let update = |status| RecommenderUpdate {
                config: RecommenderConfig::default(),
                status,
                failure_reason: None,
                created_ms: 1,
                updated_ms: 2,
            };
            let recommender = Recommender {
                name: "r".to_owned(),
                arn: String::new(),
                dataset_group_arn: String::new(),
                recipe_arn: String::new(),
                config: None,
                status: Status::Active,
                failure_reason: None,
                latest_update: status.map(update),
                model_arn: None,
                training_arn: None,
                trained_ms: 0,
                metrics: BTreeMap::new(),
                created_ms: 0,
                updated_ms: 0,
            };
            recommender.is_updating()
        };
        assert!(!updated(None));
        assert!(updated(Some(Status::CreatePending)) && updated(Some(Status::CreateInProgress)));
        assert!(!updated(Some(Status::Active)) && !updated(Some(Status::CreateFailed)));
    }
}
