//! `DescribeBatchSegmentJob`.

use super::{Answer, Context, to_wire};
use tastemaker_service::batch_jobs;
use tastemaker_wire::personalize::{DescribeBatchSegmentJobRequest, DescribeBatchSegmentJobResponse};

/// Shows a batch segment job.
pub async fn answer(context: &Context<'_>, request: DescribeBatchSegmentJobRequest) -> Answer<DescribeBatchSegmentJobResponse> {
    let found = batch_jobs::describe_segment(&context.state.service, &request.batch_segment_job_arn).await?;
    Ok(DescribeBatchSegmentJobResponse { batch_segment_job: Some(to_wire::segment_job(found)) })
}
