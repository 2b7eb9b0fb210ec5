//! `DescribeDatasetImportJob`.

use super::{Answer, Context, to_wire};
use tastemaker_service::import_jobs;
use tastemaker_wire::personalize::{DescribeDatasetImportJobRequest, DescribeDatasetImportJobResponse};

/// Shows an import job.
pub async fn answer(context: &Context<'_>, request: DescribeDatasetImportJobRequest) -> Answer<DescribeDatasetImportJobResponse> {
    let found = import_jobs::describe(&context.state.service, &request.dataset_import_job_arn).await?;
    Ok(DescribeDatasetImportJobResponse { dataset_import_job: Some(to_wire::import_job(found)) })
}
