//! `ListFilters`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::filters;
use tastemaker_wire::personalize::{ListFiltersRequest, ListFiltersResponse};

/// Lists filters, of one group or of all.
pub async fn answer(context: &Context<'_>, request: ListFiltersRequest) -> Answer<ListFiltersResponse> {
    let page = page(request.max_results, request.next_token);
    let group = request.dataset_group_arn.as_deref();
    let listed = filters::list(&context.state.service, context.caller, group, page).await?;
    Ok(ListFiltersResponse {
        filters: listed.items.into_iter().map(to_wire::filter_summary).collect(),
        next_token: listed.next_token,
    })
}
