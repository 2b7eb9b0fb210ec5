//! `DeleteCampaign` removes a campaign.

use crate::operations::{Answer, Context, Empty};
use tastemaker_service::campaigns;
use tastemaker_wire::personalize::DeleteCampaignRequest as Request;

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Empty> {
    campaigns::delete(context.service(), &request.campaign_arn).await?;
    Ok(Empty {})
}
