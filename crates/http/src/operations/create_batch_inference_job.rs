//! `CreateBatchInferenceJob`.

use super::common::{location, tags};
use super::{Answer, Context};
use crate::errors::Failure;
use tastemaker_domain::resource::{BatchInferenceConfig, BatchInferenceMode};
use tastemaker_service::batch_jobs::{self, NewBatchJob, NewInferenceJob};
use tastemaker_wire::personalize::{CreateBatchInferenceJobRequest, CreateBatchInferenceJobResponse};

/// Starts a batch inference job.
pub async fn answer(
    context: &Context<'_>,
    request: CreateBatchInferenceJobRequest,
) -> Answer<CreateBatchInferenceJobResponse> {
    let mode = match request.batch_inference_job_mode.as_deref() {
        None => BatchInferenceMode::BatchInference,
        Some(word) => BatchInferenceMode::parse(word)
            .ok_or_else(|| Failure::invalid(format!("batchInferenceJobMode: '{word}' is not a mode.")))?,
    };
    let config = request.batch_inference_job_config.map(|config| BatchInferenceConfig {
        item_exploration_config: config.item_exploration_config.unwrap_or_default(),
        ranking_influence: config.ranking_influence.unwrap_or_default(),
    });
    let job = NewBatchJob {
        job_name: request.job_name,
        solution_version_arn: request.solution_version_arn,
        filter_arn: request.filter_arn,
        num_results: request.num_results,
        input: location(request.job_input.s3_data_source),
        output: location(request.job_output.s3_data_destination),
        role_arn: request.role_arn,
        tags: tags(request.tags)?,
    };
    let theme_item_name = request.theme_generation_config.map(|theme| theme.fields_for_theme_generation.item_name);
    let new = NewInferenceJob { job, mode, config, theme_item_name };
    let job = batch_jobs::create_inference(&context.state.service, context.caller, new).await?;
    Ok(CreateBatchInferenceJobResponse { batch_inference_job_arn: Some(job.arn) })
}
