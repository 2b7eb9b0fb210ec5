//! `ListRecommenders` lists the region's recommenders, or those of one dataset group.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::recommenders;
use tastemaker_wire::personalize::{ListRecommendersRequest as Request, ListRecommendersResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let group = request.dataset_group_arn.as_deref();
    let listed = recommenders::list(context.service(), context.caller, group, page).await?;
    let recommenders =
        listed.items.into_iter().map(|found| wire::recommender_summary(context.recommender_as_loaded(found))).collect();
    Ok(Response { recommenders, next_token: listed.next_token })
}
