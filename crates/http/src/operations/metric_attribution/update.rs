//! `UpdateMetricAttribution` changes what is counted.

use super::wire::{read_metric, read_metrics_output};
use crate::operations::{Answer, Context, wire::required};
use tastemaker_service::metric_attributions::{self, MetricAttributionChange};
use tastemaker_wire::personalize::{
    UpdateMetricAttributionRequest as Request, UpdateMetricAttributionResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let arn = required("metricAttributionArn", request.metric_attribution_arn)?;
    let change = MetricAttributionChange {
        add: request.add_metrics.unwrap_or_default().into_iter().map(read_metric).collect(),
        remove: request.remove_metrics.unwrap_or_default(),
        output: request.metrics_output_config.map(read_metrics_output),
    };
    let updated = metric_attributions::update(context.service(), &arn, change).await?;
    Ok(Response { metric_attribution_arn: Some(updated.arn) })
}
