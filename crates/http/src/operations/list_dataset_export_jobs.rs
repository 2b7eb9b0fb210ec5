//! `ListDatasetExportJobs`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::export_jobs;
use tastemaker_wire::personalize::{ListDatasetExportJobsRequest, ListDatasetExportJobsResponse};

/// Lists export jobs, of one dataset or of all.
pub async fn answer(context: &Context<'_>, request: ListDatasetExportJobsRequest) -> Answer<ListDatasetExportJobsResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = export_jobs::list(&context.state.service, context.caller, request.dataset_arn.as_deref(), page).await?;
    Ok(ListDatasetExportJobsResponse {
        dataset_export_jobs: listed.items.into_iter().map(to_wire::export_job_summary).collect(),
        next_token: listed.next_token,
    })
}
