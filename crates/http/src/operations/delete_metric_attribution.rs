//! `DeleteMetricAttribution`.

use super::{Answer, Context, Empty};
use tastemaker_service::metric_attributions;
use tastemaker_wire::personalize::DeleteMetricAttributionRequest;

/// Removes a metric attribution with its numbers.
pub async fn answer(context: &Context<'_>, request: DeleteMetricAttributionRequest) -> Answer<Empty> {
    metric_attributions::delete(&context.state.service, &request.metric_attribution_arn).await?;
    Ok(Empty {})
}
