//! A solution version: live while it trains, with Stop; afterwards its quality, the settings it was trained with and its notes.

use super::curves::curves;
use super::record;
use crate::cx::{Cx, segment};
use crate::evaluation::settings_of;
use crate::examples;
use crate::format;
use crate::layout::status;
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::pages::progress::{self, job};
use crate::pages::resources::{in_progress, metrics, report, version};
use crate::ports::RunningJob;
use crate::report::{Epoch, NDCG_AT_25, Report, Trial};
use crate::topic::{Part, Subject};
use axum::extract::Path;
use axum::response::Redirect;
use futures::FutureExt;
use futures::future::BoxFuture;
use maud::{Markup, html};
use std::collections::BTreeMap;
use tastemaker_domain::training_record::TrainingRecord;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{SolutionVersion, StopSolutionVersionCreationRequest};

/// A version with what is known of it.
pub(super) struct Shown {
    pub group: String,
    pub solution: String,
    pub id: String,
    pub version: SolutionVersion,
    pub metrics: BTreeMap<String, f64>,
    pub report: Option<Report>,
    /// The trials of its search for hyperparameters that have ended.
    pub trials: Vec<Trial>,
    /// The record of its training.
    pub record: Option<TrainingRecord>,
    pub job: Option<RunningJob>,
}

/// Reads a version with everything that its page shows.
async fn read(cx: &Cx, group: String, solution: String, id: String) -> Result<Shown, PageError> {
    let arn = cx.arn("solution", &format!("{solution}/{id}"));
    let version = version(cx, &arn).await?;
    let active = version.status.as_deref() == Some("ACTIVE");
    let searches = version.perform_hpo == Some(true);
    Ok(Shown {
        trials: if searches { cx.console.ports.reports.trials(&arn).await } else { Vec::new() },
        record: cx.console.ports.reports.training(&arn).await,
        metrics: if active { metrics(cx, &arn).await?.metrics } else { BTreeMap::new() },
        report: if active { report(cx, &arn).await } else { None },
        job: cx.console.ports.progress.now().into_iter().find(|job| job.resource_arn == arn),
        group,
        solution,
        id,
        version,
    })
}

pub(super) async fn show(
    cx: Cx,
    Path((group, solution, id)): Path<(String, String, String)>,
) -> Result<Page, PageError> {
    let shown = read(&cx, group, solution, id).await?;
    let body = html! { div id="version" { (view(&cx, &shown)) } };
    let page = Page::new(Menu::Train, format!("{} / {}", shown.solution, shown.id), body)
        .group(&shown.group)
        .state(shown.version.status.clone().unwrap_or_default())
        .arn(shown.version.solution_version_arn.clone().unwrap_or_default())
        .changed(shown.version.last_updated_date_time.unwrap_or(0.0))
        .examples(examples::of_page(&cx));
    let topic = format!("version:{}/{}", shown.solution, shown.id);
    Ok(if in_progress(shown.version.status.as_deref()) { page.live(topic) } else { page })
}

/// The topic of one version, `<solution>/<version>`.
pub(crate) fn live<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let names = subject.argument.and_then(|argument| argument.split_once('/'));
        let (Some((solution, id)), Some(group)) = (names, subject.group) else { return Vec::new() };
        let Ok(shown) = read(cx, group.to_owned(), solution.to_owned(), id.to_owned()).await else { return Vec::new() };
        vec![
            Part { id: "state", content: status(cx, shown.version.status.as_deref().unwrap_or_default()) },
            Part { id: "version", content: view(cx, &shown) },
        ]
    }
    .boxed()
}

pub(super) fn view(cx: &Cx, shown: &Shown) -> Markup {
    let version = &shown.version;
    html! {
        p { a href=(cx.group_link(&shown.group, &format!("/train/{}", segment(&shown.solution)))) { (cx.text("version-to-solution")) } }
        @if let Some(reason) = version.failure_reason.as_deref().filter(|reason| !reason.is_empty()) {
            div.error role="alert" { p lang="en" { (reason) } }
        }
        @if in_progress(version.status.as_deref()) { (training(cx, shown)) }
        @if version.status.as_deref() == Some("ACTIVE") { (quality(cx, shown)) }
        (trials(cx, shown))
        @if let Some(report) = &shown.report {
            (curves(cx, &report.training_curve))
            @if !report.notes.is_empty() {
                h2 { (cx.text("version-notes")) }
                ul {
                    @for note in &report.notes {
                        @let said = cx.said(note);
                        // A note that is no known sentence stays in English.
                        li lang=[(said == *note).then_some("en")] { (said) }
                    }
                }
            }
        }
        (settings(cx, shown))
        (record::section(cx, shown.record.as_ref()))
    }
}

/// The training while it runs. Its parts are exchanged by the live stream.
fn training(cx: &Cx, shown: &Shown) -> Markup {
    let here = cx.group_link(&shown.group, &format!("/train/{}/{}", segment(&shown.solution), segment(&shown.id)));
    html! {
        section.running {
            @if let Some(running) = &shown.job { (job(cx, running)) (curves(cx, &epochs(running))) } @else { p { (cx.text("version-waits")) } }
            @if cx.may_edit() { (progress::stop(cx, &here)) }
        }
    }
}

/// The epochs of a running training in the form of a report.
fn epochs(job: &RunningJob) -> Vec<Epoch> {
    job.epochs.iter().map(|&(epoch, loss, ndcg_at_10)| Epoch { epoch, loss, ndcg_at_10 }).collect()
}

fn quality(cx: &Cx, shown: &Shown) -> Markup {
    let arn = shown.version.solution_version_arn.as_deref().unwrap_or_default();
    let baseline = shown.report.as_ref().map(|report| &report.popularity_baseline);
    let interval = |key: &str| shown.report.as_ref().and_then(|report| report.confidence_95.get(key).copied());
    html! {
        p.actions {
            a.button href=(cx.group_link(&shown.group, &format!("/evaluate?v={}", segment(arn)))) { (cx.text("version-evaluate")) }
            a.button href=(cx.group_link(&shown.group, &format!("/new-campaign?version={}", segment(arn)))) { (cx.text("version-deploy")) }
            a.button href=(cx.group_link(&shown.group, "/try")) { (cx.text("version-try")) }
        }
        @if let Some(beats) = shown.report.as_ref().and_then(Report::beats_popularity) {
            p class=(if beats { "verdict verdict-more" } else { "verdict verdict-noise" }) {
                (if beats { cx.text("version-beats") } else { cx.text("version-beats-not") })
            }
        }
        h2 { (cx.text("version-quality-of")) }
        @if let Some(report) = &shown.report {
            p.hint { (cx.text_with("version-evaluated", &[
                ("test", format::count(report.test_users).into()), ("training", format::count(report.training_users).into()),
            ])) }
        }
        div.scroll tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { (cx.text("metric")) }
                    th.number scope="col" { (cx.text("value")) }
                    th.number scope="col" { (cx.text("interval-95")) }
                    th.number scope="col" { (cx.text("popular-items")) }
                } }
                tbody {
                    @for key in crate::evaluation::ordered(shown.metrics.keys()) {
                        tr class=[(key == NDCG_AT_25).then_some("chosen")] {
                            th scope="row" { (crate::evaluation::metric_name(key)) }
                            td.number { (format!("{:.4}", shown.metrics[key])) }
                            td.number { @if let Some([low, high]) = interval(key) { (format!("{low:.4}–{high:.4}")) } @else { "–" } }
                            td.number {
                                @if let Some(value) = baseline.and_then(|all| all.get(key)) { (format!("{value:.4}")) } @else { "–" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The trials of a search: those that have ended while it goes on, and all of them afterwards.
fn trials(cx: &Cx, shown: &Shown) -> Markup {
    let of_report = shown.report.as_ref().map(|report| &report.trials[..]).filter(|trials| !trials.is_empty());
    let trials = of_report.unwrap_or(&shown.trials);
    let names: Vec<&String> = trials.first().map(|trial| trial.parameters.keys().collect()).unwrap_or_default();
    let best = trials.iter().filter_map(|trial| trial.quality).fold(f64::NEG_INFINITY, f64::max);
    html! {
        @if !trials.is_empty() {
            h2 { (cx.text("version-trials")) }
            p.hint { (cx.text("version-trials-help")) }
            div.scroll tabindex="0" {
                table id="trials" {
                    thead { tr {
                        th.number scope="col" { (cx.text("version-trial")) }
                        @for name in &names { th.number scope="col" { code { (name) } } }
                        th.number scope="col" { (cx.text("version-trial-quality")) }
                        th scope="col" { (cx.text("version-trial-end")) }
                    } }
                    tbody {
                        @for trial in trials {
                            tr class=[(trial.quality == Some(best)).then_some("chosen")] {
                                th.number scope="row" { (trial.number + 1) }
                                @for name in &names { td.number { (trial.parameters.get(*name).map_or("–", |value| number(value))) } }
                                td.number {
                                    @if let Some(quality) = trial.quality {
                                        (format!("{quality:.4}")) @if quality == best { " ▲" }
                                    } @else { "–" }
                                }
                                td { (end_of(cx, trial)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A value in at most eight characters, as those of a search have many digits.
fn number(value: &str) -> &str {
    match value.split_once('.') {
        Some((_, digits)) if digits.bytes().all(|b| b.is_ascii_digit()) => value.get(..8).unwrap_or(value),
        _ => value,
    }
}

/// The end of a trial in words; a failure has its own.
fn end_of(cx: &Cx, trial: &Trial) -> String {
    match trial.end.as_str() {
        "judged" => cx.text("version-trial-judged"),
        "ended early" => cx.text("version-trial-stopped"),
        why => cx.said(why),
    }
}

/// The settings that the version was trained with.
fn settings(cx: &Cx, shown: &Shown) -> Markup {
    let version = &shown.version;
    let config = serde_json::to_value(&version.solution_config).unwrap_or_default();
    let mut rows: BTreeMap<String, String> = settings_of("", &config);
    if let Some(report) = &shown.report {
        rows.extend(report.parameters.clone());
    }
    let facts = [
        (
            cx.text("train-recipe"),
            version.recipe_arn.as_deref().map(|arn| crate::pages::resources::last_segment(arn).to_owned()),
        ),
        (cx.text("solution-mode"), version.training_mode.clone()),
        (cx.text("version-type"), version.training_type.clone()),
        (cx.text("train-event-type"), version.event_type.clone()),
        (
            cx.text("solution-took"),
            version
                .last_updated_date_time
                .zip(version.creation_date_time)
                .filter(|_| !in_progress(version.status.as_deref()))
                .map(|(end, start)| format::seconds(cx.language, (end - start).max(0.0) as u64)),
        ),
    ];
    let of_record = record::facts(cx, shown.record.as_ref());
    html! {
        h2 { (cx.text("train-settings")) }
        div.scroll tabindex="0" {
            table {
                tbody {
                    @for (name, value) in &facts { @if let Some(value) = value { tr { th scope="row" { (name) } td { (value) } } } }
                    @for (name, value) in &of_record { tr { th scope="row" { (name) } td { (value) } } }
                    @for (name, value) in &rows { tr { th scope="row" { code { (name) } } td { code { (value) } } } }
                }
            }
        }
    }
}

pub(super) async fn stop(
    cx: Cx,
    Path((group, solution, id)): Path<(String, String, String)>,
) -> Result<Redirect, PageError> {
    let input =
        StopSolutionVersionCreationRequest { solution_version_arn: cx.arn("solution", &format!("{solution}/{id}")) };
    let _: serde_json::Value = cx.call(Operation::StopSolutionVersionCreation, &input).await?;
    Ok(Redirect::to(&cx.group_link(&group, &format!("/train/{}/{}", segment(&solution), segment(&id)))))
}
