//! `SolutionConfig`, from and to its wire structure.

use crate::errors::{Failure, refuse_choice_of_recipe};
use crate::operations::Answer;
use crate::operations::wire::{each, filled};
use tastemaker_domain::solution_config::{EventParameter, Objective, Sensitivity, SolutionConfig, TrainingDataConfig};
use tastemaker_domain::tuning::{NumberRange, TuningConfig, TuningObjective, TuningRanges, TuningResources, WordRange};
use tastemaker_wire::personalize as wire;

/// The customer's choices, with members that were not given left out.
pub fn solution_config(config: SolutionConfig) -> wire::SolutionConfig {
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

/// Event types with their weights.
pub fn events(events: Vec<EventParameter>) -> wire::EventsConfig {
    let event = |event: EventParameter| wire::EventParameters {
        event_type: Some(event.event_type),
        event_value_threshold: event.event_value_threshold,
        weight: Some(event.weight),
    };
    wire::EventsConfig { event_parameters_list: Some(events.into_iter().map(event).collect()) }
}

/// Columns that take part in training, with maps that were not given left out.
pub fn training_data(config: TrainingDataConfig) -> wire::TrainingDataConfig {
    wire::TrainingDataConfig {
        excluded_dataset_columns: filled(config.excluded),
        included_dataset_columns: filled(config.included),
    }
}

fn tuning(tuning: TuningConfig) -> wire::HPOConfig {
    let ranges = |ranges: TuningRanges| wire::HyperParameterRanges {
        integer_hyper_parameter_ranges: each(ranges.integer, |r| wire::IntegerHyperParameterRange {
            name: r.name,
            min_value: r.min,
            max_value: r.max,
        }),
        continuous_hyper_parameter_ranges: each(ranges.continuous, |r| wire::ContinuousHyperParameterRange {
            name: r.name,
            min_value: r.min,
            max_value: r.max,
        }),
        categorical_hyper_parameter_ranges: each(ranges.categorical, |r| wire::CategoricalHyperParameterRange {
            name: r.name,
            values: r.values,
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

/// The schedule of automatic training.
pub fn auto_training(schedule: Option<String>) -> Option<wire::AutoTrainingConfig> {
    schedule.map(|text| wire::AutoTrainingConfig { scheduling_expression: Some(text) })
}

/// The customer's choices; a choice of the recipe by the service is refused.
pub fn read_solution_config(config: wire::SolutionConfig) -> Answer<SolutionConfig> {
    refuse_choice_of_recipe(&[("solutionConfig.autoMLConfig", config.auto_ml_config.is_some())])?;
    let threshold = |text: String| {
        let number = text.trim().parse().ok().filter(|n: &f32| n.is_finite());
        number.ok_or_else(|| {
            Failure::invalid(format!("solutionConfig.eventValueThreshold must be a number, not '{text}'."))
        })
    };
    Ok(SolutionConfig {
        event_value_threshold: config.event_value_threshold.map(threshold).transpose()?,
        algorithm_hyper_parameters: config.algorithm_hyper_parameters.unwrap_or_default(),
        feature_transformation_parameters: config.feature_transformation_parameters.unwrap_or_default(),
        training_data: config.training_data_config.map(read_training_data),
        events: config.events_config.map(read_events).unwrap_or_default(),
        objective: config.optimization_objective.map(read_objective).transpose()?,
        auto_training_schedule: config.auto_training_config.and_then(|c| c.scheduling_expression),
        tuning: config.hpo_config.map(read_tuning),
    })
}

fn read_tuning(config: wire::HPOConfig) -> TuningConfig {
    let ranges = |ranges: wire::HyperParameterRanges| TuningRanges {
        integer: each(ranges.integer_hyper_parameter_ranges, |r| NumberRange {
            name: r.name,
            min: r.min_value,
            max: r.max_value,
        }),
        continuous: each(ranges.continuous_hyper_parameter_ranges, |r| NumberRange {
            name: r.name,
            min: r.min_value,
            max: r.max_value,
        }),
        categorical: each(ranges.categorical_hyper_parameter_ranges, |r| WordRange { name: r.name, values: r.values }),
    };
    TuningConfig {
        objective: config.hpo_objective.map(|objective| TuningObjective {
            kind: objective.r#type,
            metric_name: objective.metric_name,
            metric_regex: objective.metric_regex,
        }),
        resources: config.hpo_resource_config.map(|resources| TuningResources {
            trials: resources.max_number_of_training_jobs,
            parallel: resources.max_parallel_training_jobs,
        }),
        ranges: config.algorithm_hyper_parameter_ranges.map(ranges),
    }
}

/// `eventsConfig`; a weight that is not given is 1.
pub fn read_events(config: wire::EventsConfig) -> Vec<EventParameter> {
    let event = |event: wire::EventParameters| EventParameter {
        event_type: event.event_type.unwrap_or_default(),
        event_value_threshold: event.event_value_threshold,
        weight: event.weight.unwrap_or(1.0),
    };
    config.event_parameters_list.unwrap_or_default().into_iter().map(event).collect()
}

/// An objective without sensitivity changes nothing, as Personalize documents.
fn read_objective(objective: wire::OptimizationObjective) -> Answer<Objective> {
    const MEMBER: &str = "solutionConfig.optimizationObjective";
    let item_attribute = objective.item_attribute.filter(|name| !name.is_empty());
    let word = objective.objective_sensitivity.unwrap_or_else(|| Sensitivity::Off.as_str().to_owned());
    Ok(Objective {
        item_attribute: item_attribute
            .ok_or_else(|| Failure::invalid(format!("{MEMBER}.itemAttribute is required.")))?,
        sensitivity: Sensitivity::parse(&word)
            .ok_or_else(|| Failure::invalid(format!("{MEMBER}.objectiveSensitivity: '{word}' is no sensitivity.")))?,
    })
}

/// Columns that take part in training.
pub fn read_training_data(config: wire::TrainingDataConfig) -> TrainingDataConfig {
    TrainingDataConfig {
        excluded: config.excluded_dataset_columns.unwrap_or_default(),
        included: config.included_dataset_columns.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_numbers_and_unbuilt_parts_are_refused() {
        let threshold = |text: &str| {
            read_solution_config(wire::SolutionConfig {
                event_value_threshold: Some(text.into()),
                ..Default::default()
            })
        };
        assert_eq!(threshold("3.5").map(|c| c.event_value_threshold), Ok(Some(3.5)));
        for text in ["", "much", "NaN", "inf"] {
            assert!(threshold(text).is_err_and(|f| f.message.contains("eventValueThreshold")), "{text}");
        }
        let config = wire::SolutionConfig { auto_ml_config: Some(Default::default()), ..Default::default() };
        assert!(read_solution_config(config).is_err_and(|f| f.message.contains("solutionConfig.autoMLConfig")));
    }
}
