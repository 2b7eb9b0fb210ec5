//! `DescribeSolution` shows a solution with its newest version.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::{latest_solution_version, solutions};
use tastemaker_wire::personalize::{DescribeSolutionRequest as Request, DescribeSolutionResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let service = context.service();
    let solution = solutions::describe(service, &request.solution_arn).await?;
    let latest = latest_solution_version(service, &request.solution_arn).await?;
    Ok(Response { solution: Some(wire::solution(solution, latest)) })
}
