//! `CreateCampaign`.

use super::common::{campaign_config, given, rate};
use super::{Answer, Context};
use crate::errors::refuse_unavailable;
use tastemaker_service::campaigns::{self, NewCampaign};
use tastemaker_wire::personalize::{CreateCampaignRequest, CreateCampaignResponse};

/// Deploys a solution version.
pub async fn answer(context: &Context<'_>, request: CreateCampaignRequest) -> Answer<CreateCampaignResponse> {
    refuse_unavailable(&[("tags", given(&request.tags))])?;
    let new = NewCampaign {
        name: request.name,
        solution_version_arn: request.solution_version_arn,
        min_provisioned_tps: rate(request.min_provisioned_tps),
        config: campaign_config(request.campaign_config)?,
    };
    let campaign = campaigns::create(&context.state.service, context.caller, new).await?;
    Ok(CreateCampaignResponse { campaign_arn: Some(campaign.arn) })
}
