//! `DescribeBatchSegmentJob` shows a batch segment job.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::batch_jobs;
use tastemaker_wire::personalize::{
    DescribeBatchSegmentJobRequest as Request, DescribeBatchSegmentJobResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = batch_jobs::describe_segment(context.service(), &request.batch_segment_job_arn).await?;
    Ok(Response { batch_segment_job: Some(wire::segment_job(found)) })
}
