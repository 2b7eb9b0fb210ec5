//! Storage and memory: bytes by dataset, model and bucket, what is free, and what could be spared.

use super::frame::{metrics, page};
use super::unused::{self, Unused};
use crate::cx::{Cx, segment};
use crate::examples;
use crate::format;
use crate::metrics_text::Metrics;
use crate::page::{Page, PageError};
use crate::pages::form::Sent;
use crate::pages::resources::{last_segment, version_label};
use crate::ports::ApiError;
use axum::extract::{Form, Query};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::DeleteSolutionRequest;

/// Rows of a table.
const ROWS_MAX: usize = 50;
/// Buckets whose objects are added up.
const BUCKETS_MAX: usize = 50;

pub(super) async fn show(cx: Cx, Query(pairs): Query<Vec<(String, String)>>) -> Result<Page, PageError> {
    let gone = Sent::new(pairs).get("gone").and_then(|count| count.parse::<u32>().ok());
    shown(&cx, gone, &[], false).await
}

async fn shown(
    cx: &Cx,
    gone: Option<u32>,
    refusals: &[(String, ApiError)],
    is_unsaid: bool,
) -> Result<Page, PageError> {
    let metrics = metrics(cx).await;
    let unused = unused::read(cx).await?;
    let buckets = buckets(cx).await;
    let body = html! {
        @if let Some(count) = gone {
            div.notice role="status" { p { (cx.text_with("operate-deleted", &[("count", count.into())])) } }
        }
        @if !refusals.is_empty() {
            div.error role="alert" {
                @for (arn, refusal) in refusals { p { code { (last_segment(arn)) } ": " (refusal.to_string()) } }
            }
        }
        @if is_unsaid { div.error role="alert" { p { (cx.text("operate-delete-none")) } } }
        (room(cx, &metrics))
        h2 { (cx.text("operate-datasets")) }
        (sizes(cx, "operate-dataset", metrics.of("tastemaker_dataset_bytes").map(|sample| {
            let name = sample.label("dataset");
            (name.split_once(":dataset/").map_or(name, |(_, rest)| rest).to_owned(), sample.value.max(0.0) as u64)
        }).collect()))
        h2 { (cx.text("operate-models")) }
        (sizes(cx, "operate-by-campaign", metrics.of("tastemaker_model_bytes").map(|sample| {
            (last_segment(sample.label("campaign")).to_owned(), sample.value.max(0.0) as u64)
        }).collect()))
        h2 { (cx.text("operate-buckets")) }
        (sizes(cx, "operate-bucket", buckets))
        h2 { (cx.text("operate-unused")) }
        (spared(cx, &unused))
    };
    Ok(page(cx, "/store", body).examples(examples::of_page(cx)))
}

/// The disk and the memory.
fn room(cx: &Cx, metrics: &Metrics) -> Markup {
    let bytes = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format::bytes(value.max(0.0) as u64));
    let limit = cx.console.ports.watch.memory_limit_bytes().map(|limit| limit as f64);
    let entries = [
        (cx.text("operate-disk-free"), bytes(metrics.value("tastemaker_disk_free_bytes"))),
        (cx.text("operate-disk-size"), bytes(metrics.value("tastemaker_disk_size_bytes"))),
        (cx.text("operate-memory"), bytes(metrics.value("process_resident_memory_bytes"))),
        (cx.text("operate-memory-limit"), bytes(limit)),
    ];
    html! { ul.traffic { @for (name, value) in &entries { li { span.name { (name) } strong { (value) } } } } }
}

/// Bytes by name, the largest first.
fn sizes(cx: &Cx, key: &str, mut rows: Vec<(String, u64)>) -> Markup {
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let rest: u64 = rows.iter().skip(ROWS_MAX).map(|row| row.1).sum();
    html! {
        @if rows.is_empty() {
            p.hint { (cx.text("operate-nothing-there")) }
        } @else {
            div.scroll tabindex="0" {
                table {
                    thead { tr { th scope="col" { (cx.text(key)) } th.number scope="col" { (cx.text("operate-bytes")) } } }
                    tbody {
                        @for (name, bytes) in rows.iter().take(ROWS_MAX) {
                            tr { th scope="row" { (name) } td.number { (format::bytes(*bytes)) } }
                        }
                        @if rest > 0 { tr { th scope="row" { (cx.text("operate-others")) } td.number { (format::bytes(rest)) } } }
                    }
                }
            }
        }
    }
}

async fn buckets(cx: &Cx) -> Vec<(String, u64)> {
    let files = &cx.console.ports.files;
    let mut rows = Vec::new();
    for bucket in files.buckets().await.unwrap_or_default().into_iter().take(BUCKETS_MAX) {
        let objects = files.list(&bucket, "").await.unwrap_or_default();
        rows.push((bucket, objects.iter().map(|object| object.bytes).sum()));
    }
    rows
}

/// Versions that nothing answers from, and the form that deletes solutions.
fn spared(cx: &Cx, unused: &Unused) -> Markup {
    let known: u64 = unused.versions.iter().filter_map(|version| version.bytes).sum();
    html! {
        @if unused.versions.is_empty() {
            p.hint { (cx.text("operate-unused-none")) }
        } @else {
            p { (cx.text_with("operate-unused-sum", &[("count", unused.versions.len().into()), ("bytes", format::bytes(known).into())])) }
            div.scroll tabindex="0" {
                table {
                    caption { (cx.text("operate-unused-table")) }
                    thead {
                        tr {
                            th scope="col" { (cx.text("operate-version")) }
                            th scope="col" { (cx.text("operate-made")) }
                            th.number scope="col" { (cx.text("operate-bytes")) }
                        }
                    }
                    tbody {
                        @for version in unused.versions.iter().take(ROWS_MAX) {
                            tr {
                                th scope="row" title=(version.arn) { (version_label(&version.arn)) }
                                td { (format::time(version.made_s)) }
                                td.number { (version.bytes.map_or_else(|| "–".to_owned(), format::bytes)) }
                            }
                        }
                    }
                }
            }
        }
        @if !unused.solutions.is_empty() && cx.may_edit() {
            details.confirm {
                summary.button.danger { (cx.text_with("operate-delete", &[("count", unused.solutions.len().into())])) }
                form method="post" action=(cx.link("/operate/store/delete")) {
                    p { (cx.text("operate-delete-sure")) }
                    @for solution in &unused.solutions {
                        label.check {
                            input type="checkbox" name="solution" value=(solution.arn);
                            " " (solution.group) " / " (last_segment(&solution.arn)) " · "
                            (cx.text_with("operate-delete-versions", &[("count", solution.versions.into()), ("bytes", format::bytes(solution.bytes).into())]))
                        }
                    }
                    button.danger type="submit" { (cx.text("operate-delete-now")) }
                }
            }
        }
    }
}

/// Deletes the chosen solutions with their versions, by the API's own rules.
pub(super) async fn delete(cx: Cx, Form(pairs): Form<Vec<(String, String)>>) -> Result<Response, PageError> {
    let sent = Sent::new(pairs);
    let chosen = sent.all("solution");
    if chosen.is_empty() {
        let page = shown(&cx, None, &[], true).await?.status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(page.into_response());
    }
    let (mut gone, mut refusals) = (0_u32, Vec::new());
    for arn in chosen {
        let input = DeleteSolutionRequest { solution_arn: arn.to_owned() };
        match cx.call::<_, serde_json::Value>(Operation::DeleteSolution, &input).await {
            Ok(_) => gone += 1,
            Err(refusal) => refusals.push((arn.to_owned(), refusal)),
        }
    }
    if refusals.is_empty() {
        let address = cx.link(&format!("/operate/store?gone={}", segment(&gone.to_string())));
        return Ok(Redirect::to(&address).into_response());
    }
    let gone = (gone > 0).then_some(gone);
    Ok(shown(&cx, gone, &refusals, false).await?.status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
}
