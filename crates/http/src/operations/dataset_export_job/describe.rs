//! `DescribeDatasetExportJob` shows an export job.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::export_jobs;
use tastemaker_wire::personalize::{
    DescribeDatasetExportJobRequest as Request, DescribeDatasetExportJobResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = export_jobs::describe(context.service(), &request.dataset_export_job_arn).await?;
    Ok(Response { dataset_export_job: Some(wire::export_job(found)) })
}
