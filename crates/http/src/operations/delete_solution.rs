//! `DeleteSolution`.

use super::{Answer, Context, Empty};
use tastemaker_service::solutions;
use tastemaker_wire::personalize::DeleteSolutionRequest;

/// Removes a solution with its versions.
pub async fn answer(context: &Context<'_>, request: DeleteSolutionRequest) -> Answer<Empty> {
    solutions::delete(&context.state.service, &request.solution_arn).await?;
    Ok(Empty {})
}
