//! `ListCampaigns` lists campaigns, of one solution or of all.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::campaigns;
use tastemaker_wire::personalize::{ListCampaignsRequest as Request, ListCampaignsResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let listed = campaigns::list(context.service(), context.caller, request.solution_arn.as_deref(), page).await?;
    let campaigns =
        listed.items.into_iter().map(|found| wire::campaign_summary(context.campaign_as_loaded(found))).collect();
    Ok(Response { campaigns, next_token: listed.next_token })
}
