//! `ListBatchInferenceJobs`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::batch_jobs;
use tastemaker_wire::personalize::{ListBatchInferenceJobsRequest, ListBatchInferenceJobsResponse};

/// Lists batch inference jobs, of one solution version or of all.
pub async fn answer(context: &Context<'_>, request: ListBatchInferenceJobsRequest) -> Answer<ListBatchInferenceJobsResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = batch_jobs::list_inference(&context.state.service, context.caller, request.solution_version_arn.as_deref(), page).await?;
    Ok(ListBatchInferenceJobsResponse {
        batch_inference_jobs: listed.items.into_iter().map(to_wire::inference_job_summary).collect(),
        next_token: listed.next_token,
    })
}
