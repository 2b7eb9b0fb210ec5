//! `DescribeDataDeletionJob`.

use super::{Answer, Context, to_wire};
use tastemaker_service::deletion_jobs;
use tastemaker_wire::personalize::{DescribeDataDeletionJobRequest, DescribeDataDeletionJobResponse};

/// Shows a data deletion job.
pub async fn answer(context: &Context<'_>, request: DescribeDataDeletionJobRequest) -> Answer<DescribeDataDeletionJobResponse> {
    let found = deletion_jobs::describe(&context.state.service, &request.data_deletion_job_arn).await?;
    Ok(DescribeDataDeletionJobResponse { data_deletion_job: Some(to_wire::deletion_job(found)) })
}
