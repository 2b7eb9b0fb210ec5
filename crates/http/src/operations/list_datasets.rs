//! `ListDatasets`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::datasets;
use tastemaker_wire::personalize::{ListDatasetsRequest, ListDatasetsResponse};

/// Lists datasets, of one group or of all.
pub async fn answer(context: &Context<'_>, request: ListDatasetsRequest) -> Answer<ListDatasetsResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = datasets::list(&context.state.service, context.caller, request.dataset_group_arn.as_deref(), page).await?;
    Ok(ListDatasetsResponse {
        datasets: listed.items.into_iter().map(to_wire::dataset_summary).collect(),
        next_token: listed.next_token,
    })
}
