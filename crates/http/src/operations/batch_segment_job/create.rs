//! `CreateBatchSegmentJob` starts a batch segment job.

use crate::operations::wire::{read_location, read_tags};
use crate::operations::{Answer, Context};
use tastemaker_service::batch_jobs::{self, NewBatchJob};
use tastemaker_wire::personalize::{
    CreateBatchSegmentJobRequest as Request, CreateBatchSegmentJobResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let new = NewBatchJob {
        job_name: request.job_name,
        solution_version_arn: request.solution_version_arn,
        filter_arn: request.filter_arn,
        num_results: request.num_results,
        input: read_location(request.job_input.s3_data_source),
        output: read_location(request.job_output.s3_data_destination),
        role_arn: request.role_arn,
        tags: read_tags(request.tags)?,
    };
    let job = batch_jobs::create_segment(context.service(), context.caller, new).await?;
    Ok(Response { batch_segment_job_arn: Some(job.arn) })
}
