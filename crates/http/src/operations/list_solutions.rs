//! `ListSolutions`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::solutions;
use tastemaker_wire::personalize::{ListSolutionsRequest, ListSolutionsResponse};

/// Lists solutions, of one group or of all.
pub async fn answer(context: &Context<'_>, request: ListSolutionsRequest) -> Answer<ListSolutionsResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = solutions::list(&context.state.service, context.caller, request.dataset_group_arn.as_deref(), page).await?;
    Ok(ListSolutionsResponse {
        solutions: listed.items.into_iter().map(to_wire::solution_summary).collect(),
        next_token: listed.next_token,
    })
}
