//! `CreateMetricAttribution` begins to count what recommendations are worth.

use super::wire::{read_metric, read_metrics_output};
use crate::operations::{Answer, Context};
use tastemaker_service::metric_attributions::{self, NewMetricAttribution};
use tastemaker_wire::personalize::{
    CreateMetricAttributionRequest as Request, CreateMetricAttributionResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let new = NewMetricAttribution {
        name: request.name,
        dataset_group_arn: request.dataset_group_arn,
        metrics: request.metrics.into_iter().map(read_metric).collect(),
        output: read_metrics_output(request.metrics_output_config),
    };
    let created = metric_attributions::create(context.service(), context.caller, new).await?;
    Ok(Response { metric_attribution_arn: Some(created.arn) })
}
