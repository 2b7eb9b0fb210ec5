//! `UpdateSolution`.

use super::create_solution::events;
use super::{Answer, Context};
use tastemaker_service::solutions::{self, SolutionChange};
use tastemaker_wire::personalize::{UpdateSolutionRequest, UpdateSolutionResponse};

/// Changes when a solution is trained by itself, and on which events.
pub async fn answer(context: &Context<'_>, request: UpdateSolutionRequest) -> Answer<UpdateSolutionResponse> {
    let config = request.solution_update_config.unwrap_or_default();
    let change = SolutionChange {
        perform_auto_training: request.perform_auto_training,
        perform_incremental_update: request.perform_incremental_update,
        auto_training_schedule: config.auto_training_config.and_then(|c| c.scheduling_expression),
        events: config.events_config.map(events),
    };
    let solution = solutions::update(&context.state.service, &request.solution_arn, change).await?;
    Ok(UpdateSolutionResponse { solution_arn: Some(solution.arn) })
}
