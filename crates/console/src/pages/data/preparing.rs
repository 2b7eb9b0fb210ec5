//! A copy of files that is made before their import: how far it is, and what came of it.

use super::facts::table;
use super::job::of_reason;
use crate::cx::{Cx, segment};
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::preparations::{Copied, Outcome, Preparation};
use crate::topic::{Part, Subject};
use crate::{examples, format};
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::StatusCode;
use maud::{Markup, html};
use std::sync::Arc;
use std::time::Duration;

/// The time for which a form waits for its copy before it leads to the page of it.
const PATIENCE: Duration = Duration::from_secs(3);

/// The end of a preparation, if it comes soon; else the way to its page.
pub(super) async fn soon(cx: &Cx, preparation: &Preparation) -> Result<Outcome, Response> {
    match tokio::time::timeout(PATIENCE, preparation.ended()).await {
        Ok(outcome) => Ok(outcome),
        Err(_) => Err(Redirect::to(&link(cx, preparation)).into_response()),
    }
}

fn link(cx: &Cx, preparation: &Preparation) -> String {
    cx.group_link(&preparation.group, &format!("/data/preparing/{}", segment(&preparation.id)))
}

fn find(cx: &Cx, group: &str, id: &str) -> Result<Arc<Preparation>, PageError> {
    cx.console.preparations.of(group, id).ok_or_else(|| PageError::BadInput(cx.text("data-preparing-gone")))
}

/// Answers `GET /g/{group}/data/preparing/{id}`.
pub(super) async fn show(cx: Cx, Path((group, id)): Path<(String, String)>) -> Result<Page, PageError> {
    let preparation = find(&cx, &group, &id)?;
    let is_over = preparation.outcome().is_some();
    let body = html! {
        p { (cx.text("data-location")) ": " code { (preparation.location) } }
        div id="preparation" { (state(&cx, &preparation)) }
        @if !is_over { noscript { p { a href=(link(&cx, &preparation)) { (cx.text("data-reload")) } } } }
    };
    let page = Page::new(Menu::Data, cx.text("data-preparing"), body).group(group).examples(examples::of_page(&cx));
    Ok(if is_over { page } else { page.live(format!("preparation:{id}")) })
}

/// The topic of a preparation, by its name.
pub(crate) fn live<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let (Some(group), Some(id)) = (subject.group, subject.argument) else { return Vec::new() };
        let preparation = cx.console.preparations.of(group, id);
        preparation.map_or_else(Vec::new, |found| vec![Part { id: "preparation", content: state(cx, &found) }])
    }
    .boxed()
}

/// Answers `POST /g/{group}/data/preparing/{id}/cancel`.
pub(super) async fn cancel(cx: Cx, Path((group, id)): Path<(String, String)>) -> Result<Redirect, PageError> {
    let preparation = find(&cx, &group, &id)?;
    preparation.progress.cancel();
    Ok(Redirect::to(&link(&cx, &preparation)))
}

fn state(cx: &Cx, preparation: &Preparation) -> Markup {
    match preparation.outcome() {
        None => under_way(cx, preparation),
        Some(outcome) => ended(cx, &preparation.group, &outcome, Some(&preparation.form)),
    }
}

fn under_way(cx: &Cx, preparation: &Preparation) -> Markup {
    let (done, total) = preparation.progress.bytes();
    html! {
        p { (cx.text("data-preparing-what")) }
        @if total > 0 {
            progress aria-label=(cx.text("data-preparing")) value=(done.min(total)) max=(total) {}
            p { (format::bytes(done)) " / " (format::bytes(total)) }
        }
        @if cx.may_edit() {
            form method="post" action=(format!("{}/cancel", link(cx, preparation))) { button { (cx.text("data-cancel")) } }
        }
    }
}

/// The end of a preparation, with the way back to its form where that helps.
pub(super) fn ended(cx: &Cx, group: &str, outcome: &Outcome, form: Option<&str>) -> Markup {
    html! {
        @match outcome {
            Outcome::Refused(why) => {
                div.error role="alert" { pre.message { (why) } }
                @if let Some(form) = form { p { a.button href=(cx.link(form)) { (cx.text("data-preparing-back")) } } }
            }
            Outcome::Begun { job_name, copied } => {
                p {
                    @match copied {
                        Some(copied) => { (cx.text_with("data-rest-begun", &[("rows", format::counted(copied.rows))])) }
                        None => { (cx.text("data-preparing-begun")) }
                    }
                    " " a href=(cx.group_link(group, &format!("/data/imports/{}", segment(job_name)))) { (job_name) }
                }
                @if let Some(Copied { rows, refused }) = copied { (left_out(cx, *rows, refused)) }
            }
            Outcome::NoRows(refused) => {
                div.error role="alert" { p { (cx.text("data-rest-none")) } }
                (left_out(cx, 0, refused))
            }
        }
    }
}

fn left_out(cx: &Cx, rows: u64, refused: &[tastemaker_domain::import_report::Refused]) -> Markup {
    let total: u64 = refused.iter().map(|of| of.count).sum();
    html! {
        h2 { (cx.text("data-refused")) }
        (table(
            &cx.text("data-refused"),
            &[cx.text("data-accepted"), cx.text("data-rows-left-out")],
            &[vec![html! { (format::count(rows)) }, html! { (format::count(total)) }]],
        ))
        @for refused in refused { (of_reason(cx, refused)) }
    }
}

/// The status of a page that shows an outcome.
pub(super) fn status(outcome: &Outcome) -> StatusCode {
    match outcome {
        Outcome::Begun { .. } => StatusCode::OK,
        Outcome::Refused(_) | Outcome::NoRows(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
