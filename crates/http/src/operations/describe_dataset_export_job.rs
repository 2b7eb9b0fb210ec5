//! `DescribeDatasetExportJob`.

use super::{Answer, Context, to_wire};
use tastemaker_service::export_jobs;
use tastemaker_wire::personalize::{DescribeDatasetExportJobRequest, DescribeDatasetExportJobResponse};

/// Shows an export job.
pub async fn answer(context: &Context<'_>, request: DescribeDatasetExportJobRequest) -> Answer<DescribeDatasetExportJobResponse> {
    let found = export_jobs::describe(&context.state.service, &request.dataset_export_job_arn).await?;
    Ok(DescribeDatasetExportJobResponse { dataset_export_job: Some(to_wire::export_job(found)) })
}
