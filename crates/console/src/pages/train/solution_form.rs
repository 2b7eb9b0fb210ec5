//! The form that makes a solution, as it was sent: the request that it stands for, and the errors of its fields. The rules are the
//! API's own, applied field by field, so that several errors are said at once and each beside its field.

use crate::cx::Cx;
use crate::pages::form::{FieldErrors, Sent};
use crate::ports::ApiError;
use tastemaker_domain::recipe::{Ability, Parameter, ParameterFamily, ParameterKind, RecipeDescriptor};
use tastemaker_domain::solution_config::{SolutionConfig as Rules, schedule_days};
use tastemaker_domain::tags::Tags;
use tastemaker_domain::tuning::{self, NumberRange, TuningConfig, TuningRanges, TuningResources, WordRange};
use tastemaker_domain::{Member, name, parameters};
use tastemaker_wire::personalize::{
    AutoTrainingConfig, CategoricalHyperParameterRange, ContinuousHyperParameterRange, CreateSolutionRequest,
    EventParameters, EventsConfig, HPOConfig, HPOResourceConfig, HyperParameterRanges, IntegerHyperParameterRange,
    OptimizationObjective, SolutionConfig, Tag,
};

/// Rows for event types, as many as a solution may weigh.
pub(super) const EVENT_ROWS: usize = 10;

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
    if recipe.can(Ability::EventWeights) {
        config.events_config = read_events(cx, sent, &mut errors);
    } else {
        config.event_value_threshold =
            read_number(cx, "event_value_threshold", sent, &mut errors).map(|least| least.to_string());
    }
    read_parameters(recipe, sent, &mut config, &mut errors);
    let performs_hpo = sent.has("hpo");
    if performs_hpo {
        config.hpo_config = Some(read_search(recipe, sent, &mut errors));
    }
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
    let tags = read_tags(cx, sent, &mut errors);
    let incremental = sent.get("incremental").filter(|_| recipe.can(Ability::IncrementalUpdate));
    let request = CreateSolutionRequest {
        name: solution_name.to_owned(),
        dataset_group_arn: group_arn.to_owned(),
        recipe_arn: Some(recipe.arn()),
        perform_hpo: performs_hpo.then_some(true),
        perform_auto_training: Some(automatic),
        perform_incremental_update: incremental.map(|text| text == "true"),
        event_type: sent.get("event_type").filter(|_| !recipe.can(Ability::EventWeights)).map(str::to_owned),
        tags,
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
    // In the order of the form.
    let (algorithm, features): (Vec<_>, Vec<_>) =
        given(recipe, sent).partition(|(parameter, _)| parameter.family == ParameterFamily::Algorithm);
    for (parameter, value) in features.into_iter().chain(algorithm) {
        let field = parameter_field(parameter.name);
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
        let path = error.member().map(ToString::to_string).unwrap_or_default();
        match field_of(&path, sent) {
            Some(field) => errors.at(field, error.to_string()),
            None => errors.general.push(error.to_string()),
        }
    }
}

/// Parameters whose value differs from the recipe's default.
fn given<'a>(recipe: &'static RecipeDescriptor, sent: &'a Sent) -> impl Iterator<Item = (&'static Parameter, &'a str)> {
    recipe.parameters.iter().filter(|parameter| !parameter.range_only).filter_map(move |parameter| {
        let value = sent.get(&parameter_field(parameter.name))?;
        (value != parameter.kind.default_text()).then_some((parameter, value))
    })
}

/// The same by name.
pub(super) fn differing(recipe: &'static RecipeDescriptor, sent: &Sent) -> Vec<(String, String)> {
    given(recipe, sent).map(|(parameter, value)| (parameter.name.to_owned(), value.to_owned())).collect()
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
        events.push(EventParameters {
            event_type: Some(name.to_owned()),
            weight: read_number(cx, &weight, sent, errors),
            event_value_threshold: read_number(cx, &threshold, sent, errors),
        });
    }
    (!events.is_empty()).then_some(EventsConfig { event_parameters_list: Some(events) })
}

/// A number that may be left out.
fn read_number(cx: &Cx, field: &str, sent: &Sent, errors: &mut FieldErrors) -> Option<f64> {
    let text = sent.get(field)?;
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Some(value),
        _ => {
            errors.at(field, cx.text_with("form-not-a-number", &[("value", text.to_owned().into())]));
            None
        }
    }
}

/// Pairs of key and value with commas between them.
fn read_tags(cx: &Cx, sent: &Sent, errors: &mut FieldErrors) -> Option<Vec<Tag>> {
    let mut pairs = Vec::new();
    for part in sent.get("tags")?.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((key, value)) = part.split_once('=') else {
            errors.at("tags", cx.text_with("create-no-tag", &[("value", part.to_owned().into())]));
            return None;
        };
        pairs.push((key.trim().to_owned(), value.trim().to_owned()));
    }
    note(errors, "tags", Tags::new(pairs.clone()));
    Some(pairs.into_iter().map(|(tag_key, tag_value)| Tag { tag_key, tag_value }).collect())
}

/// The field of the form that stands for a member of the request, by the path of the member.
pub(super) fn field_of(path: &str, sent: &Sent) -> Option<String> {
    let simple = [
        (Member::Name.as_str(), "name"),
        (Member::EventType.as_str(), "event_type"),
        (Member::PerformHpo.as_str(), "jobs"),
        (Member::PerformIncrementalUpdate.as_str(), "incremental"),
        (Member::Tags.as_str(), "tags"),
    ];
    let mut steps = path.split('.');
    let first = steps.next()?;
    if let Some((_, field)) = simple.iter().find(|(member, _)| *member == first) {
        return Some((*field).to_owned());
    }
    if first != Member::SolutionConfig.as_str() {
        return None;
    }
    let steps: Vec<&str> = steps.filter(|step| *step != "member").collect();
    let is = |at: usize, member: Member| steps.get(at) == Some(&member.as_str());
    let [member, ..] = steps.as_slice() else { return None };
    match Member::parse(member)? {
        Member::AlgorithmHyperParameters | Member::FeatureTransformationParameters => {
            steps.get(1).map(|name| parameter_field(name))
        }
        Member::EventValueThreshold => Some("event_value_threshold".to_owned()),
        Member::EventsConfig => {
            let number = steps.get(2).and_then(|step| step.parse::<usize>().ok()).unwrap_or(1);
            // Rows without a type are not in the list.
            let mut rows = (0..EVENT_ROWS).filter(|row| sent.get(&event_fields(*row)[0]).is_some());
            let [event_type, weight, threshold] = event_fields(rows.nth(number.saturating_sub(1)).unwrap_or(0));
            Some(if is(3, Member::Weight) {
                weight
            } else if is(3, Member::EventValueThreshold) {
                threshold
            } else {
                event_type
            })
        }
        Member::HpoConfig if is(2, Member::MaxParallelTrainingJobs) => Some("parallel".to_owned()),
        Member::HpoConfig if is(1, Member::AlgorithmHyperParameterRanges) => {
            let [from, _, values] = range_fields(steps.get(3)?);
            Some(if is(2, Member::CategoricalHyperParameterRanges) { values } else { from })
        }
        Member::HpoConfig => Some("jobs".to_owned()),
        Member::OptimizationObjective => Some("objective".to_owned()),
        Member::AutoTrainingConfig => Some("days".to_owned()),
        _ => None,
    }
}

/// Puts the API's refusal beside the field of the member that it is about, or at the top of the form.
pub(super) fn place(errors: &mut FieldErrors, recipe: &RecipeDescriptor, sent: &Sent, error: &ApiError) {
    let of_member = error.member.as_deref().and_then(|path| field_of(path, sent));
    let is_taken = error.name == "ResourceAlreadyExistsException";
    let is_there = |field: &String| match field.strip_prefix("p.") {
        Some(name) => recipe.has_parameter(name),
        None => true,
    };
    match of_member.filter(is_there).or_else(|| is_taken.then(|| "name".to_owned())) {
        Some(field) => errors.at(field, error.message.clone()),
        None => errors.general.push(format!("{}: {}", error.name, error.message)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_their_fields() {
        let pairs = [("e.1.type", "view"), ("e.4.type", "buy")];
        let sent = Sent::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        let events = Member::SolutionConfig.then(Member::EventsConfig).then(Member::EventParametersList);
        let config = |member: Member| Member::SolutionConfig.then(member);
        let ranges = config(Member::HpoConfig).then(Member::AlgorithmHyperParameterRanges);
        let resources = config(Member::HpoConfig).then(Member::HpoResourceConfig);
        for (member, field) in [
            (Member::Name.into(), Some("name")),
            (Member::EventType.into(), Some("event_type")),
            (Member::Tags.then(Member::TagKey), Some("tags")),
            (config(Member::AlgorithmHyperParameters).key("bptt"), Some("p.bptt")),
            (config(Member::FeatureTransformationParameters).key("max_x"), Some("p.max_x")),
            (config(Member::EventValueThreshold), Some("event_value_threshold")),
            (events.clone().item(1).then(Member::Weight), Some("e.4.weight")),
            (events.clone().item(0).then(Member::EventValueThreshold), Some("e.1.threshold")),
            (events, Some("e.1.type")),
            (resources.clone().then(Member::MaxNumberOfTrainingJobs), Some("jobs")),
            (resources.then(Member::MaxParallelTrainingJobs), Some("parallel")),
            (ranges.clone().then(Member::IntegerHyperParameterRanges).key("bptt"), Some("r.bptt.from")),
            (ranges.then(Member::CategoricalHyperParameterRanges).key("mask"), Some("r.mask.values")),
            (config(Member::OptimizationObjective).then(Member::ItemAttribute), Some("objective")),
            (config(Member::AutoTrainingConfig).then(Member::SchedulingExpression), Some("days")),
            (Member::RecipeArn.into(), None),
            (config(Member::TrainingDataConfig), None),
        ] {
            assert_eq!(field_of(&member.to_string(), &sent).as_deref(), field, "{member}");
        }
        // The validator of the wire ends the way to an entry of a map with another word.
        assert_eq!(field_of("solutionConfig.algorithmHyperParameters.bptt.member", &sent).as_deref(), Some("p.bptt"));
    }
}
