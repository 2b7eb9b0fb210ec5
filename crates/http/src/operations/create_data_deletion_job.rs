//! `CreateDataDeletionJob`.

use super::common::tags;
use super::{Answer, Context};
use crate::errors::Failure;
use tastemaker_service::deletion_jobs::{self, NewDeletionJob};
use tastemaker_wire::personalize::{CreateDataDeletionJobRequest, CreateDataDeletionJobResponse};

/// Starts a deletion of users.
pub async fn answer(
    context: &Context<'_>,
    request: CreateDataDeletionJobRequest,
) -> Answer<CreateDataDeletionJobResponse> {
    let new = NewDeletionJob {
        job_name: request.job_name,
        dataset_group_arn: request.dataset_group_arn,
        data_location: request
            .data_source
            .data_location
            .ok_or_else(|| Failure::invalid("dataSource.dataLocation is required."))?,
        role_arn: request.role_arn,
        tags: tags(request.tags)?,
    };
    let job = deletion_jobs::create(&context.state.service, context.caller, new).await?;
    Ok(CreateDataDeletionJobResponse { data_deletion_job_arn: Some(job.arn) })
}
