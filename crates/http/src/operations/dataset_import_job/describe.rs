//! `DescribeDatasetImportJob` shows an import job.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::import_jobs;
use tastemaker_wire::personalize::{
    DescribeDatasetImportJobRequest as Request, DescribeDatasetImportJobResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = import_jobs::describe(context.service(), &request.dataset_import_job_arn).await?;
    Ok(Response { dataset_import_job: Some(wire::import_job(found)) })
}
