//! `UpdateCampaign` deploys another version or configuration; the campaign answers from the old one meanwhile.

use super::wire::read_campaign_config;
use crate::operations::{Answer, Context, wire::read_rate};
use tastemaker_service::campaigns::{self, CampaignChange};
use tastemaker_wire::personalize::{UpdateCampaignRequest as Request, UpdateCampaignResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let change = CampaignChange {
        solution_version_arn: request.solution_version_arn,
        min_provisioned_tps: read_rate(request.min_provisioned_tps),
        config: request.campaign_config.map(read_campaign_config),
    };
    let campaign = campaigns::update(context.service(), &request.campaign_arn, change).await?;
    Ok(Response { campaign_arn: Some(campaign.arn) })
}
