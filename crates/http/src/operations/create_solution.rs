//! `CreateSolution`.

use super::common::{tags, training_data};
use super::{Answer, Context};
use crate::errors::{Failure, refuse_unavailable};
use tastemaker_domain::solution_config::{EventParameter, Objective, Sensitivity, SolutionConfig};
use tastemaker_domain::tuning::{
    NumberRange, TuningConfig, TuningObjective, TuningRanges, TuningResources, WordRange,
};
use tastemaker_service::solutions::{self, NewSolution};
use tastemaker_wire::personalize::{self as wire, CreateSolutionRequest, CreateSolutionResponse};

/// Binds a recipe with its parameters to a dataset group.
pub async fn answer(context: &Context<'_>, request: CreateSolutionRequest) -> Answer<CreateSolutionResponse> {
    refuse_unavailable(&[
        ("performAutoML", request.perform_auto_ml == Some(true)),
    ])?;
    let new = NewSolution {
        name: request.name,
        dataset_group_arn: request.dataset_group_arn,
        recipe_arn: request.recipe_arn.ok_or_else(|| Failure::invalid("recipeArn is required."))?,
        perform_tuning: request.perform_hpo.unwrap_or(false),
        perform_auto_training: request.perform_auto_training.unwrap_or(true),
        perform_incremental_update: request.perform_incremental_update,
        event_type: request.event_type,
        config: solution_config(request.solution_config.unwrap_or_default())?,
        tags: tags(request.tags)?,
    };
    let solution = solutions::create(&context.state.service, context.caller, new).await?;
    Ok(CreateSolutionResponse { solution_arn: Some(solution.arn) })
}

fn solution_config(config: wire::SolutionConfig) -> Answer<SolutionConfig> {
    refuse_unavailable(&[
        ("solutionConfig.autoMLConfig", config.auto_ml_config.is_some()),
    ])?;
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
        training_data: config.training_data_config.map(training_data),
        events: config.events_config.map(events).unwrap_or_default(),
        objective: config.optimization_objective.map(objective).transpose()?,
        auto_training_schedule: config.auto_training_config.and_then(|c| c.scheduling_expression),
        tuning: config.hpo_config.map(tuning),
    })
}

fn tuning(config: wire::HPOConfig) -> TuningConfig {
    let ranges = |ranges: wire::HyperParameterRanges| TuningRanges {
        integer: ranges.integer_hyper_parameter_ranges.map(|list| {
            list.into_iter().map(|r| NumberRange { name: r.name, min: r.min_value, max: r.max_value }).collect()
        }),
        continuous: ranges.continuous_hyper_parameter_ranges.map(|list| {
            list.into_iter().map(|r| NumberRange { name: r.name, min: r.min_value, max: r.max_value }).collect()
        }),
        categorical: ranges
            .categorical_hyper_parameter_ranges
            .map(|list| list.into_iter().map(|r| WordRange { name: r.name, values: r.values }).collect()),
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
pub(super) fn events(config: wire::EventsConfig) -> Vec<EventParameter> {
    let event = |event: wire::EventParameters| EventParameter {
        event_type: event.event_type.unwrap_or_default(),
        event_value_threshold: event.event_value_threshold,
        weight: event.weight.unwrap_or(1.0),
    };
    config.event_parameters_list.unwrap_or_default().into_iter().map(event).collect()
}

/// An objective without sensitivity changes nothing, as Personalize documents.
fn objective(objective: wire::OptimizationObjective) -> Answer<Objective> {
    const MEMBER: &str = "solutionConfig.optimizationObjective";
    let item_attribute = objective.item_attribute.filter(|name| !name.is_empty());
    let word = objective.objective_sensitivity.unwrap_or_else(|| Sensitivity::Off.as_str().to_owned());
    Ok(Objective {
        item_attribute: item_attribute.ok_or_else(|| Failure::invalid(format!("{MEMBER}.itemAttribute is required.")))?,
        sensitivity: Sensitivity::parse(&word)
            .ok_or_else(|| Failure::invalid(format!("{MEMBER}.objectiveSensitivity: '{word}' is no sensitivity.")))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_numbers_and_unbuilt_parts_are_refused() {
        let threshold = |text: &str| {
            solution_config(wire::SolutionConfig { event_value_threshold: Some(text.into()), ..Default::default() })
        };
        assert_eq!(threshold("3.5").map(|c| c.event_value_threshold), Ok(Some(3.5)));
        for text in ["", "much", "NaN", "inf"] {
            assert!(threshold(text).is_err_and(|f| f.message.contains("eventValueThreshold")), "{text}");
        }
        let config = wire::SolutionConfig { auto_ml_config: Some(Default::default()), ..Default::default() };
        assert!(solution_config(config).is_err_and(|f| f.message.contains("solutionConfig.autoMLConfig")));
    }
}
