//! `ListDatasetExportJobs` lists export jobs, of one dataset or of all.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::export_jobs;
use tastemaker_wire::personalize::{
    ListDatasetExportJobsRequest as Request, ListDatasetExportJobsResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let listed = export_jobs::list(context.service(), context.caller, request.dataset_arn.as_deref(), page).await?;
    let dataset_export_jobs = listed.items.into_iter().map(wire::export_job_summary).collect();
    Ok(Response { dataset_export_jobs, next_token: listed.next_token })
}
