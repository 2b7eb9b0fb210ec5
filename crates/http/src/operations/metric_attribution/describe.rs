//! `DescribeMetricAttribution` shows a metric attribution.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::metric_attributions;
use tastemaker_wire::personalize::{
    DescribeMetricAttributionRequest as Request, DescribeMetricAttributionResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = metric_attributions::describe(context.service(), &request.metric_attribution_arn).await?;
    Ok(Response { metric_attribution: Some(wire::metric_attribution(found)) })
}
