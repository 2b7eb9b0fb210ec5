//! Campaigns and their configuration, from and to wire structures.

use crate::operations::wire::{filled, members, seconds};
use tastemaker_domain::resource::{Campaign, CampaignConfig, CampaignUpdate};
use tastemaker_wire::personalize as wire;

/// A campaign.
pub fn campaign(campaign: Campaign) -> wire::Campaign {
    wire::Campaign {
        campaign_arn: Some(campaign.arn),
        campaign_config: campaign.config.map(campaign_config),
        creation_date_time: seconds(campaign.created_ms),
        failure_reason: campaign.failure_reason,
        last_updated_date_time: seconds(campaign.updated_ms),
        latest_campaign_update: campaign.latest_update.map(campaign_update),
        min_provisioned_tps: i32::try_from(campaign.min_provisioned_tps).ok(),
        name: Some(campaign.name),
        solution_version_arn: Some(campaign.solution_version_arn),
        status: Some(campaign.status.to_string()),
    }
}

/// A campaign in a list.
pub fn campaign_summary(campaign: Campaign) -> wire::CampaignSummary {
    members!(self::campaign(campaign) => wire::CampaignSummary {
        campaign_arn, creation_date_time, failure_reason, last_updated_date_time, name, status
    })
}

fn campaign_update(update: CampaignUpdate) -> wire::CampaignUpdateSummary {
    wire::CampaignUpdateSummary {
        campaign_config: update.config.map(campaign_config),
        creation_date_time: seconds(update.created_ms),
        failure_reason: update.failure_reason,
        last_updated_date_time: seconds(update.updated_ms),
        min_provisioned_tps: i32::try_from(update.min_provisioned_tps).ok(),
        solution_version_arn: Some(update.solution_version_arn),
        status: Some(update.status.to_string()),
    }
}

fn campaign_config(config: CampaignConfig) -> wire::CampaignConfig {
    wire::CampaignConfig {
        enable_metadata_with_recommendations: config.enable_metadata_with_recommendations,
        item_exploration_config: filled(config.item_exploration_config),
        ranking_influence: filled(config.ranking_influence),
        sync_with_latest_solution_version: config.sync_with_latest_solution_version,
    }
}

/// A campaign's configuration.
pub fn read_campaign_config(config: wire::CampaignConfig) -> CampaignConfig {
    CampaignConfig {
        enable_metadata_with_recommendations: config.enable_metadata_with_recommendations,
        sync_with_latest_solution_version: config.sync_with_latest_solution_version,
        item_exploration_config: config.item_exploration_config.unwrap_or_default(),
        ranking_influence: config.ranking_influence.unwrap_or_default(),
    }
}
