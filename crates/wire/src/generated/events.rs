//! The structures of the `personalize-events` service.
//!
//! Written by `cargo xtask codegen` from `models/personalize.json`; change the model or the generator.

use serde::{Deserialize, Serialize};

/// `Action`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// `StringType`: string, 1 to 256 characters. Required.
    #[serde(rename = "actionId")]
    pub action_id: String,
    /// `ActionProperties`: string, 1 to 32000 characters.
    #[serde(
        rename = "properties",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::json_text::optional"
    )]
    pub properties: Option<String>,
}

/// `ActionInteraction`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ActionInteraction {
    /// `ActionId`: string, 1 to 256 characters. Required.
    #[serde(rename = "actionId")]
    pub action_id: String,
    /// `StringType`: string, 1 to 256 characters.
    #[serde(rename = "eventId", default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// `StringType`: string, 1 to 256 characters. Required.
    #[serde(rename = "eventType")]
    pub event_type: String,
    /// `ActionImpression`: list of `ActionId`, 1 to 25 members.
    #[serde(rename = "impression", default, skip_serializing_if = "Option::is_none")]
    pub impression: Option<Vec<String>>,
    /// `ActionInteractionProperties`: string, 1 to 1024 characters.
    #[serde(
        rename = "properties",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::json_text::optional"
    )]
    pub properties: Option<String>,
    /// `RecommendationId`: string, 1 to 40 characters.
    #[serde(rename = "recommendationId", default, skip_serializing_if = "Option::is_none")]
    pub recommendation_id: Option<String>,
    /// `StringType`: string, 1 to 256 characters. Required.
    #[serde(rename = "sessionId")]
    pub session_id: String,
    /// `Date`: seconds since the Unix epoch. Required.
    #[serde(rename = "timestamp", with = "crate::scalars::timestamp::plain")]
    pub timestamp: f64,
    /// `UserId`: string, 1 to 256 characters.
    #[serde(rename = "userId", default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// `Event`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// `StringType`: string, 1 to 256 characters.
    #[serde(rename = "eventId", default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// `StringType`: string, 1 to 256 characters. Required.
    #[serde(rename = "eventType")]
    pub event_type: String,
    /// `FloatType`: float.
    #[serde(rename = "eventValue", default, skip_serializing_if = "crate::scalars::is_absent_number")]
    pub event_value: Option<f64>,
    /// `Impression`: list of `ItemId`, 1 to 25 members.
    #[serde(rename = "impression", default, skip_serializing_if = "Option::is_none")]
    pub impression: Option<Vec<String>>,
    /// `ItemId`: string, 1 to 256 characters.
    #[serde(rename = "itemId", default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<String>,
    /// `MetricAttribution`.
    #[serde(rename = "metricAttribution", default, skip_serializing_if = "Option::is_none")]
    pub metric_attribution: Option<MetricAttribution>,
    /// `EventPropertiesJSON`: string, 1 to 1024 characters.
    #[serde(
        rename = "properties",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::json_text::optional"
    )]
    pub properties: Option<String>,
    /// `RecommendationId`: string, 1 to 40 characters.
    #[serde(rename = "recommendationId", default, skip_serializing_if = "Option::is_none")]
    pub recommendation_id: Option<String>,
    /// `Date`: seconds since the Unix epoch. Required.
    #[serde(rename = "sentAt", with = "crate::scalars::timestamp::plain")]
    pub sent_at: f64,
}

/// `Item`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// `StringType`: string, 1 to 256 characters. Required.
    #[serde(rename = "itemId")]
    pub item_id: String,
    /// `ItemProperties`: string, 1 to 32000 characters.
    #[serde(
        rename = "properties",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::json_text::optional"
    )]
    pub properties: Option<String>,
}

/// `MetricAttribution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricAttribution {
    /// `EventAttributionSource`: string, at most 1024 characters, pattern `^[\x20-\x7E]*[\x21-\x7E]+[\x20-\x7E]*$`. Required.
    #[serde(rename = "eventAttributionSource")]
    pub event_attribution_source: String,
}

/// `PutActionInteractionsRequest`, input of `PutActionInteractions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PutActionInteractionsRequest {
    /// `ActionInteractionsList`: list of `ActionInteraction`, 1 to 10 members. Required.
    #[serde(rename = "actionInteractions")]
    pub action_interactions: Vec<ActionInteraction>,
    /// `StringType`: string, 1 to 256 characters. Required.
    #[serde(rename = "trackingId")]
    pub tracking_id: String,
}

/// `PutActionsRequest`, input of `PutActions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PutActionsRequest {
    /// `ActionList`: list of `Action`, 1 to 10 members. Required.
    #[serde(rename = "actions")]
    pub actions: Vec<Action>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetArn")]
    pub dataset_arn: String,
}

/// `PutEventsRequest`, input of `PutEvents`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PutEventsRequest {
    /// `EventList`: list of `Event`, 1 to 10 members. Required.
    #[serde(rename = "eventList")]
    pub event_list: Vec<Event>,
    /// `StringType`: string, 1 to 256 characters. Required.
    #[serde(rename = "sessionId")]
    pub session_id: String,
    /// `StringType`: string, 1 to 256 characters. Required.
    #[serde(rename = "trackingId")]
    pub tracking_id: String,
    /// `UserId`: string, 1 to 256 characters.
    #[serde(rename = "userId", default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// `PutItemsRequest`, input of `PutItems`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PutItemsRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetArn")]
    pub dataset_arn: String,
    /// `ItemList`: list of `Item`, 1 to 10 members. Required.
    #[serde(rename = "items")]
    pub items: Vec<Item>,
}

/// `PutUsersRequest`, input of `PutUsers`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PutUsersRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetArn")]
    pub dataset_arn: String,
    /// `UserList`: list of `User`, 1 to 10 members. Required.
    #[serde(rename = "users")]
    pub users: Vec<User>,
}

/// `User`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// `UserProperties`: string, 1 to 24000 characters.
    #[serde(
        rename = "properties",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::json_text::optional"
    )]
    pub properties: Option<String>,
    /// `StringType`: string, 1 to 256 characters. Required.
    #[serde(rename = "userId")]
    pub user_id: String,
}

crate::structure::structures!(
    Action,
    ActionInteraction,
    Event,
    Item,
    MetricAttribution,
    PutActionInteractionsRequest,
    PutActionsRequest,
    PutEventsRequest,
    PutItemsRequest,
    PutUsersRequest,
    User
);
