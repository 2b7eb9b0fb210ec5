//! `CreateCampaign`.

use super::common::{campaign_config, rate, tags};
use super::{Answer, Context};
use tastemaker_service::campaigns::{self, NewCampaign};
use tastemaker_wire::personalize::{CreateCampaignRequest, CreateCampaignResponse};

/// Deploys a solution version.
pub async fn answer(context: &Context<'_>, request: CreateCampaignRequest) -> Answer<CreateCampaignResponse> {
    let new = NewCampaign {
        name: request.name,
        solution_version_arn: request.solution_version_arn,
        min_provisioned_tps: rate(request.min_provisioned_tps),
        config: campaign_config(request.campaign_config)?,
        tags: tags(request.tags)?,
    };
    let campaign = campaigns::create(&context.state.service, context.caller, new).await?;
    Ok(CreateCampaignResponse { campaign_arn: Some(campaign.arn) })
}
