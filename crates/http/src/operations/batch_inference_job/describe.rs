//! `DescribeBatchInferenceJob` shows a batch inference job.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::batch_jobs;
use tastemaker_wire::personalize::{
    DescribeBatchInferenceJobRequest as Request, DescribeBatchInferenceJobResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = batch_jobs::describe_inference(context.service(), &request.batch_inference_job_arn).await?;
    Ok(Response { batch_inference_job: Some(wire::inference_job(found)) })
}
