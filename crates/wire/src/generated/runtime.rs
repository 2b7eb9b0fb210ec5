//! The structures of the `personalize-runtime` service.
//!
//! Written by `cargo xtask codegen` from `models/personalize.json`; change the model or the generator.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `GetActionRecommendationsRequest`, input of `GetActionRecommendations`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetActionRecommendationsRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "campaignArn", default, skip_serializing_if = "Option::is_none")]
    pub campaign_arn: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "filterArn", default, skip_serializing_if = "Option::is_none")]
    pub filter_arn: Option<String>,
    /// `FilterValues`: map from `FilterAttributeName` to `FilterAttributeValue`, at most 25 entries.
    #[serde(rename = "filterValues", default, skip_serializing_if = "Option::is_none")]
    pub filter_values: Option<BTreeMap<String, String>>,
    /// `NumResults`: integer, at least 0.
    #[serde(rename = "numResults", default, skip_serializing_if = "Option::is_none")]
    pub num_results: Option<i32>,
    /// `UserID`: string, at most 256 characters.
    #[serde(rename = "userId", default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// `GetActionRecommendationsResponse`, output of `GetActionRecommendations`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetActionRecommendationsResponse {
    /// `ActionList`: list of `PredictedAction`.
    #[serde(rename = "actionList", default)]
    pub action_list: Vec<PredictedAction>,
    /// `RecommendationID`: string.
    #[serde(rename = "recommendationId", default, skip_serializing_if = "Option::is_none")]
    pub recommendation_id: Option<String>,
}

/// `GetPersonalizedRankingRequest`, input of `GetPersonalizedRanking`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetPersonalizedRankingRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "campaignArn")]
    pub campaign_arn: String,
    /// `Context`: map from `AttributeName` to `AttributeValue`, at most 150 entries.
    #[serde(rename = "context", default, skip_serializing_if = "Option::is_none")]
    pub context: Option<BTreeMap<String, String>>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "filterArn", default, skip_serializing_if = "Option::is_none")]
    pub filter_arn: Option<String>,
    /// `FilterValues`: map from `FilterAttributeName` to `FilterAttributeValue`, at most 25 entries.
    #[serde(rename = "filterValues", default, skip_serializing_if = "Option::is_none")]
    pub filter_values: Option<BTreeMap<String, String>>,
    /// `InputList`: list of `ItemID`. Required.
    #[serde(rename = "inputList")]
    pub input_list: Vec<String>,
    /// `MetadataColumns`: map from `DatasetType` to `ColumnNamesList`, at most 1 entries.
    #[serde(rename = "metadataColumns", default, skip_serializing_if = "Option::is_none")]
    pub metadata_columns: Option<BTreeMap<String, Vec<String>>>,
    /// `UserID`: string, at most 256 characters. Required.
    #[serde(rename = "userId")]
    pub user_id: String,
}

/// `GetPersonalizedRankingResponse`, output of `GetPersonalizedRanking`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetPersonalizedRankingResponse {
    /// `ItemList`: list of `PredictedItem`.
    #[serde(rename = "personalizedRanking", default)]
    pub personalized_ranking: Vec<PredictedItem>,
    /// `RecommendationID`: string.
    #[serde(rename = "recommendationId", default, skip_serializing_if = "Option::is_none")]
    pub recommendation_id: Option<String>,
}

/// `GetRecommendationsRequest`, input of `GetRecommendations`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetRecommendationsRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "campaignArn", default, skip_serializing_if = "Option::is_none")]
    pub campaign_arn: Option<String>,
    /// `Context`: map from `AttributeName` to `AttributeValue`, at most 150 entries.
    #[serde(rename = "context", default, skip_serializing_if = "Option::is_none")]
    pub context: Option<BTreeMap<String, String>>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "filterArn", default, skip_serializing_if = "Option::is_none")]
    pub filter_arn: Option<String>,
    /// `FilterValues`: map from `FilterAttributeName` to `FilterAttributeValue`, at most 25 entries.
    #[serde(rename = "filterValues", default, skip_serializing_if = "Option::is_none")]
    pub filter_values: Option<BTreeMap<String, String>>,
    /// `ItemID`: string, at most 256 characters.
    #[serde(rename = "itemId", default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<String>,
    /// `MetadataColumns`: map from `DatasetType` to `ColumnNamesList`, at most 1 entries.
    #[serde(rename = "metadataColumns", default, skip_serializing_if = "Option::is_none")]
    pub metadata_columns: Option<BTreeMap<String, Vec<String>>>,
    /// `NumResults`: integer, at least 0.
    #[serde(rename = "numResults", default, skip_serializing_if = "Option::is_none")]
    pub num_results: Option<i32>,
    /// `PromotionList`: list of `Promotion`, at most 1 members.
    #[serde(rename = "promotions", default, skip_serializing_if = "Option::is_none")]
    pub promotions: Option<Vec<Promotion>>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recommenderArn", default, skip_serializing_if = "Option::is_none")]
    pub recommender_arn: Option<String>,
    /// `UserID`: string, at most 256 characters.
    #[serde(rename = "userId", default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// `GetRecommendationsResponse`, output of `GetRecommendations`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetRecommendationsResponse {
    /// `ItemList`: list of `PredictedItem`.
    #[serde(rename = "itemList", default)]
    pub item_list: Vec<PredictedItem>,
    /// `RecommendationID`: string.
    #[serde(rename = "recommendationId", default, skip_serializing_if = "Option::is_none")]
    pub recommendation_id: Option<String>,
}

/// `PredictedAction`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PredictedAction {
    /// `ActionID`: string, at most 256 characters.
    #[serde(rename = "actionId", default, skip_serializing_if = "Option::is_none")]
    pub action_id: Option<String>,
    /// `Score`: double.
    #[serde(rename = "score", default, skip_serializing_if = "crate::scalars::is_absent_number")]
    pub score: Option<f64>,
}

/// `PredictedItem`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PredictedItem {
    /// `ItemID`: string, at most 256 characters.
    #[serde(rename = "itemId", default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<String>,
    /// `Metadata`: map from `ColumnName` to `ColumnValue`.
    #[serde(rename = "metadata", default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, String>>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "promotionName", default, skip_serializing_if = "Option::is_none")]
    pub promotion_name: Option<String>,
    /// `ReasonList`: list of `Reason`.
    #[serde(rename = "reason", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Vec<String>>,
    /// `Score`: double.
    #[serde(rename = "score", default, skip_serializing_if = "crate::scalars::is_absent_number")]
    pub score: Option<f64>,
}

/// `Promotion`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Promotion {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "filterArn", default, skip_serializing_if = "Option::is_none")]
    pub filter_arn: Option<String>,
    /// `FilterValues`: map from `FilterAttributeName` to `FilterAttributeValue`, at most 25 entries.
    #[serde(rename = "filterValues", default, skip_serializing_if = "Option::is_none")]
    pub filter_values: Option<BTreeMap<String, String>>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `PercentPromotedItems`: integer, 1 to 100.
    #[serde(rename = "percentPromotedItems", default, skip_serializing_if = "Option::is_none")]
    pub percent_promoted_items: Option<i32>,
}

crate::structure::structures!(
    GetActionRecommendationsRequest,
    GetActionRecommendationsResponse,
    GetPersonalizedRankingRequest,
    GetPersonalizedRankingResponse,
    GetRecommendationsRequest,
    GetRecommendationsResponse,
    PredictedAction,
    PredictedItem,
    Promotion
);
