//! The form that makes a solution: what for, which events count, history lengths and hyperparameters from the recipe's own table,
//! the search for hyperparameters, the objective, automatic training.

use super::history_lengths::picture;
use super::purposes::cards;
use super::shown::Shown;
use super::solution::{last_duration_s, page as solution_page, to_version};
use super::solution_form::{parameter_field, place, range_fields, read};
use super::{before_training, event_types};
use crate::cx::{Cx, segment};
use crate::examples;
use crate::menu::Menu;
use crate::page::{Fragment, Page, PageError};
use crate::pages::form::{Choice, Field, FieldErrors, Sent, id_of, tick};
use crate::pages::resources::{dataset_group, dataset_types};
use crate::ports::ApiError;
use axum::extract::{Form, Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::{Ability, Parameter, ParameterFamily, ParameterKind, RecipeDescriptor};
use tastemaker_domain::tuning::{PARALLEL_DEFAULT, PARALLEL_MAX, TRIALS_DEFAULT, TRIALS_MAX};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    CreateSolutionResponse, CreateSolutionVersionRequest, CreateSolutionVersionResponse,
};

/// The form; for a script, the parts of it that follow from what was typed.
pub(super) async fn show(
    cx: Cx,
    Path(group): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = Sent::new(pairs);
    page(&cx, &group, &sent, &FieldErrors::default()).await.map(IntoResponse::into_response)
}

async fn page(cx: &Cx, group: &str, sent: &Sent, errors: &FieldErrors) -> Result<Response, PageError> {
    let described = dataset_group(cx, group).await?;
    let group_arn = described.dataset_group_arn.unwrap_or_default();
    let recipe = recipe_of(sent)?;
    let last_training_s = last_duration_s(cx, &recipe.arn()).await;
    let datasets = dataset_types(cx, &group_arn).await?;
    let interactions = cx.arn("dataset", &format!("{group}/INTERACTIONS"));
    let statistics = cx.console.ports.datasets.statistics(&interactions).await;
    let shown = Shown {
        group,
        recipe,
        sent,
        errors,
        last_training_s,
        statistics: statistics.as_deref(),
        datasets: &datasets,
        has_domain: described.domain.is_some(),
    };
    if cx.by_script && errors.is_empty() {
        return Ok(Fragment(recomputed(cx, &shown)).into_response());
    }
    let page = Page::new(Menu::Train, cx.text("train-create"), view(cx, &shown)).group(group);
    let page = if errors.is_empty() { page } else { page.status(StatusCode::UNPROCESSABLE_ENTITY) };
    Ok(page.examples(examples::of_page(cx)).into_response())
}

/// The parts that follow from what was typed, for a script that exchanges them.
fn recomputed(cx: &Cx, shown: &Shown) -> Markup {
    let part =
        |id: &str, content: Markup| html! { hx-partial hx-target={ "#" (id) } hx-swap="innerMorph" { (content) } };
    html! {
        @if let Some(statistics) = shown.statistics {
            @let used = event_types::used(shown.recipe, shown.sent, statistics);
            (part("events-used", html! { strong { (event_types::sentence(cx, used)) } }))
        }
        @if let Some(found) = shown.found() { (part("history-band", picture(cx, shown.recipe, shown.sent, found))) }
        (part("before-training", before_training::section(cx, shown)))
    }
}

fn recipe_of(sent: &Sent) -> Result<&'static RecipeDescriptor, PageError> {
    let name = sent.get("recipe").unwrap_or(catalog::AWS_USER_PERSONALIZATION_V2.name);
    let known = catalog::by_name(name).filter(|recipe| recipe.use_case.is_none());
    known.ok_or_else(|| PageError::BadInput(format!("There is no custom recipe '{name}'.")))
}

pub(super) async fn submit(
    cx: Cx,
    Path(group): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = Sent::new(pairs);
    let recipe = recipe_of(&sent)?;
    let (request, mut errors) = read(&cx, &cx.arn("dataset-group", &group), recipe, &sent);
    if !errors.is_empty() {
        return page(&cx, &group, &sent, &errors).await;
    }
    let made: Result<CreateSolutionResponse, ApiError> = cx.call(Operation::CreateSolution, &request).await;
    if let Err(error) = made {
        place(&mut errors, recipe, &sent, &error);
        return page(&cx, &group, &sent, &errors).await;
    }
    if sent.get("then") != Some("train") {
        return Ok(Redirect::to(&cx.group_link(&group, &format!("/train/{}", segment(&request.name)))).into_response());
    }
    let input = CreateSolutionVersionRequest {
        solution_arn: cx.arn("solution", &request.name),
        ..CreateSolutionVersionRequest::default()
    };
    let begun: Result<CreateSolutionVersionResponse, ApiError> =
        cx.call(Operation::CreateSolutionVersion, &input).await;
    match begun {
        Ok(output) => Ok(to_version(&cx, &group, &output).into_response()),
        Err(error) => Ok(solution_page(&cx, &group, &request.name, Some(&error)).await?.into_response()),
    }
}

fn view(cx: &Cx, shown: &Shown) -> Markup {
    let Shown { group, recipe, sent, errors, .. } = shown;
    let action = cx.group_link(group, "/new-solution");
    let is_stopped = !before_training::stops(shown).is_empty();
    html! {
        h2 { (cx.text("create-what-for")) }
        (cards(cx, group, recipe, shown.datasets, shown.has_domain))
        (errors.summary(cx))
        form.stacked.wide method="post" action=(action) hx-get=(action) hx-trigger="input delay:400ms" hx-swap="none" novalidate {
            input type="hidden" name="recipe" value=(recipe.name);
            p.hint { code { (recipe.name) } " – " (cx.recipe_prose(recipe)) }
            (Field { name: "name", label: &cx.text("create-name"), value: sent.typed("name"), required: true,
                help: &cx.text("create-name-help"), ..Field::default() }.markup(errors))
            (event_types::section(cx, shown))
            (parameters(cx, recipe, ParameterFamily::FeatureTransformation, "create-histories", shown))
            (parameters(cx, recipe, ParameterFamily::Algorithm, "create-hyperparameters", shown))
            (search(cx, recipe, sent, errors))
            (objective(cx, recipe, sent, errors))
            details open[sent.has("auto") || sent.get("incremental").is_some()] {
                summary { (cx.text("create-automatic")) }
                (tick("auto", &cx.text("create-automatic-on"), sent.has("auto"), errors))
                (Field { name: "days", label: &cx.text("create-automatic-days"), kind: "number", placeholder: "7", min: "1", max: "30", step: "1",
                    value: sent.typed("days"), ..Field::default() }.markup(errors))
                @if recipe.can(Ability::IncrementalUpdate) {
                    (Choice { name: "incremental", label: &cx.text("create-incremental"), help: &cx.text("create-incremental-help"),
                        value: sent.get("incremental").unwrap_or_default(), options: &[
                            (String::new(), cx.text("create-incremental-on")), ("false".to_owned(), cx.text("create-incremental-off")),
                        ] }.markup(errors))
                }
            }
            details open[sent.get("tags").is_some()] {
                summary { (cx.text("create-tags")) }
                (Field { name: "tags", label: &cx.text("create-tags"), help: &cx.text("create-tags-help"), placeholder: "team=shop, stage=test",
                    value: sent.typed("tags"), ..Field::default() }.markup(errors))
            }
            section.panel id="before-training" { (before_training::section(cx, shown)) }
            p.actions {
                button.primary type="submit" name="then" value="train" disabled[!cx.may_edit() || is_stopped] { (cx.text("create-and-train")) }
                button type="submit" name="then" value="create" disabled[!cx.may_edit()] { (cx.text("create-only")) }
            }
        }
    }
}

/// The rows of the recipe's table of one family.
fn parameters(cx: &Cx, recipe: &RecipeDescriptor, family: ParameterFamily, title: &str, shown: &Shown) -> Markup {
    let rows: Vec<&Parameter> = recipe.parameters.iter().filter(|p| p.family == family && !p.range_only).collect();
    let wrong = rows.iter().any(|parameter| shown.errors.of(&parameter_field(parameter.name)).is_some());
    html! {
        @if !rows.is_empty() {
            details open[wrong || family == ParameterFamily::FeatureTransformation] {
                summary { (cx.text(title)) }
                @if let Some(found) = shown.found().filter(|_| family == ParameterFamily::FeatureTransformation) {
                    div id="history-band" { (picture(cx, recipe, shown.sent, found)) }
                }
                @for parameter in rows { (parameter_row(cx, parameter, shown)) }
            }
        }
    }
}

fn parameter_row(cx: &Cx, parameter: &Parameter, shown: &Shown) -> Markup {
    let field = parameter_field(parameter.name);
    let default = parameter.kind.default_text();
    let value = shown.sent.get(&field).unwrap_or(&default);
    let [min, max, step] = bounds(parameter);
    let help = match parameter.kind {
        ParameterKind::Integer { min, max, .. } => ranged(cx, parameter, &default, min.to_string(), max.to_string()),
        ParameterKind::Float { min, max, .. } => ranged(cx, parameter, &default, min.to_string(), max.to_string()),
        ParameterKind::Boolean { .. } | ParameterKind::Choice { .. } => {
            format!(
                "{} {}",
                cx.parameter_prose(parameter),
                cx.text_with("create-default", &[("value", default.clone().into())])
            )
        }
    };
    html! {
        div.parameter {
            @match parameter.kind {
                ParameterKind::Boolean { .. } => {
                    (Choice { name: &field, label: parameter.name, help: &help, value, options: &options(&["true", "false"]) }.markup(shown.errors))
                }
                ParameterKind::Choice { values, .. } => {
                    (Choice { name: &field, label: parameter.name, help: &help, value, options: &options(values) }.markup(shown.errors))
                }
                _ => {
                    (Field { name: &field, label: parameter.name, help: &help, value, kind: "number", min: &min, max: &max, step: &step,
                        ..Field::default() }.markup(shown.errors))
                }
            }
            span.changed {
                @if value != default { (cx.text("create-changed")) " " }
                button type="button" data-reset=(default) data-of=(id_of(&field)) hidden { (cx.text("create-reset")) }
            }
        }
    }
}

/// The least and the greatest value of an input, and the step of its arrow keys.
fn bounds(parameter: &Parameter) -> [String; 3] {
    match parameter.kind {
        ParameterKind::Integer { min, max, .. } => [min.to_string(), max.to_string(), "1".to_owned()],
        ParameterKind::Float { min, max, .. } if max - min <= 1.0 => {
            [min.to_string(), max.to_string(), "0.01".to_owned()]
        }
        ParameterKind::Float { min, max, .. } => [min.to_string(), max.to_string(), "any".to_owned()],
        ParameterKind::Boolean { .. } | ParameterKind::Choice { .. } => [String::new(), String::new(), String::new()],
    }
}

fn ranged(cx: &Cx, parameter: &Parameter, default: &str, min: String, max: String) -> String {
    let range =
        cx.text_with("create-range", &[("min", min.into()), ("max", max.into()), ("value", default.to_owned().into())]);
    format!("{} {range}", cx.parameter_prose(parameter))
}

fn options(values: &[&str]) -> Vec<(String, String)> {
    values.iter().map(|value| ((*value).to_owned(), (*value).to_owned())).collect()
}

/// Perform HPO: the switch, the numbers of trainings, and a range for each hyperparameter that may vary.
fn search(cx: &Cx, recipe: &RecipeDescriptor, sent: &Sent, errors: &FieldErrors) -> Markup {
    let tunable: Vec<&Parameter> = recipe.parameters.iter().filter(|parameter| parameter.tunable).collect();
    let count = |key: &str, default: usize, max: usize| {
        cx.text_with(key, &[("value", default.to_string().into()), ("max", max.to_string().into())])
    };
    html! {
        @if !tunable.is_empty() {
            details open[sent.has("hpo")] {
                summary { (cx.text("create-search")) }
                p.hint { (cx.text("create-search-help")) }
                (tick("hpo", &cx.text("create-search-on"), sent.has("hpo"), errors))
                div.row {
                    (Field { name: "jobs", label: &cx.text("create-jobs"), kind: "number", min: "1", max: &TRIALS_MAX.to_string(), step: "1", help: &count("create-count-help", TRIALS_DEFAULT, TRIALS_MAX),
                        value: sent.typed("jobs"), ..Field::default() }.markup(errors))
                    (Field { name: "parallel", label: &cx.text("create-parallel"), kind: "number", min: "1", max: &PARALLEL_MAX.to_string(), step: "1", help: &count("create-count-help", PARALLEL_DEFAULT, PARALLEL_MAX),
                        value: sent.typed("parallel"), ..Field::default() }.markup(errors))
                }
                @for parameter in tunable { (range_row(cx, parameter, sent, errors)) }
            }
        }
    }
}

fn range_row(cx: &Cx, parameter: &Parameter, sent: &Sent, errors: &FieldErrors) -> Markup {
    let [from, to, values] = range_fields(parameter.name);
    let [min, max, step] = bounds(parameter);
    let choices: &[&str] = match parameter.kind {
        ParameterKind::Choice { values, .. } => values,
        _ => &["true", "false"],
    };
    html! {
        fieldset.row {
            legend { code { (parameter.name) } }
            @if !step.is_empty() {
                (Field { name: &from, label: &cx.text("create-from"), kind: "number", min: &min, max: &max, step: &step, placeholder: &min, value: sent.typed(&from), ..Field::default() }.markup(errors))
                (Field { name: &to, label: &cx.text("create-to"), kind: "number", min: &min, max: &max, step: &step, placeholder: &max, value: sent.typed(&to), ..Field::default() }.markup(errors))
            } @else {
                @for choice in choices {
                    @let id = id_of(&format!("{values}.{choice}"));
                    div.field.field-tick {
                        input id=(id) type="checkbox" name=(values) value=(choice) checked[sent.all(&values).contains(choice)];
                        label for=(id) { (choice) }
                    }
                }
                @if let Some(error) = errors.of(&values) { small.field-error { (error) } }
            }
        }
    }
}

fn objective(cx: &Cx, recipe: &RecipeDescriptor, sent: &Sent, errors: &FieldErrors) -> Markup {
    let sensitivities = [
        ("", cx.text("create-sensitivity-none")),
        ("LOW", "LOW".into()),
        ("MEDIUM", "MEDIUM".into()),
        ("HIGH", "HIGH".into()),
        ("OFF", "OFF".into()),
    ];
    let sensitivities = sensitivities.map(|(value, text)| (value.to_owned(), text));
    html! {
        @if recipe.can(Ability::Objective) {
            details open[sent.get("objective").is_some()] {
                summary { (cx.text("create-objective")) }
                p.hint { (cx.text("create-objective-help")) }
                div.row {
                    (Field { name: "objective", label: &cx.text("create-objective-column"), value: sent.typed("objective"), ..Field::default() }.markup(errors))
                    (Choice { name: "sensitivity", label: &cx.text("create-sensitivity"), help: "", value: sent.get("sensitivity").unwrap_or_default(), options: &sensitivities }.markup(errors))
                }
            }
        }
    }
}
