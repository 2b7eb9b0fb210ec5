//! `CreateBatchInferenceJob` starts a batch inference job.

use crate::operations::wire::{read_batch_job, read_mode};
use crate::operations::{Answer, Context};
use tastemaker_domain::resource::{BatchInferenceConfig, BatchInferenceMode};
use tastemaker_service::batch_jobs::{self, NewInferenceJob};
use tastemaker_wire::personalize::{
    CreateBatchInferenceJobRequest as Request, CreateBatchInferenceJobResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let (word, default) = (request.batch_inference_job_mode.as_deref(), BatchInferenceMode::BatchInference);
    let mode = read_mode("batchInferenceJobMode", word, default, BatchInferenceMode::parse)?;
    let config = request.batch_inference_job_config.map(|config| BatchInferenceConfig {
        item_exploration_config: config.item_exploration_config.unwrap_or_default(),
        ranking_influence: config.ranking_influence.unwrap_or_default(),
    });
    let job = read_batch_job!(request);
    let theme_item_name = request.theme_generation_config.map(|theme| theme.fields_for_theme_generation.item_name);
    let new = NewInferenceJob { job, mode, config, theme_item_name };
    let job = batch_jobs::create_inference(context.service(), context.caller, new).await?;
    Ok(Response { batch_inference_job_arn: Some(job.arn) })
}
