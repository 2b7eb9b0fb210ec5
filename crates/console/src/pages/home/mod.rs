//! The first page: the five steps of a dataset group, what runs now, what failed lately, and all dataset groups.

mod failures;
mod groups;
mod steps;
mod traffic;

pub(crate) use traffic::live as live_traffic;

use crate::cx::Cx;
use crate::examples;
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::pages::demo;
use crate::pages::form::{Choice, Field, FieldErrors, Sent};
use crate::pages::progress;
use crate::pages::resources::{dataset_group, dataset_groups};
use crate::ports::ApiError;
use crate::state::ConsoleState;
use crate::topic::{Part, Subject};
use axum::Router;
use axum::extract::{Form, Path};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::StatusCode;
use maud::{Markup, html};
use tastemaker_domain::Member;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{CreateDatasetGroupRequest, CreateDatasetGroupResponse, DatasetGroupSummary};

/// The routes of the page.
pub fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/", get(show).post(create))
        .route("/g/{group}/", get(show_group))
        .route("/dismiss", post(failures::dismiss))
}

async fn show(cx: Cx) -> Result<Page, PageError> {
    page(&cx, &Sent::default(), &FieldErrors::default()).await
}

async fn page(cx: &Cx, sent: &Sent, errors: &FieldErrors) -> Result<Page, PageError> {
    let groups = dataset_groups(cx).await?;
    // The group that was used last.
    let newest = groups.iter().max_by(|a, b| time_of(a).total_cmp(&time_of(b))).and_then(|group| group.name.clone());
    let steps = match &newest {
        Some(name) => Some(steps::of_group(cx, name).await?),
        None => None,
    };
    let table = if groups.is_empty() { None } else { Some(groups::table(cx, &groups).await?) };
    let body = html! {
        (errors.summary(cx))
        (demo::panel(cx))
        @if let (Some(name), Some(steps)) = (&newest, &steps) {
            h2 { (cx.text_with("home-steps", &[("group", name.clone().into())])) }
            (steps::cards(cx, name, steps))
        } @else {
            div.empty { p { (cx.text("home-empty")) } }
            @if demo::may_offer(cx) { (demo::offer(cx)) }
        }
        (running(cx).await)
        (failures::view(cx, None, &failures::lately(cx, None).await?))
        div id="traffic" { (traffic::of_server(cx)) }
        @if let Some(table) = table { (table) }
        (form(cx, sent, errors, groups.is_empty()))
    };
    let page = Page::new(Menu::Home, cx.text("menu-home"), body).examples(examples::of_page(cx)).live("jobs,traffic");
    Ok(if errors.is_empty() { page } else { page.status(StatusCode::UNPROCESSABLE_ENTITY) })
}

async fn show_group(cx: Cx, Path(group): Path<String>) -> Result<Page, PageError> {
    let described = dataset_group(&cx, &group).await?;
    let steps = steps::of_group(&cx, &group).await?;
    let body = html! {
        h2 { (cx.text_with("home-steps", &[("group", group.clone().into())])) }
        (steps::cards(&cx, &group, &steps))
        (running(&cx).await)
        (failures::view(&cx, Some(&group), &failures::lately(&cx, Some(&group)).await?))
    };
    Ok(Page::new(Menu::Home, group.clone(), body)
        .group(group)
        .state(described.status.unwrap_or_default())
        .arn(described.dataset_group_arn.unwrap_or_default())
        .changed(described.last_updated_date_time.unwrap_or(0.0))
        .examples(examples::of_page(&cx))
        .live("jobs"))
}

fn time_of(group: &DatasetGroupSummary) -> f64 {
    group.last_updated_date_time.or(group.creation_date_time).unwrap_or(0.0)
}

/// Running jobs, which the live stream exchanges.
async fn running(cx: &Cx) -> Markup {
    html! { div id="running-jobs" { (progress::all(cx).await) } }
}

/// The topic of what runs now.
pub(crate) fn live<'a>(cx: &'a Cx, _: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move { vec![Part { id: "running-jobs", content: progress::all(cx).await }] }.boxed()
}

fn form(cx: &Cx, sent: &Sent, errors: &FieldErrors, first: bool) -> Markup {
    let domains = [
        ("", cx.text("home-domain-none")),
        ("ECOMMERCE", "ECOMMERCE".into()),
        ("VIDEO_ON_DEMAND", "VIDEO_ON_DEMAND".into()),
    ];
    let domains = domains.map(|(value, text)| (value.to_owned(), text));
    html! {
        @if cx.may_edit() {
            details open[first || !errors.is_empty()] {
                summary { (cx.text("home-create")) }
                form.stacked method="post" action=(cx.link("/")) {
                    (Field { name: "name", label: &cx.text("create-name"), help: &cx.text("create-name-help"), value: sent.typed("name"), required: true, ..Field::default() }.markup(errors))
                    (Choice { name: "domain", label: &cx.text("home-domain"), help: &cx.text("home-domain-help"), options: &domains, value: sent.get("domain").unwrap_or_default() }.markup(errors))
                    p.actions { button.primary type="submit" { (cx.text("home-create")) } }
                }
            }
        }
    }
}

async fn create(cx: Cx, Form(pairs): Form<Vec<(String, String)>>) -> Result<Response, PageError> {
    let sent = Sent::new(pairs);
    let input = CreateDatasetGroupRequest {
        name: sent.get("name").unwrap_or_default().to_owned(),
        domain: sent.get("domain").map(str::to_owned),
        ..CreateDatasetGroupRequest::default()
    };
    let made: Result<CreateDatasetGroupResponse, ApiError> = cx.call(Operation::CreateDatasetGroup, &input).await;
    let Err(error) = made else {
        return Ok(Redirect::to(&cx.group_link(&input.name, "/")).into_response());
    };
    let mut errors = FieldErrors::default();
    let of_name =
        error.name == "ResourceAlreadyExistsException" || error.message.contains(&format!("'{}'", Member::Name));
    if of_name {
        errors.at("name", error.message);
    } else {
        errors.general.push(error.to_string());
    }
    Ok(page(&cx, &sent, &errors).await?.into_response())
}
