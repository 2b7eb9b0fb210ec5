//! `DescribeBatchInferenceJob`.

use super::{Answer, Context, to_wire};
use tastemaker_service::batch_jobs;
use tastemaker_wire::personalize::{DescribeBatchInferenceJobRequest, DescribeBatchInferenceJobResponse};

/// Shows a batch inference job.
pub async fn answer(context: &Context<'_>, request: DescribeBatchInferenceJobRequest) -> Answer<DescribeBatchInferenceJobResponse> {
    let found = batch_jobs::describe_inference(&context.state.service, &request.batch_inference_job_arn).await?;
    Ok(DescribeBatchInferenceJobResponse { batch_inference_job: Some(to_wire::inference_job(found)) })
}
