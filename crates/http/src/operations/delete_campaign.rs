//! `DeleteCampaign`.

use super::{Answer, Context, Empty};
use tastemaker_service::campaigns;
use tastemaker_wire::personalize::DeleteCampaignRequest;

/// Removes a campaign.
pub async fn answer(context: &Context<'_>, request: DeleteCampaignRequest) -> Answer<Empty> {
    campaigns::delete(&context.state.service, &request.campaign_arn).await?;
    Ok(Empty {})
}
