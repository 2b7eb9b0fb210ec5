//! `ListMetricAttributions`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::metric_attributions;
use tastemaker_wire::personalize::{ListMetricAttributionsRequest, ListMetricAttributionsResponse};

/// Lists metric attributions, that of one dataset group or all.
pub async fn answer(context: &Context<'_>, request: ListMetricAttributionsRequest) -> Answer<ListMetricAttributionsResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = metric_attributions::list(&context.state.service, context.caller, request.dataset_group_arn.as_deref(), page).await?;
    Ok(ListMetricAttributionsResponse {
        metric_attributions: listed.items.into_iter().map(to_wire::metric_attribution_summary).collect(),
        next_token: listed.next_token,
    })
}
