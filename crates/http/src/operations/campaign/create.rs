//! `CreateCampaign` deploys a solution version.

use super::wire::read_campaign_config;
use crate::operations::wire::{read_rate, read_tags};
use crate::operations::{Answer, Context};
use tastemaker_service::campaigns::{self, NewCampaign};
use tastemaker_wire::personalize::{CreateCampaignRequest as Request, CreateCampaignResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let new = NewCampaign {
        name: request.name,
        solution_version_arn: request.solution_version_arn,
        min_provisioned_tps: read_rate(request.min_provisioned_tps),
        config: request.campaign_config.map(read_campaign_config),
        tags: read_tags(request.tags)?,
    };
    let campaign = campaigns::create(context.service(), context.caller, new).await?;
    Ok(Response { campaign_arn: Some(campaign.arn) })
}
