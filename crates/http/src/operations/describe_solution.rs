//! `DescribeSolution`.

use super::{Answer, Context, to_wire};
use tastemaker_service::{latest_solution_version, solutions};
use tastemaker_wire::personalize::{DescribeSolutionRequest, DescribeSolutionResponse};

/// Shows a solution with its newest version.
pub async fn answer(context: &Context<'_>, request: DescribeSolutionRequest) -> Answer<DescribeSolutionResponse> {
    let service = &context.state.service;
    let solution = solutions::describe(service, &request.solution_arn).await?;
    let latest = latest_solution_version(service, &request.solution_arn).await?;
    Ok(DescribeSolutionResponse { solution: Some(to_wire::solution(solution, latest)) })
}
