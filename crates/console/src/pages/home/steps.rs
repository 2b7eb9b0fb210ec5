//! The five steps of a dataset group: Data, Train, Evaluate, Deploy, Try, each with its state, a number and the next button.

use crate::cx::{Cx, segment};
use crate::format;
use crate::layout::status;
use crate::page::PageError;
use crate::pages::campaigns::campaigns_of;
use crate::pages::resources::{dataset_group, metrics, report, solution_of, solutions, version_label, versions};
use crate::report::{NDCG_AT_25, Report};
use maud::{Markup, html};
use std::collections::HashSet;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{ListDatasetsRequest, ListDatasetsResponse, SolutionVersionSummary};

/// The state of the steps.
#[derive(Debug, Clone, Default)]
pub(super) struct Steps {
    datasets: usize,
    rows: u64,
    solutions: usize,
    newest: Option<SolutionVersionSummary>,
    active_version: Option<String>,
    ndcg: Option<f64>,
    popularity: Option<f64>,
    beats: Option<bool>,
    campaigns: usize,
    campaign: Option<String>,
    user: Option<String>,
}

pub(super) async fn of_group(cx: &Cx, group: &str) -> Result<Steps, PageError> {
    let group_arn = dataset_group(cx, group).await?.dataset_group_arn.unwrap_or_default();
    let input = ListDatasetsRequest { dataset_group_arn: Some(group_arn.clone()), ..ListDatasetsRequest::default() };
    let datasets: ListDatasetsResponse = cx.call_unseen(Operation::ListDatasets, &input).await?;
    let mut steps = Steps { datasets: datasets.datasets.len(), ..Steps::default() };
    for arn in datasets.datasets.iter().filter_map(|dataset| dataset.dataset_arn.as_deref()) {
        steps.rows += cx.console.ports.datasets.statistics(arn).await.map_or(0, |statistics| statistics.rows);
    }
    let solutions: HashSet<String> =
        solutions(cx, &group_arn).await?.into_iter().filter_map(|solution| solution.solution_arn).collect();
    steps.solutions = solutions.len();
    if solutions.is_empty() {
        return Ok(steps);
    }
    let of_group = |version: &SolutionVersionSummary| {
        version.solution_version_arn.as_deref().is_some_and(|arn| solutions.contains(solution_of(arn)))
    };
    let versions: Vec<SolutionVersionSummary> = versions(cx, None).await?.into_iter().filter(of_group).collect();
    let active = versions.iter().find(|version| version.status.as_deref() == Some("ACTIVE"));
    steps.active_version = active.and_then(|version| version.solution_version_arn.clone());
    steps.newest = versions.first().cloned();
    if let Some(arn) = &steps.active_version {
        steps.ndcg = metrics(cx, arn).await?.metrics.get(NDCG_AT_25).copied();
        let report = report(cx, arn).await;
        steps.popularity = report.as_ref().and_then(|report| report.popularity_baseline.get(NDCG_AT_25).copied());
        steps.beats = report.as_ref().and_then(Report::beats_popularity);
    }
    let campaigns = campaigns_of(cx, &group_arn).await?;
    let active: Vec<_> =
        campaigns.into_iter().filter(|campaign| campaign.status.as_deref() == Some("ACTIVE")).collect();
    steps.campaigns = active.len();
    steps.campaign = active.into_iter().next().and_then(|campaign| campaign.campaign_arn);
    steps.user = steps.campaign.as_deref().and_then(|arn| cx.console.ports.histories.users(arn).median);
    Ok(steps)
}

pub(super) fn cards(cx: &Cx, group: &str, steps: &Steps) -> Markup {
    html! {
        ol.steps {
            (data(cx, group, steps))
            (train(cx, group, steps))
            (evaluate(cx, group, steps))
            (deploy(cx, group, steps))
            (try_it(cx, group, steps))
        }
    }
}

/// A card. Without a button it says what has to come before.
fn card(cx: &Cx, title: &str, done: bool, body: Markup, next: Result<(String, String), String>) -> Markup {
    html! {
        li.card {
            h3 { (cx.text(title)) " " span class=(if done { "state active" } else { "state absent" }) aria-hidden="true" { (if done { "●" } else { "○" }) } }
            (body)
            @match next {
                Ok((text, href)) => { p { a.button href=(href) { (text) } } }
                Err(missing) => { p.quiet { (missing) } }
            }
        }
    }
}

fn data(cx: &Cx, group: &str, steps: &Steps) -> Markup {
    let body = html! {
        p { (cx.text_with("home-datasets", &[("count", steps.datasets.into())])) }
        @if steps.rows > 0 { p { strong { (cx.text_with("home-rows", &[("rows", format::counted(steps.rows))])) } } }
    };
    let (key, path) = if steps.datasets == 0 { ("home-add-data", "/data/add") } else { ("home-see-data", "/data") };
    card(cx, "menu-data", steps.datasets > 0, body, Ok((cx.text(key), cx.group_link(group, path))))
}

fn train(cx: &Cx, group: &str, steps: &Steps) -> Markup {
    let body = html! {
        @if let Some(newest) = &steps.newest {
            p { (version_label(newest.solution_version_arn.as_deref().unwrap_or_default())) }
            p { (status(cx, newest.status.as_deref().unwrap_or_default())) }
        } @else {
            p { (cx.text("train-none-yet")) }
        }
    };
    let next = if steps.datasets == 0 {
        Err(cx.text("home-needs-data"))
    } else if steps.solutions == 0 {
        Ok((cx.text("train-create"), cx.group_link(group, "/new-solution")))
    } else {
        Ok((cx.text("home-see-training"), cx.group_link(group, "/train")))
    };
    card(cx, "menu-train", steps.active_version.is_some(), body, next)
}

fn evaluate(cx: &Cx, group: &str, steps: &Steps) -> Markup {
    let body = html! {
        @if let Some(ndcg) = steps.ndcg {
            p { "NDCG@25 " strong { (format!("{ndcg:.4}")) } }
            @if let Some(popularity) = steps.popularity { p.quiet { (cx.text("popular-items")) " " (format!("{popularity:.4}")) } }
            @if let Some(beats) = steps.beats {
                p class=(if beats { "verdict verdict-more" } else { "verdict verdict-noise" }) {
                    (if beats { cx.text("home-beats") } else { cx.text("home-beats-not") })
                }
            }
        }
    };
    let next = match &steps.active_version {
        Some(arn) => Ok((cx.text("version-evaluate"), cx.group_link(group, &format!("/evaluate?v={}", segment(arn))))),
        None => Err(cx.text("home-needs-version")),
    };
    card(cx, "menu-evaluate", steps.ndcg.is_some(), body, next)
}

fn deploy(cx: &Cx, group: &str, steps: &Steps) -> Markup {
    let body = html! { p { (cx.text_with("home-campaigns", &[("count", steps.campaigns.into())])) } };
    let next = match &steps.active_version {
        None => Err(cx.text("home-needs-version")),
        Some(arn) if steps.campaigns == 0 => {
            Ok((cx.text("version-deploy"), cx.group_link(group, &format!("/new-campaign?version={}", segment(arn)))))
        }
        Some(_) => Ok((cx.text("home-see-campaigns"), cx.group_link(group, "/deploy"))),
    };
    card(cx, "menu-deploy", steps.campaigns > 0, body, next)
}

fn try_it(cx: &Cx, group: &str, steps: &Steps) -> Markup {
    let body = html! {
        @if let Some(user) = &steps.user { p { (cx.text_with("home-user", &[("user", format::shortened(user, 32).into())])) } }
    };
    let next = match &steps.campaign {
        None => Err(cx.text("home-needs-campaign")),
        Some(arn) => {
            let user = steps.user.as_ref().map(|user| format!("&user={}", segment(user))).unwrap_or_default();
            Ok((cx.text("version-try"), cx.group_link(group, &format!("/try?c={}{user}", segment(arn)))))
        }
    };
    card(cx, "menu-try", steps.campaign.is_some(), body, next)
}
