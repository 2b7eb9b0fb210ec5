//! `ListFilters` lists filters, of one group or of all.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::filters;
use tastemaker_wire::personalize::{ListFiltersRequest as Request, ListFiltersResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let group = request.dataset_group_arn.as_deref();
    let listed = filters::list(context.service(), context.caller, group, page).await?;
    let filters = listed.items.into_iter().map(wire::filter_summary).collect();
    Ok(Response { filters, next_token: listed.next_token })
}
