//! Metric attributions and their metrics, from and to wire structures.

use crate::operations::wire::{location, members, read_location, seconds};
use tastemaker_domain::resource::{MetricAttribute, MetricAttribution};
use tastemaker_service::metric_attributions::MetricsOutput;
use tastemaker_wire::personalize as wire;

/// A metric attribution.
pub fn metric_attribution(attribution: MetricAttribution) -> wire::MetricAttribution {
    wire::MetricAttribution {
        creation_date_time: seconds(attribution.created_ms),
        dataset_group_arn: Some(attribution.dataset_group_arn),
        failure_reason: attribution.failure_reason,
        last_updated_date_time: seconds(attribution.updated_ms),
        metric_attribution_arn: Some(attribution.arn),
        metrics_output_config: Some(wire::MetricAttributionOutput {
            role_arn: attribution.role_arn,
            s3_data_destination: attribution.output.map(location),
        }),
        name: Some(attribution.name),
        status: Some(attribution.status.to_string()),
    }
}

/// A metric attribution in a list.
pub fn metric_attribution_summary(attribution: MetricAttribution) -> wire::MetricAttributionSummary {
    members!(metric_attribution(attribution) => wire::MetricAttributionSummary {
        creation_date_time, failure_reason, last_updated_date_time, metric_attribution_arn, name, status
    })
}

/// A metric of an attribution.
pub fn metric(metric: MetricAttribute) -> wire::MetricAttribute {
    members!(metric => wire::MetricAttribute { event_type, expression, metric_name })
}

/// A metric of an attribution.
pub fn read_metric(metric: wire::MetricAttribute) -> MetricAttribute {
    MetricAttribute { event_type: metric.event_type, metric_name: metric.metric_name, expression: metric.expression }
}

/// The location to which the numbers of imports are published.
pub fn read_metrics_output(output: wire::MetricAttributionOutput) -> MetricsOutput {
    MetricsOutput { role_arn: output.role_arn, destination: output.s3_data_destination.map(read_location) }
}
