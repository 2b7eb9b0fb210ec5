//! A recommender: its state, its use case with the quality of its model, its requests, its settings, and its end.

use super::deletion::{Ended, Kind};
use super::recommender_fields::{fields, place, read, values_of};
use super::traffic;
use super::unused::Asked;
use crate::cx::{Cx, segment};
use crate::examples;
use crate::layout::status;
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::pages::form::{FieldErrors, Sent};
use crate::pages::progress::job;
use crate::pages::resources::in_progress;
use crate::ports::ApiError;
use crate::topic::{Part, Subject};
use axum::extract::{Form, Path};
use axum::response::{IntoResponse, Redirect, Response};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::StatusCode;
use maud::{Markup, html};
use tastemaker_domain::catalog;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    DeleteRecommenderRequest, DescribeRecommenderRequest, DescribeRecommenderResponse, Recommender,
    StartRecommenderRequest, StopRecommenderRequest, UpdateRecommenderRequest, UpdateRecommenderResponse,
};

/// The state in which a recommender answers.
const ACTIVE: &str = "ACTIVE";
/// The state of one that was stopped.
const INACTIVE: &str = "INACTIVE";

const DELETION: Kind =
    Kind { delete: "recommender-delete", sure: "recommender-delete-sure", other_name: "recommender-delete-other-name" };

/// A recommender, as the API describes it.
async fn describe(cx: &Cx, name: &str) -> Result<Recommender, PageError> {
    let input = DescribeRecommenderRequest { recommender_arn: cx.arn("recommender", name) };
    let output: DescribeRecommenderResponse = cx.call(Operation::DescribeRecommender, &input).await?;
    output.recommender.ok_or(PageError::NotFound)
}

pub(super) async fn show(cx: Cx, Path((group, name)): Path<(String, String)>) -> Result<Page, PageError> {
    page(&cx, &group, &name, None, &FieldErrors::default()).await
}

async fn page(cx: &Cx, group: &str, name: &str, sent: Option<&Sent>, errors: &FieldErrors) -> Result<Page, PageError> {
    let recommender = describe(cx, name).await?;
    let arn = recommender.recommender_arn.clone().unwrap_or_default();
    let values =
        sent.cloned().unwrap_or_else(|| values_of(&recommender.recommender_config.clone().unwrap_or_default()));
    let body = html! {
        (errors.summary(cx))
        div id="recommender-state" { (state(cx, group, &recommender)) }
        div id="campaign-traffic" { (traffic::of_campaign(cx, &arn)) }
        (Asked::read(cx).await.line(cx, &arn, recommender.status.as_deref(), recommender.creation_date_time))
        (quality(cx, &recommender))
        h2 { (cx.text("train-settings")) }
        form.stacked method="post" action=(address(cx, group, name, "")) novalidate {
            (fields(cx, &values, errors))
            p.actions { button.primary type="submit" disabled[!cx.may_edit()] { (cx.text("recommender-update")) } }
        }
        (end(cx, group, &recommender, errors))
    };
    let update = recommender.latest_recommender_update.as_ref().and_then(|update| update.status.as_deref());
    let under_way = in_progress(recommender.status.as_deref()) || in_progress(update);
    let traffic = format!("recommender-traffic:{name}");
    let page = Page::new(Menu::Deploy, name, body)
        .group(group)
        .state(recommender.status.unwrap_or_default())
        .arn(arn)
        .changed(recommender.last_updated_date_time.unwrap_or(0.0))
        .examples(examples::of_page(cx))
        .live(if under_way { format!("recommender:{name},{traffic}") } else { traffic });
    Ok(if errors.is_empty() { page } else { page.status(StatusCode::UNPROCESSABLE_ENTITY) })
}

/// The topic of one recommender, by its name.
pub(crate) fn live<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let (Some(name), Some(group)) = (subject.argument, subject.group) else { return Vec::new() };
        let Ok(recommender) = describe(cx, name).await else { return Vec::new() };
        vec![
            Part { id: "state", content: status(cx, recommender.status.as_deref().unwrap_or_default()) },
            Part { id: "recommender-state", content: state(cx, group, &recommender) },
        ]
    }
    .boxed()
}

/// The address of a recommender's page, or of a form below it.
fn address(cx: &Cx, group: &str, name: &str, below: &str) -> String {
    cx.group_link(group, &format!("/recommenders/{}{below}", segment(name)))
}

fn state(cx: &Cx, group: &str, recommender: &Recommender) -> Markup {
    let arn = recommender.recommender_arn.as_deref().unwrap_or_default();
    let update = recommender.latest_recommender_update.as_ref();
    let recipe = recommender.recipe_arn.as_deref().and_then(catalog::by_arn);
    html! {
        @if let Some(title) = recipe.and_then(|recipe| cx.use_case_title(recipe)) { p { (cx.text("recommender-use-case")) ": " strong { (title) } } }
        @if let Some(reason) = recommender.failure_reason.as_deref().filter(|reason| !reason.is_empty()) {
            div.error role="alert" { p lang="en" { (reason) } }
        }
        @if let Some(update) = update.filter(|update| update.status.as_deref() != Some(ACTIVE)) {
            div.notice {
                p { (cx.text_with("recommender-update-under-way", &[("status", update.status.clone().unwrap_or_default().into())])) }
                @if let Some(reason) = update.failure_reason.as_deref().filter(|reason| !reason.is_empty()) { p lang="en" { (reason) } }
                p.hint { (cx.text("recommender-old-answers")) }
            }
        }
        @for running in cx.console.ports.progress.now().iter().filter(|job| job.resource_arn == arn) { (job(cx, running)) }
        @if recommender.status.as_deref() == Some(ACTIVE) {
            p.actions { a.button href=(cx.group_link(group, &format!("/try?c={}", segment(arn)))) { (cx.text("version-try")) } }
        }
    }
}

/// The metrics of the model that answers.
fn quality(cx: &Cx, recommender: &Recommender) -> Markup {
    let metrics = recommender.model_metrics.clone().unwrap_or_default();
    html! {
        @if !metrics.is_empty() {
            h2 { (cx.text("recommender-quality")) }
            div.scroll tabindex="0" {
                table {
                    thead { tr { th scope="col" { (cx.text("metric")) } th.number scope="col" { (cx.text("value")) } } }
                    tbody {
                        @for key in crate::evaluation::ordered(metrics.keys()) {
                            tr { th scope="row" { (crate::evaluation::metric_name(key)) } td.number { (format!("{:.4}", metrics[key])) } }
                        }
                    }
                }
            }
        }
    }
}

/// Stopping, starting and deleting.
fn end(cx: &Cx, group: &str, recommender: &Recommender, errors: &FieldErrors) -> Markup {
    let name = recommender.name.as_deref().unwrap_or_default();
    let switch = match recommender.status.as_deref() {
        Some(ACTIVE) => Some(("/stop", "recommender-stop", "recommender-stop-help")),
        Some(INACTIVE) => Some(("/start", "recommender-start", "recommender-start-help")),
        _ => None,
    };
    html! {
        @if cx.may_edit() {
            h2 { (cx.text("recommender-end")) }
            @if let Some((below, button, help)) = switch {
                form.actions method="post" action=(address(cx, group, name, below)) {
                    button type="submit" { (cx.text(button)) }
                    span.hint { (cx.text(help)) }
                }
            }
            (DELETION.form(cx, name, &address(cx, group, name, "/delete"), None, errors))
        }
    }
}

pub(super) async fn update(
    cx: Cx,
    Path((group, name)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = Sent::new(pairs);
    let mut errors = FieldErrors::default();
    let mut config = read(&cx, &sent, &mut errors);
    if errors.is_empty() {
        // The form has no fields for the columns of the training, and an update replaces all settings.
        let former = describe(&cx, &name).await?.recommender_config;
        config.training_data_config = former.and_then(|config| config.training_data_config);
        let input =
            UpdateRecommenderRequest { recommender_arn: cx.arn("recommender", &name), recommender_config: config };
        let changed: Result<UpdateRecommenderResponse, ApiError> = cx.call(Operation::UpdateRecommender, &input).await;
        match changed {
            Ok(_) => return Ok(Redirect::to(&address(&cx, &group, &name, "")).into_response()),
            Err(error) => place(&mut errors, &error),
        }
    }
    Ok(page(&cx, &group, &name, Some(&sent), &errors).await?.into_response())
}

pub(super) async fn stop(cx: Cx, Path((group, name)): Path<(String, String)>) -> Result<Response, PageError> {
    let input = StopRecommenderRequest { recommender_arn: cx.arn("recommender", &name) };
    let stopped: Result<serde_json::Value, ApiError> = cx.call(Operation::StopRecommender, &input).await;
    switched(&cx, &group, &name, stopped).await
}

pub(super) async fn start(cx: Cx, Path((group, name)): Path<(String, String)>) -> Result<Response, PageError> {
    let input = StartRecommenderRequest { recommender_arn: cx.arn("recommender", &name) };
    let started: Result<serde_json::Value, ApiError> = cx.call(Operation::StartRecommender, &input).await;
    switched(&cx, &group, &name, started).await
}

async fn switched(
    cx: &Cx,
    group: &str,
    name: &str,
    answer: Result<serde_json::Value, ApiError>,
) -> Result<Response, PageError> {
    let mut errors = FieldErrors::default();
    match answer {
        Ok(_) => Ok(Redirect::to(&address(cx, group, name, "")).into_response()),
        Err(error) => {
            place(&mut errors, &error);
            Ok(page(cx, group, name, None, &errors).await?.into_response())
        }
    }
}

pub(super) async fn delete(
    cx: Cx,
    Path((group, name)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let (sent, input) = (Sent::new(pairs), DeleteRecommenderRequest { recommender_arn: cx.arn("recommender", &name) });
    let typed = (sent.get("confirm"), name.as_str());
    let list = match DELETION.delete(&cx, typed, Operation::DeleteRecommender, &input, place).await {
        Ended::Now => "/deploy".to_owned(),
        Ended::Before => format!("/deploy?gone={}", segment(&name)),
        Ended::Refused(errors) => return Ok(page(&cx, &group, &name, None, &errors).await?.into_response()),
    };
    Ok(Redirect::to(&cx.group_link(&group, &list)).into_response())
}
