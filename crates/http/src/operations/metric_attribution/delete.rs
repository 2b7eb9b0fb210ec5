//! `DeleteMetricAttribution` removes a metric attribution with its numbers.

use crate::operations::{Answer, Context, Empty};
use tastemaker_service::metric_attributions;
use tastemaker_wire::personalize::DeleteMetricAttributionRequest as Request;

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Empty> {
    metric_attributions::delete(context.service(), &request.metric_attribution_arn).await?;
    Ok(Empty {})
}
