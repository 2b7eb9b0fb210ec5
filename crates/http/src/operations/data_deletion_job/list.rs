//! `ListDataDeletionJobs` lists data deletion jobs, of one dataset group or of all.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::deletion_jobs;
use tastemaker_wire::personalize::{ListDataDeletionJobsRequest as Request, ListDataDeletionJobsResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let group = request.dataset_group_arn.as_deref();
    let listed = deletion_jobs::list(context.service(), context.caller, group, page).await?;
    let data_deletion_jobs = listed.items.into_iter().map(wire::deletion_job_summary).collect();
    Ok(Response { data_deletion_jobs, next_token: listed.next_token })
}
