//! Campaigns.

use crate::records::Record;
use crate::records::codec::{One, word};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{Campaign, CampaignConfig, CampaignUpdate, TimeMs};

record!("campaign", Campaign by arn, "CampaignV1::serialize", "CampaignV1::deserialize");

optional!(campaign_config: CampaignConfig, "CampaignConfigV1::serialize", "CampaignConfigV1::deserialize");
optional!(campaign_update: CampaignUpdate, "CampaignUpdateV1::serialize", "CampaignUpdateV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "CampaignConfig")]
struct CampaignConfigV1 {
    enable_metadata_with_recommendations: Option<bool>,
    sync_with_latest_solution_version: Option<bool>,
    item_exploration_config: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    ranking_influence: BTreeMap<String, f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Campaign")]
struct CampaignV1 {
    name: String,
    arn: String,
    dataset_group_arn: String,
    solution_version_arn: String,
    min_provisioned_tps: u32,
    #[serde(with = "campaign_config")]
    config: Option<CampaignConfig>,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    #[serde(with = "campaign_update")]
    latest_update: Option<CampaignUpdate>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CampaignUpdate")]
struct CampaignUpdateV1 {
    solution_version_arn: String,
    min_provisioned_tps: u32,
    #[serde(with = "campaign_config")]
    config: Option<CampaignConfig>,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}
