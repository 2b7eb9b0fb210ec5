//! `ListSolutions` lists solutions, of one group or of all.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::solutions;
use tastemaker_wire::personalize::{ListSolutionsRequest as Request, ListSolutionsResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let listed = solutions::list(context.service(), context.caller, request.dataset_group_arn.as_deref(), page).await?;
    let solutions = listed.items.into_iter().map(wire::solution_summary).collect();
    Ok(Response { solutions, next_token: listed.next_token })
}
