//! Batch inference jobs as wire structures.

use crate::operations::wire::{filled, location, members, seconds};
use tastemaker_domain::resource::BatchInferenceJob;
use tastemaker_wire::personalize as wire;

/// A batch inference job.
pub fn inference_job(job: BatchInferenceJob) -> wire::BatchInferenceJob {
    wire::BatchInferenceJob {
        batch_inference_job_arn: Some(job.arn),
        batch_inference_job_config: job.config.map(|config| wire::BatchInferenceJobConfig {
            item_exploration_config: filled(config.item_exploration_config),
            ranking_influence: filled(config.ranking_influence),
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
    members!(inference_job(job) => wire::BatchInferenceJobSummary {
        batch_inference_job_arn, batch_inference_job_mode, creation_date_time, failure_reason, job_name,
        last_updated_date_time, solution_version_arn, status
    })
}
