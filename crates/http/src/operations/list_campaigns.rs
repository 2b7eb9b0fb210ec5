//! `ListCampaigns`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::campaigns;
use tastemaker_wire::personalize::{ListCampaignsRequest, ListCampaignsResponse};

/// Lists campaigns, of one solution or of all.
pub async fn answer(context: &Context<'_>, request: ListCampaignsRequest) -> Answer<ListCampaignsResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = campaigns::list(&context.state.service, context.caller, request.solution_arn.as_deref(), page).await?;
    Ok(ListCampaignsResponse {
        campaigns: listed.items.into_iter().map(to_wire::campaign_summary).collect(),
        next_token: listed.next_token,
    })
}
