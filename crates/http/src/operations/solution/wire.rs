//! Solutions as wire structures.

use super::config::{auto_training, events, solution_config};
use crate::operations::solution_version::wire::solution_version_summary;
use crate::operations::wire::{members, seconds};
use tastemaker_domain::resource::{Solution, SolutionUpdate, SolutionVersion};
use tastemaker_wire::personalize as wire;

/// A solution with its newest version.
pub fn solution(solution: Solution, latest: Option<SolutionVersion>) -> wire::Solution {
    wire::Solution {
        auto_ml_result: None,
        creation_date_time: seconds(solution.created_ms),
        dataset_group_arn: Some(solution.dataset_group_arn),
        event_type: solution.event_type,
        last_updated_date_time: seconds(solution.updated_ms),
        latest_solution_update: solution.latest_update.map(solution_update),
        latest_solution_version: latest.map(solution_version_summary),
        name: Some(solution.name),
        perform_auto_ml: Some(false),
        perform_auto_training: Some(solution.perform_auto_training),
        perform_hpo: Some(solution.perform_tuning),
        perform_incremental_update: Some(solution.perform_incremental_update),
        recipe_arn: Some(solution.recipe_arn),
        solution_arn: Some(solution.arn),
        solution_config: Some(solution_config(solution.config)),
        status: Some(solution.status.to_string()),
    }
}

/// A solution in a list.
pub fn solution_summary(solution: Solution) -> wire::SolutionSummary {
    members!(self::solution(solution, None) => wire::SolutionSummary {
        creation_date_time, last_updated_date_time, name, recipe_arn, solution_arn, status
    })
}

fn solution_update(update: SolutionUpdate) -> wire::SolutionUpdateSummary {
    let auto_training_config = auto_training(update.auto_training_schedule);
    let events_config = (!update.events.is_empty()).then(|| events(update.events));
    wire::SolutionUpdateSummary {
        creation_date_time: seconds(update.created_ms),
        failure_reason: update.failure_reason,
        last_updated_date_time: seconds(update.updated_ms),
        perform_auto_training: update.perform_auto_training,
        perform_incremental_update: update.perform_incremental_update,
        solution_update_config: (auto_training_config.is_some() || events_config.is_some())
            .then_some(wire::SolutionUpdateConfig { auto_training_config, events_config }),
        status: Some(update.status.to_string()),
    }
}
