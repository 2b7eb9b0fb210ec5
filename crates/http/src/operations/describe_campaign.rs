//! `DescribeCampaign`.

use super::{Answer, Context, to_wire};
use tastemaker_service::campaigns;
use tastemaker_wire::personalize::{DescribeCampaignRequest, DescribeCampaignResponse};

/// Shows a campaign.
pub async fn answer(context: &Context<'_>, request: DescribeCampaignRequest) -> Answer<DescribeCampaignResponse> {
    let found = campaigns::describe(&context.state.service, &request.campaign_arn).await?;
    Ok(DescribeCampaignResponse { campaign: Some(to_wire::campaign(found)) })
}
