//! `ListBatchSegmentJobs` lists batch segment jobs, of one solution version or of all.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::batch_jobs;
use tastemaker_wire::personalize::{ListBatchSegmentJobsRequest as Request, ListBatchSegmentJobsResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let version = request.solution_version_arn.as_deref();
    let listed = batch_jobs::list_segment(context.service(), context.caller, version, page).await?;
    let batch_segment_jobs = listed.items.into_iter().map(wire::segment_job_summary).collect();
    Ok(Response { batch_segment_jobs, next_token: listed.next_token })
}
