//! Batch jobs and metric attributions.

use super::location;
use crate::operations::common::seconds;
use tastemaker_domain::resource::{BatchInferenceJob, BatchSegmentJob, MetricAttribute, MetricAttribution};
use tastemaker_wire::personalize as wire;

/// A batch inference job.
pub fn inference_job(job: BatchInferenceJob) -> wire::BatchInferenceJob {
    wire::BatchInferenceJob {
        batch_inference_job_arn: Some(job.arn),
        batch_inference_job_config: job.config.map(|config| wire::BatchInferenceJobConfig {
            item_exploration_config: Some(config.item_exploration_config).filter(|map| !map.is_empty()),
            ranking_influence: Some(config.ranking_influence).filter(|map| !map.is_empty()),
        }),
        batch_inference_job_mode: Some(job.mode.as_str().to_owned()),
        creation_date_time: seconds(job.created_ms),
        failure_reason: job.failure_reason,
        filter_arn: job.filter_arn,
        job_input: Some(wire::BatchInferenceJobInput { s3_data_source: location(job.input) }),
        job_name: Some(job.job_name),
        job_output: Some(wire::BatchInferenceJobOutput { s3_data_destination: location(job.output) }),
        last_updated_date_time: seconds(job.updated_ms),
        num_results: i32::try_from(job.num_results).ok(),
        role_arn: Some(job.role_arn),
        solution_version_arn: Some(job.solution_version_arn),
        status: Some(job.status.to_string()),
        theme_generation_config: job.theme_item_name.map(|item_name| wire::ThemeGenerationConfig {
            fields_for_theme_generation: wire::FieldsForThemeGeneration { item_name },
        }),
    }
}

/// A batch inference job in a list.
pub fn inference_job_summary(job: BatchInferenceJob) -> wire::BatchInferenceJobSummary {
    wire::BatchInferenceJobSummary {
        batch_inference_job_arn: Some(job.arn),
        batch_inference_job_mode: Some(job.mode.as_str().to_owned()),
        creation_date_time: seconds(job.created_ms),
        failure_reason: job.failure_reason,
        job_name: Some(job.job_name),
        last_updated_date_time: seconds(job.updated_ms),
        solution_version_arn: Some(job.solution_version_arn),
        status: Some(job.status.to_string()),
    }
}

/// A batch segment job.
pub fn segment_job(job: BatchSegmentJob) -> wire::BatchSegmentJob {
    wire::BatchSegmentJob {
        batch_segment_job_arn: Some(job.arn),
        creation_date_time: seconds(job.created_ms),
        failure_reason: job.failure_reason,
        filter_arn: job.filter_arn,
        job_input: Some(wire::BatchSegmentJobInput { s3_data_source: location(job.input) }),
        job_name: Some(job.job_name),
        job_output: Some(wire::BatchSegmentJobOutput { s3_data_destination: location(job.output) }),
        last_updated_date_time: seconds(job.updated_ms),
        num_results: i32::try_from(job.num_results).ok(),
        role_arn: Some(job.role_arn),
        solution_version_arn: Some(job.solution_version_arn),
        status: Some(job.status.to_string()),
    }
}

/// A batch segment job in a list.
pub fn segment_job_summary(job: BatchSegmentJob) -> wire::BatchSegmentJobSummary {
    wire::BatchSegmentJobSummary {
        batch_segment_job_arn: Some(job.arn),
        creation_date_time: seconds(job.created_ms),
        failure_reason: job.failure_reason,
        job_name: Some(job.job_name),
        last_updated_date_time: seconds(job.updated_ms),
        solution_version_arn: Some(job.solution_version_arn),
        status: Some(job.status.to_string()),
    }
}

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
    wire::MetricAttributionSummary {
        creation_date_time: seconds(attribution.created_ms),
        failure_reason: attribution.failure_reason,
        last_updated_date_time: seconds(attribution.updated_ms),
        metric_attribution_arn: Some(attribution.arn),
        name: Some(attribution.name),
        status: Some(attribution.status.to_string()),
    }
}

/// A metric of an attribution.
pub fn metric(metric: MetricAttribute) -> wire::MetricAttribute {
    wire::MetricAttribute {
        event_type: metric.event_type,
        expression: metric.expression,
        metric_name: metric.metric_name,
    }
}
