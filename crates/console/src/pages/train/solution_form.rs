//! The form that makes a solution, as it was sent: the request that it stands for, and the errors of its fields. The rules are the
//! API's own, applied field by field, so that several errors are said at once and each beside its field.

use crate::cx::Cx;
use crate::pages::form::{FieldErrors, Sent};
use tastemaker_domain::recipe::{Parameter, ParameterFamily, ParameterKind, RecipeDescriptor};
use tastemaker_domain::solution_config::{SolutionConfig as Rules, schedule_days};
use tastemaker_domain::tuning::{self, NumberRange, TuningConfig, TuningRanges, TuningResources, WordRange};
use tastemaker_domain::{Member, name, parameters};
use tastemaker_wire::personalize::{
    AutoTrainingConfig, CategoricalHyperParameterRange, ContinuousHyperParameterRange, CreateSolutionRequest,
    EventParameters, EventsConfig, HPOConfig, HPOResourceConfig, HyperParameterRanges, IntegerHyperParameterRange,
    OptimizationObjective, SolutionConfig,
};

/// Rows for event types.
pub(super) const EVENT_ROWS: usize = 5;

/// The name of a field of a parameter.
pub(super) fn parameter_field(name: &str) -> String {
    format!("p.{name}")
}

/// The names of the fields of a parameter's range.
pub(super) fn range_fields(name: &str) -> [String; 3] {
    ["from", "to", "values"].map(|end| format!("r.{name}.{end}"))
}

/// The names of the fields of an event type.
pub(super) fn event_fields(row: usize) -> [String; 3] {
    ["type", "weight", "threshold"].map(|what| format!("e.{row}.{what}"))
}

/// The request that the form stands for, as far as it can be read, and the errors of its fields.
pub(super) fn read(
    cx: &Cx,
    group_arn: &str,
    recipe: &'static RecipeDescriptor,
    sent: &Sent,
) -> (CreateSolutionRequest, FieldErrors) {
    let mut errors = FieldErrors::default();
    let mut config = SolutionConfig::default();
    let solution_name = sent.get("name").unwrap_or_default();
    note(&mut errors, "name", name::check(Member::Name, solution_name));
    read_parameters(recipe, sent, &mut config, &mut errors);
    let performs_hpo = sent.has("hpo");
    if performs_hpo {
        config.hpo_config = Some(read_search(recipe, sent, &mut errors));
    }
    config.events_config = read_events(cx, sent, &mut errors);
    if let Some(attribute) = sent.get("objective") {
        config.optimization_objective = Some(OptimizationObjective {
            item_attribute: Some(attribute.to_owned()),
            objective_sensitivity: sent.get("sensitivity").map(str::to_owned),
        });
    }
    let automatic = sent.has("auto");
    if automatic {
        let expression = format!("rate({} days)", sent.get("days").unwrap_or("7"));
        let member = Member::SolutionConfig.then(Member::AutoTrainingConfig).then(Member::SchedulingExpression);
        note(&mut errors, "days", schedule_days(member, &expression));
        config.auto_training_config = Some(AutoTrainingConfig { scheduling_expression: Some(expression) });
    }
    let request = CreateSolutionRequest {
        name: solution_name.to_owned(),
        dataset_group_arn: group_arn.to_owned(),
        recipe_arn: Some(recipe.arn()),
        perform_hpo: performs_hpo.then_some(true),
        perform_auto_training: Some(automatic),
        event_type: sent.get("event_type").map(str::to_owned),
        solution_config: (config != SolutionConfig::default()).then_some(config),
        ..CreateSolutionRequest::default()
    };
    (request, errors)
}

fn note<T>(errors: &mut FieldErrors, field: &str, result: tastemaker_domain::Result<T>) {
    if let Err(error) = result {
        errors.at(field, error.to_string());
    }
}

/// Values that differ from the recipe's defaults.
fn read_parameters(
    recipe: &'static RecipeDescriptor,
    sent: &Sent,
    config: &mut SolutionConfig,
    errors: &mut FieldErrors,
) {
    let mut good = Vec::new();
    for parameter in recipe.parameters.iter().filter(|parameter| !parameter.range_only) {
        let field = parameter_field(parameter.name);
        let Some(value) = sent.get(&field).filter(|value| *value != parameter.kind.default_text()) else { continue };
        match check_alone(recipe, parameter, value) {
            Ok(()) => good.push((parameter, value)),
            Err(text) => errors.at(field, text),
        }
        let map = match parameter.family {
            ParameterFamily::Algorithm => &mut config.algorithm_hyper_parameters,
            ParameterFamily::FeatureTransformation => &mut config.feature_transformation_parameters,
        };
        map.get_or_insert_default().insert(parameter.name.to_owned(), value.to_owned());
    }
    // What two values say together, such as a least above its most.
    if let Err(error) = parameters::validate(recipe, &rules_of(&good)) {
        let text = error.to_string();
        match recipe.parameters.iter().find(|parameter| text.contains(&format!(" {} ", parameter.name))) {
            Some(parameter) => errors.at(parameter_field(parameter.name), text),
            None => errors.general.push(text),
        }
    }
}

/// Checks one value by the rules of its parameter alone.
fn check_alone(recipe: &RecipeDescriptor, parameter: &'static Parameter, value: &str) -> Result<(), String> {
    let alone =
        RecipeDescriptor { name: recipe.name, parameters: std::slice::from_ref(parameter), ..RecipeDescriptor::PLAIN };
    parameters::resolve(&alone, &rules_of(&[(parameter, value)])).map(drop).map_err(|error| error.to_string())
}

/// Parameters in the two maps of the API.
fn rules_of(values: &[(&Parameter, &str)]) -> Rules {
    let mut rules = Rules::default();
    for (parameter, value) in values {
        let map = match parameter.family {
            ParameterFamily::Algorithm => &mut rules.algorithm_hyper_parameters,
            ParameterFamily::FeatureTransformation => &mut rules.feature_transformation_parameters,
        };
        map.insert(parameter.name.to_owned(), (*value).to_owned());
    }
    rules
}

/// The search for hyperparameters: how many trainings, and the ranges that were given.
fn read_search(recipe: &'static RecipeDescriptor, sent: &Sent, errors: &mut FieldErrors) -> HPOConfig {
    let counts = ["jobs", "parallel"].map(|field| sent.get(field).map(str::to_owned));
    for (at, field) in ["jobs", "parallel"].into_iter().enumerate() {
        let mut resources = TuningResources::default();
        *[&mut resources.trials, &mut resources.parallel][at] = counts[at].clone();
        let alone = TuningConfig { resources: Some(resources), ..TuningConfig::default() };
        note(errors, field, tuning::validate(recipe, &alone));
    }
    let [jobs, parallel] = counts;
    let mut ranges = HyperParameterRanges::default();
    for parameter in recipe.parameters.iter().filter(|parameter| parameter.tunable) {
        read_range(recipe, parameter, sent, &mut ranges, errors);
    }
    let resources = HPOResourceConfig { max_number_of_training_jobs: jobs, max_parallel_training_jobs: parallel };
    HPOConfig {
        hpo_resource_config: (resources != HPOResourceConfig::default()).then_some(resources),
        algorithm_hyper_parameter_ranges: (ranges != HyperParameterRanges::default()).then_some(ranges),
        ..HPOConfig::default()
    }
}

/// The range of one hyperparameter, where one was given. An end that is left open is the parameter's own.
fn read_range(
    recipe: &RecipeDescriptor,
    parameter: &'static Parameter,
    sent: &Sent,
    ranges: &mut HyperParameterRanges,
    errors: &mut FieldErrors,
) {
    let [from, to, values] = range_fields(parameter.name);
    let name = Some(parameter.name.to_owned());
    let mut checked = TuningRanges::default();
    match parameter.kind {
        ParameterKind::Integer { min, max, .. } => {
            let Some([low, high]) = ends(recipe, parameter, sent, [(&from, min), (&to, max)], errors) else { return };
            let whole = |end: i64| i32::try_from(end).ok();
            let (min, max) = (whole(low), whole(high));
            checked.integer = Some(vec![NumberRange { name: name.clone(), min, max }]);
            let range = IntegerHyperParameterRange { name, min_value: min, max_value: max };
            ranges.integer_hyper_parameter_ranges.get_or_insert_default().push(range);
        }
        ParameterKind::Float { min, max, .. } => {
            let Some([low, high]) = ends(recipe, parameter, sent, [(&from, min), (&to, max)], errors) else { return };
            let (min, max) = (Some(low), Some(high));
            checked.continuous = Some(vec![NumberRange { name: name.clone(), min, max }]);
            let range = ContinuousHyperParameterRange { name, min_value: min, max_value: max };
            ranges.continuous_hyper_parameter_ranges.get_or_insert_default().push(range);
        }
        ParameterKind::Boolean { .. } | ParameterKind::Choice { .. } => {
            let chosen: Vec<String> = sent.all(&values).into_iter().map(str::to_owned).collect();
            if chosen.is_empty() {
                return;
            }
            checked.categorical = Some(vec![WordRange { name: name.clone(), values: Some(chosen.clone()) }]);
            let range = CategoricalHyperParameterRange { name, values: Some(chosen) };
            ranges.categorical_hyper_parameter_ranges.get_or_insert_default().push(range);
        }
    }
    let alone = TuningConfig { ranges: Some(checked), ..TuningConfig::default() };
    note(errors, &from, tuning::validate(recipe, &alone));
}

/// Both ends of a range of numbers; `None` where neither was given or one cannot be read.
fn ends<T: std::str::FromStr>(
    recipe: &RecipeDescriptor,
    parameter: &'static Parameter,
    sent: &Sent,
    fields: [(&str, T); 2],
    errors: &mut FieldErrors,
) -> Option<[T; 2]> {
    if fields.iter().all(|(field, _)| sent.get(field).is_none()) {
        return None;
    }
    let ends = fields.map(|(field, open)| match sent.get(field) {
        None => Some(open),
        Some(text) => match (check_alone(recipe, parameter, text), text.parse()) {
            (Ok(()), Ok(end)) => Some(end),
            (Err(error), _) => {
                errors.at(field, error);
                None
            }
            (Ok(()), Err(_)) => None,
        },
    });
    let [Some(low), Some(high)] = ends else { return None };
    Some([low, high])
}

/// Which event types count. A row without a type is no row.
fn read_events(cx: &Cx, sent: &Sent, errors: &mut FieldErrors) -> Option<EventsConfig> {
    let mut events = Vec::new();
    for row in 0..EVENT_ROWS {
        let [event_type, weight, threshold] = event_fields(row);
        let Some(name) = sent.get(&event_type) else { continue };
        let mut number = |field: &str| {
            let text = sent.get(field)?;
            match text.parse::<f64>() {
                Ok(value) if value.is_finite() => Some(value),
                _ => {
                    errors.at(field, cx.text_with("form-not-a-number", &[("value", text.to_owned().into())]));
                    None
                }
            }
        };
        events.push(EventParameters {
            event_type: Some(name.to_owned()),
            weight: number(&weight),
            event_value_threshold: number(&threshold),
        });
    }
    (!events.is_empty()).then_some(EventsConfig { event_parameters_list: Some(events) })
}

/// Puts the API's refusal beside the field that its text names, or at the top of the form.
pub(super) fn place(errors: &mut FieldErrors, recipe: &RecipeDescriptor, error: &crate::ports::ApiError) {
    let text = &error.message;
    let parameter = recipe.parameters.iter().find(|parameter| text.contains(&format!(".{}", parameter.name)));
    if let Some(parameter) = parameter {
        errors.at(parameter_field(parameter.name), text.clone());
    } else if error.name == "ResourceAlreadyExistsException" || text.contains(&format!("'{}'", Member::Name)) {
        errors.at("name", text.clone());
    } else if text.contains(&Member::EventsConfig.to_string()) {
        errors.at(event_fields(0)[0].clone(), text.clone());
    } else if text.contains(&Member::OptimizationObjective.to_string()) {
        errors.at("objective", text.clone());
    } else if text.contains(&Member::EventType.to_string()) {
        errors.at("event_type", text.clone());
    } else {
        errors.general.push(format!("{}: {text}", error.name));
    }
}
