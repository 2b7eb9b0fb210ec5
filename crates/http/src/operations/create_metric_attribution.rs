//! `CreateMetricAttribution`.

use super::common::{metric, metrics_output};
use super::{Answer, Context};
use tastemaker_service::metric_attributions::{self, NewMetricAttribution};
use tastemaker_wire::personalize::{CreateMetricAttributionRequest, CreateMetricAttributionResponse};

/// Begins to count what recommendations are worth.
pub async fn answer(
    context: &Context<'_>,
    request: CreateMetricAttributionRequest,
) -> Answer<CreateMetricAttributionResponse> {
    let new = NewMetricAttribution {
        name: request.name,
        dataset_group_arn: request.dataset_group_arn,
        metrics: request.metrics.into_iter().map(metric).collect(),
        output: metrics_output(request.metrics_output_config),
    };
    let created = metric_attributions::create(&context.state.service, context.caller, new).await?;
    Ok(CreateMetricAttributionResponse { metric_attribution_arn: Some(created.arn) })
}
