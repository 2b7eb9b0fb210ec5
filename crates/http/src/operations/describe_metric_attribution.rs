//! `DescribeMetricAttribution`.

use super::{Answer, Context, to_wire};
use tastemaker_service::metric_attributions;
use tastemaker_wire::personalize::{DescribeMetricAttributionRequest, DescribeMetricAttributionResponse};

/// Shows a metric attribution.
pub async fn answer(context: &Context<'_>, request: DescribeMetricAttributionRequest) -> Answer<DescribeMetricAttributionResponse> {
    let found = metric_attributions::describe(&context.state.service, &request.metric_attribution_arn).await?;
    Ok(DescribeMetricAttributionResponse { metric_attribution: Some(to_wire::metric_attribution(found)) })
}
