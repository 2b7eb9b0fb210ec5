//! `StopSolutionVersionCreation`.

use super::{Answer, Context, Empty};
use tastemaker_service::solution_versions;
use tastemaker_wire::personalize::StopSolutionVersionCreationRequest;

/// Stops a training for good.
pub async fn answer(context: &Context<'_>, request: StopSolutionVersionCreationRequest) -> Answer<Empty> {
    solution_versions::stop(&context.state.service, &request.solution_version_arn).await?;
    Ok(Empty {})
}
