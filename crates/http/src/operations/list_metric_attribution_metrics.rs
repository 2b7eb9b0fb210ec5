//! `ListMetricAttributionMetrics`.

use super::common::{page, required};
use super::{Answer, Context, to_wire};
use tastemaker_service::metric_attributions;
use tastemaker_wire::personalize::{ListMetricAttributionMetricsRequest, ListMetricAttributionMetricsResponse};

/// Lists what a metric attribution counts.
pub async fn answer(
    context: &Context<'_>,
    request: ListMetricAttributionMetricsRequest,
) -> Answer<ListMetricAttributionMetricsResponse> {
    let arn = required("metricAttributionArn", request.metric_attribution_arn)?;
    let page = page(request.max_results, request.next_token);
    let listed = metric_attributions::list_metrics(&context.state.service, &arn, page).await?;
    Ok(ListMetricAttributionMetricsResponse {
        metrics: listed.items.into_iter().map(to_wire::metric).collect(),
        next_token: listed.next_token,
    })
}
