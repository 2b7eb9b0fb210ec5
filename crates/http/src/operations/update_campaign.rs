//! `UpdateCampaign`.

use super::common::{campaign_config, rate};
use super::{Answer, Context};
use tastemaker_service::campaigns::{self, CampaignChange};
use tastemaker_wire::personalize::{UpdateCampaignRequest, UpdateCampaignResponse};

/// Deploys another version or configuration; the campaign answers from the old one meanwhile.
pub async fn answer(context: &Context<'_>, request: UpdateCampaignRequest) -> Answer<UpdateCampaignResponse> {
    let change = CampaignChange {
        solution_version_arn: request.solution_version_arn,
        min_provisioned_tps: rate(request.min_provisioned_tps),
        config: campaign_config(request.campaign_config)?,
    };
    let campaign = campaigns::update(&context.state.service, &request.campaign_arn, change).await?;
    Ok(UpdateCampaignResponse { campaign_arn: Some(campaign.arn) })
}
