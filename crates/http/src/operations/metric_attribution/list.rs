//! `ListMetricAttributions` lists metric attributions, that of one dataset group or all.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::metric_attributions;
use tastemaker_wire::personalize::{
    ListMetricAttributionsRequest as Request, ListMetricAttributionsResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let group = request.dataset_group_arn.as_deref();
    let listed = metric_attributions::list(context.service(), context.caller, group, page).await?;
    let metric_attributions = listed.items.into_iter().map(wire::metric_attribution_summary).collect();
    Ok(Response { metric_attributions, next_token: listed.next_token })
}
