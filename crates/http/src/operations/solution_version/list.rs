//! `ListSolutionVersions` lists solution versions, of one solution or of all.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::solution_versions;
use tastemaker_wire::personalize::{ListSolutionVersionsRequest as Request, ListSolutionVersionsResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let solution = request.solution_arn.as_deref();
    let listed = solution_versions::list(context.service(), context.caller, solution, page).await?;
    let solution_versions = listed.items.into_iter().map(wire::solution_version_summary).collect();
    Ok(Response { solution_versions, next_token: listed.next_token })
}
