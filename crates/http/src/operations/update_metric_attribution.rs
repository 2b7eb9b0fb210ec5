//! `UpdateMetricAttribution`.

use super::common::{metric, metrics_output, required};
use super::{Answer, Context};
use tastemaker_service::metric_attributions::{self, MetricAttributionChange};
use tastemaker_wire::personalize::{UpdateMetricAttributionRequest, UpdateMetricAttributionResponse};

/// Changes what is counted.
pub async fn answer(
    context: &Context<'_>,
    request: UpdateMetricAttributionRequest,
) -> Answer<UpdateMetricAttributionResponse> {
    let arn = required("metricAttributionArn", request.metric_attribution_arn)?;
    let change = MetricAttributionChange {
        add: request.add_metrics.unwrap_or_default().into_iter().map(metric).collect(),
        remove: request.remove_metrics.unwrap_or_default(),
        output: request.metrics_output_config.map(metrics_output),
    };
    let updated = metric_attributions::update(&context.state.service, &arn, change).await?;
    Ok(UpdateMetricAttributionResponse { metric_attribution_arn: Some(updated.arn) })
}
