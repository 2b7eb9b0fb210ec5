//! `DeleteSolution` removes a solution with its versions.

use crate::operations::{Answer, Context, Empty};
use tastemaker_service::solutions;
use tastemaker_wire::personalize::DeleteSolutionRequest as Request;

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Empty> {
    solutions::delete(context.service(), &request.solution_arn).await?;
    Ok(Empty {})
}
