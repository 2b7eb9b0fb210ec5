//! `CreateBatchSegmentJob` starts a batch segment job.

use crate::operations::{Answer, Context, wire::read_batch_job};
use tastemaker_service::batch_jobs;
use tastemaker_wire::personalize::{
    CreateBatchSegmentJobRequest as Request, CreateBatchSegmentJobResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let job = batch_jobs::create_segment(context.service(), context.caller, read_batch_job!(request)).await?;
    Ok(Response { batch_segment_job_arn: Some(job.arn) })
}
