//! The form that makes a solution: what for, which events count, history lengths and hyperparameters from the recipe's own table,
//! the search for hyperparameters, the objective, automatic training.

use super::history_lengths::picture;
use super::solution::{last_duration_s, page as solution_page, to_version};
use super::solution_form::{EVENT_ROWS, event_fields, parameter_field, place, range_fields, read};
use crate::cx::{Cx, segment};
use crate::examples;
use crate::format;
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::pages::form::{Choice, Field, FieldErrors, Sent, id_of, tick};
use crate::pages::resources::dataset_group;
use crate::ports::ApiError;
use axum::extract::{Form, Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use tastemaker_domain::catalog;
use tastemaker_domain::dataset_statistics::InteractionStatistics;
use tastemaker_domain::recipe::{Ability, Parameter, ParameterFamily, ParameterKind, Purpose, RecipeDescriptor};
use tastemaker_domain::tuning::{PARALLEL_DEFAULT, PARALLEL_MAX, TRIALS_DEFAULT, TRIALS_MAX};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    CreateSolutionResponse, CreateSolutionVersionRequest, CreateSolutionVersionResponse,
};

/// Event types of the data that stand above the rows.
const KNOWN_EVENTS_MAX: usize = 10;

/// The form of a recipe with its values and errors.
pub(super) struct Shown<'a> {
    pub group: &'a str,
    pub recipe: &'static RecipeDescriptor,
    pub sent: &'a Sent,
    pub errors: &'a FieldErrors,
    /// The duration of the last training with the recipe.
    pub last_training_s: Option<f64>,
    /// The statistics of the group's interactions.
    pub found: Option<&'a InteractionStatistics>,
}

pub(super) async fn show(
    cx: Cx,
    Path(group): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    dataset_group(&cx, &group).await?;
    let sent = Sent::new(pairs);
    page(&cx, &group, &sent, &FieldErrors::default()).await
}

async fn page(cx: &Cx, group: &str, sent: &Sent, errors: &FieldErrors) -> Result<Page, PageError> {
    let recipe = recipe_of(sent)?;
    let last_training_s = last_duration_s(cx, &recipe.arn()).await;
    let dataset = cx.arn("dataset", &format!("{group}/INTERACTIONS"));
    let statistics = cx.console.ports.datasets.statistics(&dataset).await;
    let found = statistics.as_ref().and_then(|statistics| statistics.interactions.as_ref());
    let body = view(cx, &Shown { group, recipe, sent, errors, last_training_s, found });
    let page = Page::new(Menu::Train, cx.text("train-create"), body).group(group);
    Ok(if errors.is_empty() { page } else { page.status(StatusCode::UNPROCESSABLE_ENTITY) })
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
        return Ok(page(&cx, &group, &sent, &errors).await?.into_response());
    }
    let made: Result<CreateSolutionResponse, ApiError> = cx.call(Operation::CreateSolution, &request).await;
    if let Err(error) = made {
        place(&mut errors, recipe, &error);
        let page = page(&cx, &group, &sent, &errors).await?.examples(examples::of_page(&cx));
        return Ok(page.into_response());
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

pub(super) fn view(cx: &Cx, shown: &Shown) -> Markup {
    let Shown { group, recipe, sent, errors, last_training_s, .. } = shown;
    html! {
        h2 { (cx.text("create-what-for")) }
        (recipes(cx, group, recipe))
        (errors.summary(cx))
        form.stacked method="post" action=(cx.group_link(group, "/new-solution")) {
            input type="hidden" name="recipe" value=(recipe.name);
            p.hint { code { (recipe.name) } " – " (recipe.description) }
            (Field { name: "name", label: &cx.text("create-name"), value: sent.typed("name"), required: true,
                help: &cx.text("create-name-help"), ..Field::default() }.markup(errors))
            (events(cx, shown))
            (parameters(cx, recipe, ParameterFamily::FeatureTransformation, "create-histories", shown))
            (parameters(cx, recipe, ParameterFamily::Algorithm, "create-hyperparameters", shown))
            (search(cx, recipe, sent, errors))
            (objective(cx, recipe, sent, errors))
            details open[sent.has("auto")] {
                summary { (cx.text("create-automatic")) }
                (tick("auto", &cx.text("create-automatic-on"), sent.has("auto")))
                (Field { name: "days", label: &cx.text("create-automatic-days"), kind: "number", placeholder: "7",
                    value: sent.typed("days"), ..Field::default() }.markup(errors))
            }
            p.hint {
                @match last_training_s {
                    Some(took) => { (cx.text_with("create-took", &[("took", format::seconds(took.max(0.0) as u64).into())])) }
                    None => { (cx.text("create-no-estimate")) }
                }
            }
            p.actions {
                button.primary type="submit" name="then" value="train" disabled[!cx.may_edit()] { (cx.text("create-and-train")) }
                button type="submit" name="then" value="create" disabled[!cx.may_edit()] { (cx.text("create-only")) }
            }
        }
    }
}

/// Cards in plain words, each with its recipes as links. Recipes that others replace are left out.
fn recipes(cx: &Cx, group: &str, chosen: &RecipeDescriptor) -> Markup {
    let cards = [
        ("create-for-user", Purpose::ForUser),
        ("create-related", Purpose::RelatedItems),
        ("create-ranking", Purpose::Ranking),
        ("create-popular", Purpose::Popular),
        ("create-actions", Purpose::Actions),
        ("create-segments", Purpose::Segments),
    ];
    html! {
        ul.cards {
            @for (key, purpose) in cards {
                li.card {
                    h3 { (cx.text(key)) }
                    ul.plain {
                        @for recipe in catalog::ALL.iter().filter(|recipe| offered(recipe) && recipe.purpose() == purpose) {
                            @let link = format!("/new-solution?recipe={}", segment(recipe.name));
                            li { a href=(cx.group_link(group, &link)) aria-current=[(std::ptr::eq(*recipe, chosen)).then_some("true")] {
                                (recipe.name)
                            } }
                        }
                    }
                }
            }
        }
    }
}

fn offered(recipe: &RecipeDescriptor) -> bool {
    recipe.use_case.is_none() && recipe.replaced_by.is_none()
}

fn events(cx: &Cx, shown: &Shown) -> Markup {
    let Shown { recipe, sent, errors, .. } = shown;
    let known = shown.found.map_or(&[][..], |found| &found.event_types);
    let given = (0..EVENT_ROWS).flat_map(event_fields).any(|field| sent.get(&field).is_some());
    html! {
        details open[given || sent.get("event_type").is_some()] {
            summary { (cx.text("create-events")) }
            p.hint { (cx.text("create-events-help")) }
            @if !known.is_empty() {
                ul.plain {
                    @for event in known.iter().take(KNOWN_EVENTS_MAX) {
                        li {
                            code { (format::shortened(&event.name, 40)) } " "
                            (cx.text_with("create-event-counts", &[
                                ("rows", format::count(event.rows).into()), ("users", format::count(event.users).into()),
                            ]))
                        }
                    }
                }
            }
            @if recipe.can(Ability::EventWeights) {
                @for row in 0..EVENT_ROWS {
                    @let [event_type, weight, threshold] = event_fields(row);
                    div.row {
                        (Field { name: &event_type, label: &cx.text("train-event-type"), value: sent.typed(&event_type), ..Field::default() }.markup(errors))
                        (Field { name: &weight, label: &cx.text("create-weight"), kind: "number", placeholder: "1", value: sent.typed(&weight), ..Field::default() }.markup(errors))
                        (Field { name: &threshold, label: &cx.text("create-threshold"), kind: "number", value: sent.typed(&threshold), ..Field::default() }.markup(errors))
                    }
                }
            } @else {
                (Field { name: "event_type", label: &cx.text("train-event-type"), value: sent.typed("event_type"),
                    help: &cx.text("create-event-type-help"), ..Field::default() }.markup(errors))
            }
        }
    }
}

/// The rows of the recipe's table of one family.
fn parameters(cx: &Cx, recipe: &RecipeDescriptor, family: ParameterFamily, title: &str, shown: &Shown) -> Markup {
    let rows: Vec<&Parameter> = recipe.parameters.iter().filter(|p| p.family == family && !p.range_only).collect();
    let wrong = rows.iter().any(|parameter| shown.errors.fields.contains_key(&parameter_field(parameter.name)));
    html! {
        @if !rows.is_empty() {
            details open[wrong || family == ParameterFamily::FeatureTransformation] {
                summary { (cx.text(title)) }
                @if let Some(found) = shown.found.filter(|_| family == ParameterFamily::FeatureTransformation) {
                    (picture(cx, recipe, shown.sent, found))
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
    let help = match parameter.kind {
        ParameterKind::Integer { min, max, .. } => ranged(cx, parameter, &default, min.to_string(), max.to_string()),
        ParameterKind::Float { min, max, .. } => ranged(cx, parameter, &default, min.to_string(), max.to_string()),
        ParameterKind::Boolean { .. } | ParameterKind::Choice { .. } => {
            format!("{} {}", parameter.doc, cx.text_with("create-default", &[("value", default.clone().into())]))
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
                    (Field { name: &field, label: parameter.name, help: &help, value, ..Field::default() }.markup(shown.errors))
                }
            }
            @if value != default { span.changed { (cx.text("create-changed")) } }
        }
    }
}

fn ranged(cx: &Cx, parameter: &Parameter, default: &str, min: String, max: String) -> String {
    let range =
        cx.text_with("create-range", &[("min", min.into()), ("max", max.into()), ("value", default.to_owned().into())]);
    format!("{} {range}", parameter.doc)
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
                (tick("hpo", &cx.text("create-search-on"), sent.has("hpo")))
                div.row {
                    (Field { name: "jobs", label: &cx.text("create-jobs"), help: &count("create-count-help", TRIALS_DEFAULT, TRIALS_MAX),
                        value: sent.typed("jobs"), ..Field::default() }.markup(errors))
                    (Field { name: "parallel", label: &cx.text("create-parallel"), help: &count("create-count-help", PARALLEL_DEFAULT, PARALLEL_MAX),
                        value: sent.typed("parallel"), ..Field::default() }.markup(errors))
                }
                @for parameter in tunable { (range_row(cx, parameter, sent, errors)) }
            }
        }
    }
}

fn range_row(cx: &Cx, parameter: &Parameter, sent: &Sent, errors: &FieldErrors) -> Markup {
    let [from, to, values] = range_fields(parameter.name);
    let bounds = match parameter.kind {
        ParameterKind::Integer { min, max, .. } => Some((min.to_string(), max.to_string())),
        ParameterKind::Float { min, max, .. } => Some((min.to_string(), max.to_string())),
        _ => None,
    };
    let choices: &[&str] = match parameter.kind {
        ParameterKind::Choice { values, .. } => values,
        _ => &["true", "false"],
    };
    html! {
        fieldset.row {
            legend { code { (parameter.name) } }
            @if let Some((min, max)) = bounds {
                (Field { name: &from, label: &cx.text("create-from"), placeholder: &min, value: sent.typed(&from), ..Field::default() }.markup(errors))
                (Field { name: &to, label: &cx.text("create-to"), placeholder: &max, value: sent.typed(&to), ..Field::default() }.markup(errors))
            } @else {
                @for choice in choices {
                    @let id = id_of(&format!("{values}.{choice}"));
                    div.field.field-tick {
                        input id=(id) type="checkbox" name=(values) value=(choice) checked[sent.all(&values).contains(choice)];
                        label for=(id) { (choice) }
                    }
                }
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
