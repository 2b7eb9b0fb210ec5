//! `DescribeDataDeletionJob` shows a data deletion job.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::deletion_jobs;
use tastemaker_wire::personalize::{
    DescribeDataDeletionJobRequest as Request, DescribeDataDeletionJobResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = deletion_jobs::describe(context.service(), &request.data_deletion_job_arn).await?;
    Ok(Response { data_deletion_job: Some(wire::deletion_job(found)) })
}
