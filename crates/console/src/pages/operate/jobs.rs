//! Jobs: those that wait and run, by kind, how their runs ended, and the time that the last ones took.

use super::frame::{counted, metrics, page};
use crate::cx::Cx;
use crate::format;
use crate::metrics_text::Metrics;
use crate::page::Page;
use crate::pages::progress;
use crate::pages::resources::last_segment;
use crate::ports::EndedJob;
use crate::topic::{Part, Subject};
use futures::FutureExt;
use futures::future::BoxFuture;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Runs of a kind whose times count.
const RUNS_MAX: usize = 50;
/// Runs that are listed.
const LISTED_MAX: usize = 20;

pub(super) async fn show(cx: Cx) -> Page {
    let metrics = metrics(&cx).await;
    let body = html! {
        div id="operate-running" { (progress::all(&cx).await) }
        div id="operate-kinds" { (kinds(&cx, &metrics)) }
        h2 { (cx.text("operate-ended")) }
        div id="operate-ended" { (ended(&cx)) }
    };
    page(&cx, "/jobs", body).live("operate-jobs")
}

/// The topic of the page.
pub(crate) fn live<'a>(cx: &'a Cx, _: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let metrics = metrics(cx).await;
        vec![
            Part { id: "operate-running", content: progress::all(cx).await },
            Part { id: "operate-kinds", content: kinds(cx, &metrics) },
            Part { id: "operate-ended", content: ended(cx) },
        ]
    }
    .boxed()
}

fn kinds(cx: &Cx, metrics: &Metrics) -> Markup {
    let number = |family: &str, kind: &str, label: &str, value: &str| {
        let found = metrics.of(family).filter(|sample| sample.label("kind") == kind && sample.label(label) == value);
        counted(found.map(|sample| sample.value).sum())
    };
    let runs = cx.console.ports.watch.ended_jobs();
    let families = ["tastemaker_jobs", "tastemaker_jobs_ended_total"];
    let known: BTreeSet<&str> =
        families.iter().flat_map(|family| metrics.of(family)).map(|sample| sample.label("kind")).collect();
    let states = ["waiting", "running"].map(|state| ("tastemaker_jobs", "state", state));
    let outcomes =
        ["completed", "failed", "retried", "stopped"].map(|end| ("tastemaker_jobs_ended_total", "outcome", end));
    let heads = [
        "operate-waiting-jobs",
        "operate-running-jobs",
        "operate-completed",
        "operate-failed",
        "operate-retried",
        "operate-stopped",
        "operate-median",
        "operate-longest",
    ];
    html! {
        h2 { (cx.text("operate-kinds")) }
        p.hint { (cx.text_with("operate-kinds-help", &[("count", RUNS_MAX.into())])) }
        div.scroll tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { (cx.text("operate-kind")) }
                        @for key in heads { th.number scope="col" { (cx.text(key)) } }
                    }
                }
                tbody {
                    @for kind in known {
                        @let mut times: Vec<u64> = runs.iter().filter(|run| run.kind == kind).take(RUNS_MAX).map(|run| run.took_ms).collect();
                        @let () = times.sort_unstable();
                        tr {
                            th scope="row" { code { (kind) } }
                            @for (family, label, value) in states.iter().chain(&outcomes) { td.number { (number(family, kind, label, value)) } }
                            td.number { (took(cx, times.get(times.len() / 2))) }
                            td.number { (took(cx, times.last())) }
                        }
                    }
                }
            }
        }
    }
}

fn took(cx: &Cx, span_ms: Option<&u64>) -> String {
    span_ms.map_or_else(|| "–".to_owned(), |span| format::short_seconds(cx.language, *span))
}

fn ended(cx: &Cx) -> Markup {
    let runs = cx.console.ports.watch.ended_jobs();
    let outcome = |run: &EndedJob| match run.outcome.as_str() {
        "completed" => cx.text("operate-completed"),
        "failed" => cx.text("operate-failed"),
        "retried" => cx.text("operate-retried"),
        _ => cx.text("operate-stopped"),
    };
    html! {
        @if runs.is_empty() {
            p.hint { (cx.text("operate-ended-none")) }
        } @else {
            div.scroll tabindex="0" {
                table {
                    thead {
                        tr {
                            th scope="col" { (cx.text("operate-kind")) }
                            th scope="col" { (cx.text("operate-resource")) }
                            th scope="col" { (cx.text("operate-outcome")) }
                            th.number scope="col" { (cx.text("operate-took")) }
                            th scope="col" { (cx.text("operate-last")) }
                        }
                    }
                    tbody {
                        @for run in runs.iter().take(LISTED_MAX) {
                            tr {
                                th scope="row" { code { (run.kind) } }
                                td title=(run.resource_arn) { (format::shortened(last_segment(&run.resource_arn), 40)) }
                                td { (outcome(run)) }
                                td.number { (took(cx, Some(&run.took_ms))) }
                                td { (format::time(run.ended_ms as f64 / 1e3)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
