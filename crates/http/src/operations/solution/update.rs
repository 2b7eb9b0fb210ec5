//! `UpdateSolution` changes when a solution is trained by itself, and on which events.

use super::config::read_events;
use crate::operations::{Answer, Context};
use tastemaker_service::solutions::{self, SolutionChange};
use tastemaker_wire::personalize::{UpdateSolutionRequest as Request, UpdateSolutionResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let config = request.solution_update_config.unwrap_or_default();
    let change = SolutionChange {
        perform_auto_training: request.perform_auto_training,
        perform_incremental_update: request.perform_incremental_update,
        auto_training_schedule: config.auto_training_config.and_then(|c| c.scheduling_expression),
        events: config.events_config.map(read_events),
    };
    let solution = solutions::update(context.service(), &request.solution_arn, change).await?;
    Ok(Response { solution_arn: Some(solution.arn) })
}
