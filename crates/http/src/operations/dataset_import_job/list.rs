//! `ListDatasetImportJobs` lists import jobs, of one dataset or of all.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::import_jobs;
use tastemaker_wire::personalize::{
    ListDatasetImportJobsRequest as Request, ListDatasetImportJobsResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let listed = import_jobs::list(context.service(), context.caller, request.dataset_arn.as_deref(), page).await?;
    let dataset_import_jobs = listed.items.into_iter().map(wire::import_job_summary).collect();
    Ok(Response { dataset_import_jobs, next_token: listed.next_token })
}
