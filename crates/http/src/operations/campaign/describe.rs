//! `DescribeCampaign` shows a campaign.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::campaigns;
use tastemaker_wire::personalize::{DescribeCampaignRequest as Request, DescribeCampaignResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = campaigns::describe(context.service(), &request.campaign_arn).await?;
    Ok(Response { campaign: Some(wire::campaign(context.campaign_as_loaded(found))) })
}
