//! `UpdateSolution`.

use super::{Answer, Context};
use crate::errors::refuse_unavailable;
use tastemaker_service::solutions::{self, SolutionChange};
use tastemaker_wire::personalize::{UpdateSolutionRequest, UpdateSolutionResponse};

/// Changes when a solution is trained by itself.
pub async fn answer(context: &Context<'_>, request: UpdateSolutionRequest) -> Answer<UpdateSolutionResponse> {
    let config = request.solution_update_config.unwrap_or_default();
    refuse_unavailable(&[("solutionUpdateConfig.eventsConfig", config.events_config.is_some())])?;
    let change = SolutionChange {
        perform_auto_training: request.perform_auto_training,
        perform_incremental_update: request.perform_incremental_update,
        auto_training_schedule: config.auto_training_config.and_then(|c| c.scheduling_expression),
    };
    let solution = solutions::update(&context.state.service, &request.solution_arn, change).await?;
    Ok(UpdateSolutionResponse { solution_arn: Some(solution.arn) })
}
