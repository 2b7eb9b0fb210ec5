//! `ListDatasets` lists datasets, of one group or of all.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::datasets;
use tastemaker_wire::personalize::{ListDatasetsRequest as Request, ListDatasetsResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let listed = datasets::list(context.service(), context.caller, request.dataset_group_arn.as_deref(), page).await?;
    let datasets = listed.items.into_iter().map(wire::dataset_summary).collect();
    Ok(Response { datasets, next_token: listed.next_token })
}
