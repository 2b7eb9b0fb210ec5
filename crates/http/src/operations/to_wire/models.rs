//! Solutions, versions and campaigns.

use crate::operations::common::seconds;
use std::collections::BTreeMap;
use tastemaker_domain::resource::{
    Campaign, CampaignConfig, CampaignUpdate, Solution, SolutionUpdate, SolutionVersion,
};
use tastemaker_domain::solution_config::{EventParameter, SolutionConfig, TrainingDataConfig};
use tastemaker_domain::tuning::{NumberRange, TuningConfig, TuningRanges, WordRange};
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
    wire::SolutionSummary {
        creation_date_time: seconds(solution.created_ms),
        last_updated_date_time: seconds(solution.updated_ms),
        name: Some(solution.name),
        recipe_arn: Some(solution.recipe_arn),
        solution_arn: Some(solution.arn),
        status: Some(solution.status.to_string()),
    }
}

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
    wire::SolutionVersionSummary {
        creation_date_time: seconds(version.created_ms),
        failure_reason: version.failure_reason,
        last_updated_date_time: seconds(version.updated_ms),
        solution_version_arn: Some(version.arn),
        status: Some(version.status.to_string()),
        training_mode: Some(version.training_mode.as_str().to_owned()),
        training_type: Some(version.training_type.as_str().to_owned()),
    }
}

/// The customer's choices, with members that were not given left out.
pub fn solution_config(config: SolutionConfig) -> wire::SolutionConfig {
    let filled = |map: BTreeMap<String, String>| (!map.is_empty()).then_some(map);
    wire::SolutionConfig {
        algorithm_hyper_parameters: filled(config.algorithm_hyper_parameters),
        event_value_threshold: config.event_value_threshold.map(|t| t.to_string()),
        feature_transformation_parameters: filled(config.feature_transformation_parameters),
        training_data_config: config.training_data.map(training_data),
        auto_training_config: auto_training(config.auto_training_schedule),
        hpo_config: config.tuning.map(tuning),
        events_config: (!config.events.is_empty()).then(|| events(config.events)),
        optimization_objective: config.objective.map(|objective| wire::OptimizationObjective {
            item_attribute: Some(objective.item_attribute),
            objective_sensitivity: Some(objective.sensitivity.as_str().to_owned()),
        }),
        ..wire::SolutionConfig::default()
    }
}

fn events(events: Vec<EventParameter>) -> wire::EventsConfig {
    let event = |event: EventParameter| wire::EventParameters {
        event_type: Some(event.event_type),
        event_value_threshold: event.event_value_threshold,
        weight: Some(event.weight),
    };
    wire::EventsConfig { event_parameters_list: Some(events.into_iter().map(event).collect()) }
}

/// Columns that take part in training, with maps that were not given left out.
pub fn training_data(config: TrainingDataConfig) -> wire::TrainingDataConfig {
    let filled = |map: BTreeMap<String, Vec<String>>| (!map.is_empty()).then_some(map);
    wire::TrainingDataConfig {
        excluded_dataset_columns: filled(config.excluded),
        included_dataset_columns: filled(config.included),
    }
}

fn tuning(tuning: TuningConfig) -> wire::HPOConfig {
    let ranges = |ranges: TuningRanges| wire::HyperParameterRanges {
        integer_hyper_parameter_ranges: ranges.integer.map(|list| {
            let range = |r: NumberRange<i32>| wire::IntegerHyperParameterRange {
                name: r.name,
                min_value: r.min,
                max_value: r.max,
            };
            list.into_iter().map(range).collect()
        }),
        continuous_hyper_parameter_ranges: ranges.continuous.map(|list| {
            let range = |r: NumberRange<f64>| wire::ContinuousHyperParameterRange {
                name: r.name,
                min_value: r.min,
                max_value: r.max,
            };
            list.into_iter().map(range).collect()
        }),
        categorical_hyper_parameter_ranges: ranges.categorical.map(|list| {
            let range = |r: WordRange| wire::CategoricalHyperParameterRange { name: r.name, values: r.values };
            list.into_iter().map(range).collect()
        }),
    };
    wire::HPOConfig {
        algorithm_hyper_parameter_ranges: tuning.ranges.map(ranges),
        hpo_objective: tuning.objective.map(|objective| wire::HPOObjective {
            metric_name: objective.metric_name,
            metric_regex: objective.metric_regex,
            r#type: objective.kind,
        }),
        hpo_resource_config: tuning.resources.map(|resources| wire::HPOResourceConfig {
            max_number_of_training_jobs: resources.trials,
            max_parallel_training_jobs: resources.parallel,
        }),
    }
}

fn auto_training(schedule: Option<String>) -> Option<wire::AutoTrainingConfig> {
    schedule.map(|text| wire::AutoTrainingConfig { scheduling_expression: Some(text) })
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

/// A campaign.
pub fn campaign(campaign: Campaign) -> wire::Campaign {
    wire::Campaign {
        campaign_arn: Some(campaign.arn),
        campaign_config: campaign.config.map(campaign_config),
        creation_date_time: seconds(campaign.created_ms),
        failure_reason: campaign.failure_reason,
        last_updated_date_time: seconds(campaign.updated_ms),
        latest_campaign_update: campaign.latest_update.map(campaign_update),
        min_provisioned_tps: i32::try_from(campaign.min_provisioned_tps).ok(),
        name: Some(campaign.name),
        solution_version_arn: Some(campaign.solution_version_arn),
        status: Some(campaign.status.to_string()),
    }
}

/// A campaign in a list.
pub fn campaign_summary(campaign: Campaign) -> wire::CampaignSummary {
    wire::CampaignSummary {
        campaign_arn: Some(campaign.arn),
        creation_date_time: seconds(campaign.created_ms),
        failure_reason: campaign.failure_reason,
        last_updated_date_time: seconds(campaign.updated_ms),
        name: Some(campaign.name),
        status: Some(campaign.status.to_string()),
    }
}

fn campaign_update(update: CampaignUpdate) -> wire::CampaignUpdateSummary {
    wire::CampaignUpdateSummary {
        campaign_config: update.config.map(campaign_config),
        creation_date_time: seconds(update.created_ms),
        failure_reason: update.failure_reason,
        last_updated_date_time: seconds(update.updated_ms),
        min_provisioned_tps: i32::try_from(update.min_provisioned_tps).ok(),
        solution_version_arn: Some(update.solution_version_arn),
        status: Some(update.status.to_string()),
    }
}

fn campaign_config(config: CampaignConfig) -> wire::CampaignConfig {
    let exploration = config.item_exploration_config;
    wire::CampaignConfig {
        enable_metadata_with_recommendations: config.enable_metadata_with_recommendations,
        item_exploration_config: (!exploration.is_empty()).then_some(exploration),
        ranking_influence: (!config.ranking_influence.is_empty()).then_some(config.ranking_influence),
        sync_with_latest_solution_version: config.sync_with_latest_solution_version,
    }
}
