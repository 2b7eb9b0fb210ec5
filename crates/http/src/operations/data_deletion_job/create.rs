//! `CreateDataDeletionJob` starts a deletion of users.

use crate::operations::wire::{read_tags, required};
use crate::operations::{Answer, Context};
use tastemaker_service::deletion_jobs::{self, NewDeletionJob};
use tastemaker_wire::personalize::{
    CreateDataDeletionJobRequest as Request, CreateDataDeletionJobResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let new = NewDeletionJob {
        job_name: request.job_name,
        dataset_group_arn: request.dataset_group_arn,
        data_location: required("dataSource.dataLocation", request.data_source.data_location)?,
        role_arn: request.role_arn,
        tags: read_tags(request.tags)?,
    };
    let job = deletion_jobs::create(context.service(), context.caller, new).await?;
    Ok(Response { data_deletion_job_arn: Some(job.arn) })
}
