//! `ListDatasetImportJobs`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::import_jobs;
use tastemaker_wire::personalize::{ListDatasetImportJobsRequest, ListDatasetImportJobsResponse};

/// Lists import jobs, of one dataset or of all.
pub async fn answer(context: &Context<'_>, request: ListDatasetImportJobsRequest) -> Answer<ListDatasetImportJobsResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = import_jobs::list(&context.state.service, context.caller, request.dataset_arn.as_deref(), page).await?;
    Ok(ListDatasetImportJobsResponse {
        dataset_import_jobs: listed.items.into_iter().map(to_wire::import_job_summary).collect(),
        next_token: listed.next_token,
    })
}
