//! `ListDataDeletionJobs`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::deletion_jobs;
use tastemaker_wire::personalize::{ListDataDeletionJobsRequest, ListDataDeletionJobsResponse};

/// Lists data deletion jobs, of one dataset group or of all.
pub async fn answer(context: &Context<'_>, request: ListDataDeletionJobsRequest) -> Answer<ListDataDeletionJobsResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = deletion_jobs::list(&context.state.service, context.caller, request.dataset_group_arn.as_deref(), page).await?;
    Ok(ListDataDeletionJobsResponse {
        data_deletion_jobs: listed.items.into_iter().map(to_wire::deletion_job_summary).collect(),
        next_token: listed.next_token,
    })
}
