//! `StopSolutionVersionCreation` stops a training for good.

use crate::operations::{Answer, Context, Empty};
use tastemaker_service::solution_versions;
use tastemaker_wire::personalize::StopSolutionVersionCreationRequest as Request;

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Empty> {
    solution_versions::stop(context.service(), &request.solution_version_arn).await?;
    Ok(Empty {})
}
