//! What a training used and how it went: seed, memory, bytes of the model, the time of each stage, and its log lines.

use crate::cx::Cx;
use crate::format;
use maud::{Markup, html};
use tastemaker_domain::training_record::{TrainingRecord, TrainingStage};

/// Stages below this share of the whole are shown with the others only.
const TENTHS: f64 = 10.0;

/// The facts of a training, as rows of a table of settings.
pub(super) fn facts(cx: &Cx, record: Option<&TrainingRecord>) -> Vec<(String, String)> {
    let Some(record) = record else { return Vec::new() };
    let mut facts = vec![
        (cx.text("version-seed"), record.seed.to_string()),
        (cx.text("version-threads"), record.threads.to_string()),
    ];
    facts.extend(record.peak_memory_bytes.map(|bytes| (cx.text("version-memory"), format::bytes(bytes))));
    facts.extend(record.artifact_bytes.map(|bytes| (cx.text("version-artifact"), format::bytes(bytes))));
    if record.attempts > 1 {
        facts.push((cx.text("version-attempts"), record.attempts.to_string()));
    }
    facts
}

/// The stages and the log.
pub(super) fn section(cx: &Cx, record: Option<&TrainingRecord>) -> Markup {
    let Some(record) = record else { return html! {} };
    html! {
        @if !record.stages.is_empty() { (stages(cx, &record.stages)) }
        @if !record.lines.is_empty() { (log(cx, record)) }
    }
}

fn stages(cx: &Cx, stages: &[TrainingStage]) -> Markup {
    let all: u64 = stages.iter().map(|stage| stage.took_ms).sum();
    let share = |took_ms: u64| if all == 0 { 0.0 } else { took_ms as f64 / all as f64 };
    html! {
        h2 { (cx.text("version-stages")) }
        p.hint { (cx.text("version-stages-help")) }
        div.scroll tabindex="0" {
            table id="stages" {
                thead { tr {
                    th scope="col" { (cx.text("version-stage")) }
                    th.number scope="col" { (cx.text("solution-took")) }
                    th scope="col" { (cx.text("version-stage-share")) }
                } }
                tbody {
                    @for stage in stages {
                        tr {
                            th scope="row" { code { (stage.name) } }
                            td.number { (took(cx, stage.took_ms)) }
                            td { (bar(share(stage.took_ms))) }
                        }
                    }
                }
            }
        }
    }
}

/// The time of a stage, with a decimal below ten seconds.
fn took(cx: &Cx, took_ms: u64) -> String {
    if took_ms < 10_000 {
        format::short_seconds(cx.language, took_ms)
    } else {
        format::seconds(cx.language, took_ms / 1_000)
    }
}

/// A share as a bar with its number.
fn bar(share: f64) -> Markup {
    let tenths = (share * 1_000.0).round() / TENTHS;
    html! {
        span.share {
            svg.score-bar viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                rect.progress-track x="0" y="0" width="100" height="8" {}
                rect.progress-done x="0" y="0" width=(format!("{tenths:.1}")) height="8" {}
            }
            span.number { (format!("{tenths:.1} %")) }
        }
    }
}

fn log(cx: &Cx, record: &TrainingRecord) -> Markup {
    html! {
        details.log {
            summary { (cx.text_with("version-log", &[("count", record.lines.len().into())])) }
            @if record.lines_left_out > 0 {
                p.hint { (cx.text_with("version-log-left-out", &[("count", format::counted(record.lines_left_out))])) }
            }
            div.scroll tabindex="0" {
                table {
                    tbody {
                        @for line in &record.lines {
                            tr { td { (format::time(line.at_ms as f64 / 1e3)) } td { code { (line.text) } } }
                        }
                    }
                }
            }
        }
    }
}
