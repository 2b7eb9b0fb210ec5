//! The page Evaluate: solution versions side by side with the popularity baseline: metrics with intervals and verdicts, the settings
//! that differ, quality by length of history, and the parts of ensembles.

mod downloads;
mod history;
mod metrics;
mod parts;
mod query;
mod settings;
mod shown;

use crate::cx::Cx;
use crate::evaluation::{Column, VERSIONS_MAX, settings_of};
use crate::examples;
use crate::format;
use crate::layout::{StateKind, status};
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::pages::form::{Choice, FieldErrors, Sent};
use crate::pages::resources::{self, dataset_group, recipe_name, solution_of, solutions, version_label, versions};
use crate::state::ConsoleState;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use maud::{Markup, html};
use query::VersionQuery;
use shown::{Asked, Shown};
use std::collections::BTreeMap;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    GetSolutionMetricsRequest, GetSolutionMetricsResponse, SolutionSummary, SolutionVersionSummary,
};

/// Versions offered on one page of the list to pick from.
const OFFERED_MAX: usize = 50;
/// The same below a comparison.
const OFFERED_BELOW_MAX: usize = 15;

/// The routes of the page.
pub fn routes() -> Router<ConsoleState> {
    Router::new().route("/g/{group}/evaluate", get(show)).route("/g/{group}/evaluate/{file}", get(download))
}

async fn show(
    cx: Cx,
    Path(group): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    let group_arn = dataset_group(&cx, &group).await?.dataset_group_arn.unwrap_or_default();
    let asked = Asked::of(&Sent::new(pairs), &cx.arn("solution", ""));
    let solutions = solutions(&cx, &group_arn).await?;
    let offered = offered(&cx, &solutions).await?;
    let fitting = fitting(&cx, &offered, &VersionQuery::parse(&asked.query), asked.state.as_deref()).await?;
    let shown = compared(&cx, group, asked, &group_arn).await;
    let status = if shown.refusals.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let body = view(&cx, &shown, &offered, &fitting);
    let page = Page::new(Menu::Evaluate, cx.text("menu-evaluate"), body).group(shown.group.clone()).status(status);
    Ok(page.examples(examples::of_page(&cx)))
}

/// Answers `GET /g/{group}/evaluate/comparison.csv` and the other files of a comparison.
async fn download(
    cx: Cx,
    Path((group, file)): Path<(String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let group_arn = dataset_group(&cx, &group).await?.dataset_group_arn.unwrap_or_default();
    let asked = Asked::of(&Sent::new(pairs), &cx.arn("solution", ""));
    let shown = compared(&cx, group, asked, &group_arn).await;
    match shown.refusals.first() {
        Some(refusal) => Err(PageError::BadInput(refusal.clone())),
        None => downloads::file(&file, &shown),
    }
}

/// The versions side by side, as far as they can be.
async fn compared(cx: &Cx, group: String, asked: Asked, group_arn: &str) -> Shown {
    let (columns, refusals) = columns(cx, &asked, group_arn).await;
    let base = base_of(&columns, asked.base.as_deref());
    Shown { group, asked, columns, base, refusals }
}

/// The base that is asked for; else the popularity baseline for one version and the first one for several.
fn base_of(columns: &[Column], asked: Option<&str>) -> usize {
    let versions = columns.iter().filter(|column| !column.is_popularity()).count();
    let otherwise = if versions == 1 { columns.len().saturating_sub(1) } else { 0 };
    columns.iter().position(|column| Some(column.id.as_str()) == asked).unwrap_or(otherwise)
}

/// A version on the list to pick from. Only an ACTIVE one can be chosen.
pub(super) struct Offer {
    pub arn: String,
    pub recipe: String,
    pub state: String,
    pub made: Option<f64>,
}

/// The state of versions that can be compared.
const ACTIVE: &str = "ACTIVE";

async fn offered(cx: &Cx, solutions: &[SolutionSummary]) -> Result<Vec<Offer>, PageError> {
    let recipes: BTreeMap<&str, &str> = solutions
        .iter()
        .filter_map(|solution| Some((solution.solution_arn.as_deref()?, recipe_name(solution.recipe_arn.as_deref()))))
        .collect();
    let offer = |version: SolutionVersionSummary| {
        let arn = version.solution_version_arn?;
        let recipe = recipes.get(solution_of(&arn))?;
        Some(Offer { recipe: (*recipe).to_owned(), arn, state: version.status?, made: version.creation_date_time })
    };
    Ok(if solutions.is_empty() {
        Vec::new()
    } else {
        versions(cx, None).await?.into_iter().filter_map(offer).collect()
    })
}

/// The offered versions that a search finds. Metrics are read only where it has bounds of them.
async fn fitting<'a>(
    cx: &Cx,
    offered: &'a [Offer],
    query: &VersionQuery,
    state: Option<&str>,
) -> Result<Vec<&'a Offer>, PageError> {
    let mut found = Vec::new();
    for offer in offered.iter().filter(|offer| state.is_none_or(|state| StateKind::of(&offer.state).class == state)) {
        if !query.fits_text(&format!("{} {}", version_label(&offer.arn), offer.recipe)) {
            continue;
        }
        if query.needs_metrics() {
            if offer.state != ACTIVE {
                continue;
            }
            let input = GetSolutionMetricsRequest { solution_version_arn: offer.arn.clone() };
            let read: GetSolutionMetricsResponse = cx.call_unseen(Operation::GetSolutionMetrics, &input).await?;
            if !query.fits_metrics(&read.metrics) {
                continue;
            }
        }
        found.push(offer);
    }
    Ok(found)
}

/// The columns of the versions that can be shown, and why others cannot.
async fn columns(cx: &Cx, asked: &Asked, group_arn: &str) -> (Vec<Column>, Vec<String>) {
    let (mut columns, mut refusals) = (Vec::new(), Vec::new());
    if asked.versions.len() > VERSIONS_MAX {
        let values = [("max", VERSIONS_MAX.into()), ("count", asked.versions.len().into())];
        refusals.push(cx.text_with("evaluate-too-many", &values));
    }
    for arn in asked.versions.iter().take(VERSIONS_MAX) {
        match column(cx, arn, group_arn).await {
            Ok(column) => columns.push(column),
            Err(PageError::Api(error)) => refusals.push(error.message),
            Err(PageError::BadInput(text)) => refusals.push(text),
            Err(_) => refusals.push(cx.text_with("evaluate-absent", &[("version", arn.clone().into())])),
        }
    }
    let baseline = columns.iter().find_map(|column: &Column| column.popularity(&cx.text("popular-items")));
    columns.extend(baseline);
    (columns, refusals)
}

async fn column(cx: &Cx, arn: &str, group_arn: &str) -> Result<Column, PageError> {
    let version = resources::version(cx, arn).await?;
    if version.dataset_group_arn.as_deref() != Some(group_arn) {
        return Err(PageError::BadInput(
            cx.text_with("evaluate-other-group", &[("version", version_label(arn).into())]),
        ));
    }
    let metrics = resources::metrics(cx, arn).await?.metrics;
    let report = resources::report(cx, arn).await;
    let mut settings = settings_of("", &serde_json::to_value(&version.solution_config).unwrap_or_default());
    settings.insert(cx.text("train-recipe"), recipe_name(version.recipe_arn.as_deref()).to_owned());
    settings.extend(version.training_mode.map(|mode| (cx.text("solution-mode"), mode)));
    settings.extend(version.event_type.map(|event_type| (cx.text("train-event-type"), event_type)));
    if let Some(report) = &report {
        settings.extend(report.parameters.clone());
        settings.insert(cx.text("solution-users"), format::count(report.training_users));
    }
    Ok(Column {
        id: arn.to_owned(),
        label: version_label(arn),
        intervals: report.as_ref().map(|report| report.confidence_95.clone()).unwrap_or_default(),
        over_popularity: report.as_ref().map(|report| report.over_popularity_95.clone()).unwrap_or_default(),
        metrics,
        settings,
        report,
    })
}

fn view(cx: &Cx, shown: &Shown, offered: &[Offer], fitting: &[&Offer]) -> Markup {
    html! {
        @for refusal in &shown.refusals { div.error role="alert" { p { (refusal) } } }
        @if !shown.columns.is_empty() {
            (metrics::table(cx, shown))
            (settings::table(cx, shown))
            (history::picture(cx, shown))
            (parts::tables(cx, shown))
            (downloads::buttons(cx, shown))
        }
        (pick(cx, shown, offered, fitting))
    }
}

/// The list to pick from.
fn pick(cx: &Cx, shown: &Shown, offered: &[Offer], fitting: &[&Offer]) -> Markup {
    let offered_max = if shown.columns.is_empty() { OFFERED_MAX } else { OFFERED_BELOW_MAX };
    html! {
        h2 { (cx.text("evaluate-choose")) }
        @if offered.is_empty() {
            (empty(&cx.text("evaluate-empty"), Some((&cx.text("menu-train"), &cx.group_link(&shown.group, "/train")))))
        } @else {
            form method="get" action=(cx.group_link(&shown.group, "/evaluate")) {
                div.row.narrow {
                    div.field.search {
                        label for="evaluate-query" { (cx.text("evaluate-query")) }
                        input id="evaluate-query" name="q" type="search" value=(shown.asked.query) aria-describedby="evaluate-query-help";
                        small id="evaluate-query-help" { (cx.text("evaluate-query-help")) }
                    }
                    (states(cx, shown, offered))
                }
                p.actions {
                    button.primary type="submit" { (cx.text("evaluate-compare")) }
                    button type="submit" { (cx.text("evaluate-filter")) }
                }
                div.scroll tabindex="0" {
                    table {
                        thead { tr {
                            th scope="col" { (cx.text("solution-choose")) }
                            th scope="col" { (cx.text("solution-version")) }
                            th scope="col" { (cx.text("train-recipe")) }
                            th scope="col" { (cx.text("state")) }
                            th scope="col" { (cx.text("train-made")) }
                        } }
                        tbody {
                            @for offer in fitting.iter().take(offered_max) {
                                tr {
                                    td {
                                        input type="checkbox" name="v" value=(offer.arn) disabled[offer.state != ACTIVE] checked[shown.asked.versions.contains(&offer.arn)]
                                            aria-label=(cx.text_with("solution-choose-version", &[("version", version_label(&offer.arn).into())]));
                                    }
                                    th scope="row" { (format::shortened(&version_label(&offer.arn), 60)) }
                                    td { code { (offer.recipe) } }
                                    td { (status(cx, &offer.state)) }
                                    td { @if let Some(made) = offer.made { (format::time(made)) } }
                                }
                            }
                        }
                    }
                }
                @if fitting.len() > offered_max {
                    p.hint { (cx.text_with("evaluate-more", &[("shown", offered_max.into()), ("all", fitting.len().into())])) }
                }
            }
        }
    }
}

/// The kinds of states that versions are in, to choose one of.
fn states(cx: &Cx, shown: &Shown, offered: &[Offer]) -> Markup {
    let mut kinds: Vec<StateKind> = offered.iter().map(|offer| StateKind::of(&offer.state)).collect();
    kinds.sort_unstable_by_key(|kind| kind.class);
    kinds.dedup();
    let every = std::iter::once((String::new(), cx.text("evaluate-every-state")));
    let options: Vec<(String, String)> =
        every.chain(kinds.into_iter().map(|kind| (kind.class.to_owned(), cx.text(kind.text)))).collect();
    let value = shown.asked.state.as_deref().unwrap_or_default();
    Choice { name: "state", label: &cx.text("state"), help: "", options: &options, value }
        .markup(&FieldErrors::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::POPULARITY;

    fn column(id: &str) -> Column {
        Column { id: id.to_owned(), ..Column::default() }
    }

    #[test]
    fn one_version_is_compared_with_what_is_popular_and_several_with_the_first() {
        let one = [column("a"), column(POPULARITY)];
        let two = [column("a"), column("b"), column(POPULARITY)];
        assert_eq!((base_of(&one, None), base_of(&two, None), base_of(&[column("a")], None)), (1, 0, 0));
        assert_eq!((base_of(&two, Some("b")), base_of(&two, Some(POPULARITY)), base_of(&two, Some("gone"))), (1, 2, 0));
        assert_eq!(base_of(&[], None), 0);
    }

    #[test]
    fn the_address_says_each_version_once() {
        let pairs = [("v", "a/1,arn:solution/a/1"), ("v", "a/1"), ("v", "b/2"), ("base", "b/2"), ("all", "1")];
        let sent = Sent::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        let asked = Asked::of(&sent, "arn:solution/");
        let expected = ["arn:solution/a/1".to_owned(), "arn:solution/b/2".to_owned()];
        assert_eq!((asked.versions.as_slice(), asked.base.as_deref()), (&expected[..], Some("arn:solution/b/2")));
        assert!(asked.all && !asked.transposed);
    }
}
