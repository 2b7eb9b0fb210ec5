//! Solution versions as wire structures.

use crate::operations::solution::config::solution_config;
use crate::operations::wire::{members, seconds};
use tastemaker_domain::resource::SolutionVersion;
use tastemaker_wire::personalize as wire;

/// A solution version.
pub fn solution_version(version: SolutionVersion) -> wire::SolutionVersion {
    wire::SolutionVersion {
        creation_date_time: seconds(version.created_ms),
        dataset_group_arn: Some(version.dataset_group_arn),
        event_type: version.event_type,
        failure_reason: version.failure_reason,
        last_updated_date_time: seconds(version.updated_ms),
        name: version.name,
        perform_auto_ml: Some(false),
        perform_hpo: Some(version.perform_tuning),
        perform_incremental_update: Some(false),
        recipe_arn: Some(version.recipe_arn),
        solution_arn: Some(version.solution_arn),
        solution_config: Some(solution_config(version.config)),
        solution_version_arn: Some(version.arn),
        status: Some(version.status.to_string()),
        training_hours: version.training_hours,
        training_mode: Some(version.training_mode.as_str().to_owned()),
        training_type: Some(version.training_type.as_str().to_owned()),
        tuned_hpo_params: (!version.tuned_parameters.is_empty())
            .then_some(wire::TunedHPOParams { algorithm_hyper_parameters: Some(version.tuned_parameters) }),
    }
}

/// A solution version in a list.
pub fn solution_version_summary(version: SolutionVersion) -> wire::SolutionVersionSummary {
    members!(solution_version(version) => wire::SolutionVersionSummary {
        creation_date_time, failure_reason, last_updated_date_time, solution_version_arn, status, training_mode,
        training_type
    })
}
