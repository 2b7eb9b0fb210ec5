//! `ListRecommenders`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::recommenders;
use tastemaker_wire::personalize::{ListRecommendersRequest, ListRecommendersResponse};

/// Lists the region's recommenders, or those of one dataset group.
pub async fn answer(context: &Context<'_>, request: ListRecommendersRequest) -> Answer<ListRecommendersResponse> {
    let page = page(request.max_results, request.next_token);
    let group = request.dataset_group_arn.as_deref();
    let listed = recommenders::list(&context.state.service, context.caller, group, page).await?;
    Ok(ListRecommendersResponse {
        recommenders: listed.items.into_iter().map(to_wire::recommender_summary).collect(),
        next_token: listed.next_token,
    })
}
