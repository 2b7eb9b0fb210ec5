//! `ListSolutionVersions`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::solution_versions;
use tastemaker_wire::personalize::{ListSolutionVersionsRequest, ListSolutionVersionsResponse};

/// Lists solution versions, of one solution or of all.
pub async fn answer(context: &Context<'_>, request: ListSolutionVersionsRequest) -> Answer<ListSolutionVersionsResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = solution_versions::list(&context.state.service, context.caller, request.solution_arn.as_deref(), page).await?;
    Ok(ListSolutionVersionsResponse {
        solution_versions: listed.items.into_iter().map(to_wire::solution_version_summary).collect(),
        next_token: listed.next_token,
    })
}
