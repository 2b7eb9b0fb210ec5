//! `ListMetricAttributionMetrics` lists what a metric attribution counts.

use super::wire;
use crate::operations::wire::{page, required};
use crate::operations::{Answer, Context};
use tastemaker_service::metric_attributions;
use tastemaker_wire::personalize::{
    ListMetricAttributionMetricsRequest as Request, ListMetricAttributionMetricsResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let arn = required("metricAttributionArn", request.metric_attribution_arn)?;
    let page = page(request.max_results, request.next_token);
    let listed = metric_attributions::list_metrics(context.service(), &arn, page).await?;
    let metrics = listed.items.into_iter().map(wire::metric).collect();
    Ok(Response { metrics, next_token: listed.next_token })
}
