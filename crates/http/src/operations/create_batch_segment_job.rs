//! `CreateBatchSegmentJob`.

use super::common::{location, tags};
use super::{Answer, Context};
use tastemaker_service::batch_jobs::{self, NewBatchJob};
use tastemaker_wire::personalize::{CreateBatchSegmentJobRequest, CreateBatchSegmentJobResponse};

/// Starts a batch segment job.
pub async fn answer(
    context: &Context<'_>,
    request: CreateBatchSegmentJobRequest,
) -> Answer<CreateBatchSegmentJobResponse> {
    let new = NewBatchJob {
        job_name: request.job_name,
        solution_version_arn: request.solution_version_arn,
        filter_arn: request.filter_arn,
        num_results: request.num_results,
        input: location(request.job_input.s3_data_source),
        output: location(request.job_output.s3_data_destination),
        role_arn: request.role_arn,
        tags: tags(request.tags)?,
    };
    let job = batch_jobs::create_segment(&context.state.service, context.caller, new).await?;
    Ok(CreateBatchSegmentJobResponse { batch_segment_job_arn: Some(job.arn) })
}
