//! A solution: its settings, its versions with their quality, and the button that trains another.

use crate::cx::{Cx, segment};
use crate::evaluation::settings_of;
use crate::examples;
use crate::format;
use crate::layout::status;
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::pages::form::Sent;
use crate::pages::resources::{in_progress, last_segment, metrics, recipe_name, report, solution, version, versions};
use crate::ports::ApiError;
use crate::report::NDCG_AT_25;
use crate::topic::{Part, Subject};
use axum::extract::{Form, Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::StatusCode;
use maud::{Markup, html};
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::Ability;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{CreateSolutionVersionRequest, CreateSolutionVersionResponse, Solution};

/// Versions on one page of the list.
const ROWS_MAX: usize = 50;

/// A row of the table of versions.
pub(super) struct VersionRow {
    pub arn: String,
    pub status: String,
    pub mode: String,
    pub made: Option<f64>,
    pub took_s: Option<f64>,
    pub ndcg: Option<f64>,
    pub over_popularity: Option<f64>,
    pub training_users: Option<u64>,
}

pub(super) async fn show(
    cx: Cx,
    Path((group, name)): Path<(String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    let from = Sent::new(pairs).get("from").and_then(|text| text.parse().ok()).unwrap_or(0);
    page_from(&cx, &group, &name, from, None).await
}

/// The page with the newest versions and the refusal of what was just tried.
pub(super) async fn page(cx: &Cx, group: &str, name: &str, refusal: Option<&ApiError>) -> Result<Page, PageError> {
    page_from(cx, group, name, 0, refusal).await
}

/// The page with the versions from a place in the list on.
async fn page_from(
    cx: &Cx,
    group: &str,
    name: &str,
    from: usize,
    refusal: Option<&ApiError>,
) -> Result<Page, PageError> {
    let solution = solution(cx, &cx.arn("solution", name)).await?;
    let arn = solution.solution_arn.clone().unwrap_or_default();
    let (rows, all) = rows(cx, &arn, from).await?;
    let body = html! {
        (view(cx, group, &solution, &rows, refusal))
        (neighbors(cx, &cx.group_link(group, &format!("/train/{}", segment(name))), from, all))
        h2 { (cx.text("train-settings")) }
        (settings(cx, &solution))
    };
    let page = Page::new(Menu::Train, name, body)
        .group(group)
        .state(solution.status.clone().unwrap_or_default())
        .arn(arn)
        .changed(solution.last_updated_date_time.unwrap_or(0.0))
        .examples(examples::of_page(cx));
    let page = if from == 0 && rows.iter().any(|row| in_progress(Some(&row.status))) {
        page.live(format!("solution:{name}"))
    } else {
        page
    };
    Ok(match refusal {
        Some(error) => page.status(StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST)),
        None => page,
    })
}

/// The topic of the versions of one solution, by its name.
pub(crate) fn live<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let (Some(name), Some(group)) = (subject.argument, subject.group) else { return Vec::new() };
        let Ok((rows, _)) = rows(cx, &cx.arn("solution", name), 0).await else { return Vec::new() };
        vec![Part { id: "versions", content: table(cx, group, name, &rows) }]
    }
    .boxed()
}

/// The versions from a place in the list on, newest first, as many as a page has, and how many there are.
async fn rows(cx: &Cx, solution_arn: &str, from: usize) -> Result<(Vec<VersionRow>, usize), PageError> {
    let mut rows = Vec::new();
    let all = versions(cx, Some(solution_arn)).await?;
    let count = all.len();
    for summary in all.into_iter().skip(from).take(ROWS_MAX) {
        let arn = summary.solution_version_arn.unwrap_or_default();
        let status = summary.status.unwrap_or_default();
        let known = if status == "ACTIVE" { Some(metrics(cx, &arn).await?.metrics) } else { None };
        let report = if known.is_some() { report(cx, &arn).await } else { None };
        let ndcg = known.and_then(|metrics| metrics.get(NDCG_AT_25).copied());
        let baseline = report.as_ref().and_then(|report| report.popularity_baseline.get(NDCG_AT_25).copied());
        let took = summary.last_updated_date_time.zip(summary.creation_date_time).map(|(end, start)| end - start);
        rows.push(VersionRow {
            took_s: took.filter(|_| !in_progress(Some(&status))),
            arn,
            status,
            mode: summary.training_mode.unwrap_or_default(),
            made: summary.creation_date_time,
            ndcg,
            over_popularity: ndcg.zip(baseline).map(|(ndcg, baseline)| ndcg - baseline),
            training_users: report.map(|report| report.training_users),
        });
    }
    Ok((rows, count))
}

/// The part of the list that is shown, and links to those before and after it; nothing for a list of one page.
fn neighbors(cx: &Cx, path: &str, from: usize, all: usize) -> Markup {
    let to = (from + ROWS_MAX).min(all);
    let values = [("from", (from + 1).into()), ("to", to.into()), ("all", all.into())];
    html! {
        @if all > ROWS_MAX {
            p.actions {
                (cx.text_with("solution-part", &values))
                @if from > 0 { a href=(format!("{path}?from={}", from.saturating_sub(ROWS_MAX))) { (cx.text("solution-newer")) } }
                @if to < all { a href=(format!("{path}?from={to}")) { (cx.text("solution-older")) } }
            }
        }
    }
}

fn view(cx: &Cx, group: &str, solution: &Solution, rows: &[VersionRow], refusal: Option<&ApiError>) -> Markup {
    let name = solution.name.as_deref().unwrap_or_default();
    html! {
        @if let Some(error) = refusal {
            div.error role="alert" { p lang="en" { strong { (error.name) } ": " (error.message) } }
        }
        (train_again(cx, group, solution))
        h2 { (cx.text("train-versions")) }
        @if rows.is_empty() {
            (empty(&cx.text("solution-no-versions"), None))
        } @else {
            form method="get" action=(cx.group_link(group, "/evaluate")) {
                div id="versions" { (table(cx, group, name, rows)) }
                p.actions { button.primary type="submit" { (cx.text("solution-compare")) } }
            }
        }
    }
}

fn train_again(cx: &Cx, group: &str, solution: &Solution) -> Markup {
    let name = solution.name.as_deref().unwrap_or_default();
    let descriptor = solution.recipe_arn.as_deref().and_then(catalog::by_arn);
    let updates = descriptor.is_some_and(|recipe| recipe.can(Ability::UpdateTraining));
    html! {
        @if cx.may_edit() {
            form.actions method="post" action=(cx.group_link(group, &format!("/train/{}/train", segment(name)))) {
                button.primary type="submit" name="mode" value="FULL" { (cx.text("solution-train-full")) }
                @if updates {
                    button type="submit" name="mode" value="UPDATE" title=(cx.text("solution-train-update-help")) {
                        (cx.text("solution-train-update"))
                    }
                }
            }
        }
    }
}

fn table(cx: &Cx, group: &str, solution: &str, rows: &[VersionRow]) -> Markup {
    html! {
        div.scroll tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { (cx.text("solution-choose")) }
                    th scope="col" { (cx.text("solution-version")) }
                    th scope="col" { (cx.text("state")) }
                    th scope="col" { (cx.text("solution-mode")) }
                    th scope="col" { (cx.text("train-made")) }
                    th.number scope="col" { (cx.text("solution-took")) }
                    th.number scope="col" { (cx.text("solution-users")) }
                    th.number scope="col" { "NDCG@25" }
                    th.number scope="col" { (cx.text("solution-over-popularity")) }
                } }
                tbody {
                    @for row in rows {
                        @let id = last_segment(&row.arn);
                        tr {
                            td {
                                @if row.status == "ACTIVE" {
                                    input type="checkbox" name="v" value=(row.arn)
                                        aria-label=(cx.text_with("solution-choose-version", &[("version", id.into())]));
                                }
                            }
                            th scope="row" {
                                a href=(cx.group_link(group, &format!("/train/{}/{}", segment(solution), segment(id)))) {
                                    (format::shortened(id, 24))
                                }
                            }
                            td { (status(cx, &row.status)) }
                            td { (row.mode) }
                            td { @if let Some(made) = row.made { (format::time(made)) } }
                            td.number { @if let Some(took) = row.took_s { (format::seconds(cx.language, took.max(0.0) as u64)) } @else { "–" } }
                            td.number { @if let Some(users) = row.training_users { (format::count(users)) } @else { "–" } }
                            td.number { @if let Some(ndcg) = row.ndcg { (format!("{ndcg:.4}")) } @else { "–" } }
                            td.number { @if let Some(over) = row.over_popularity { (format!("{over:+.4}")) } @else { "–" } }
                        }
                    }
                }
            }
        }
    }
}

/// The settings that the customer chose; all others are the recipe's defaults.
fn settings(cx: &Cx, solution: &Solution) -> Markup {
    let mut rows = vec![(cx.text("train-recipe"), recipe_name(solution.recipe_arn.as_deref()).to_owned())];
    let flags = [
        (cx.text("create-search-on"), solution.perform_hpo),
        (cx.text("create-automatic"), solution.perform_auto_training),
        (cx.text("create-incremental"), solution.perform_incremental_update),
    ];
    rows.extend(flags.into_iter().filter_map(|(name, flag)| Some((name, flag?.to_string()))));
    if let Some(event_type) = &solution.event_type {
        rows.push((cx.text("train-event-type"), event_type.clone()));
    }
    let config = serde_json::to_value(&solution.solution_config).unwrap_or_default();
    rows.extend(settings_of("", &config));
    html! {
        div.scroll tabindex="0" {
            table {
                tbody { @for (name, value) in &rows { tr { th scope="row" { (name) } td { code { (value) } } } } }
            }
        }
        p.hint { (cx.text("solution-defaults")) }
    }
}

pub(super) async fn train(
    cx: Cx,
    Path((group, name)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = Sent::new(pairs);
    let input = CreateSolutionVersionRequest {
        solution_arn: cx.arn("solution", &name),
        training_mode: sent.get("mode").map(str::to_owned),
        ..CreateSolutionVersionRequest::default()
    };
    let made: Result<CreateSolutionVersionResponse, ApiError> = cx.call(Operation::CreateSolutionVersion, &input).await;
    match made {
        Ok(output) => Ok(to_version(&cx, &group, &output).into_response()),
        Err(error) => Ok(page(&cx, &group, &name, Some(&error)).await?.into_response()),
    }
}

/// To the page of a version that was just begun.
pub(super) fn to_version(cx: &Cx, group: &str, output: &CreateSolutionVersionResponse) -> Redirect {
    let arn = output.solution_version_arn.as_deref().unwrap_or_default();
    let solution = last_segment(crate::pages::resources::solution_of(arn));
    Redirect::to(&cx.group_link(group, &format!("/train/{}/{}", segment(solution), segment(last_segment(arn)))))
}

/// The duration of the last training with a recipe, without a search, among the newest versions of all solutions.
pub(super) async fn last_duration_s(cx: &Cx, recipe_arn: &str) -> Option<f64> {
    for summary in
        versions(cx, None).await.ok()?.iter().filter(|v| v.status.as_deref() == Some("ACTIVE")).take(ROWS_MAX)
    {
        let arn = summary.solution_version_arn.as_deref()?;
        let described = version(cx, arn).await.ok()?;
        let searched = described.perform_hpo == Some(true);
        if described.recipe_arn.as_deref() == Some(recipe_arn) && !searched {
            return Some(summary.last_updated_date_time? - summary.creation_date_time?);
        }
    }
    None
}
