//! The page of search: resources by a part of their name or ARN, and a way to try an id as a user's.

use crate::cx::{Cx, segment};
use crate::layout::status;
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::ports::ApiError;
use crate::state::ConsoleState;
use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::html;
use serde::Deserialize;
use tastemaker_domain::arn::{resource_part, solution_of_version};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    DescribeCampaignRequest, DescribeCampaignResponse, DescribeSolutionRequest, DescribeSolutionResponse,
    ListCampaignsRequest, ListCampaignsResponse, ListDatasetGroupsRequest, ListDatasetGroupsResponse,
    ListFiltersRequest, ListFiltersResponse, ListRecommendersRequest, ListRecommendersResponse, ListSolutionsRequest,
    ListSolutionsResponse,
};

/// Hits that are shown.
const HITS_MAX: usize = 20;
/// Characters of a question.
const QUESTION_CHARACTERS_MAX: usize = 256;
/// Resources of a kind that one call lists, and calls for each kind.
const LISTED_MAX: i32 = 100;
const CALLS_MAX: usize = 10;

/// The route of the page.
pub fn routes() -> Router<ConsoleState> {
    Router::new().route("/search", get(show))
}

/// The form in the top bar.
#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    /// The dataset group of the page that was searched from.
    g: Option<String>,
}

/// A resource that was found.
struct Hit {
    kind: String,
    name: String,
    status: String,
    href: String,
}

/// Lists all resources of a kind, page by page.
macro_rules! listed {
    ($cx:expr, $operation:ident, $request:ident { $($other:ident),* }, $response:ident, $members:ident) => {{
        let mut all = Vec::new();
        let mut token = None;
        for _ in 0..CALLS_MAX {
            let request = $request { max_results: Some(LISTED_MAX), next_token: token, $($other: None),* };
            let listed: $response = $cx.call_unseen(Operation::$operation, &request).await?;
            all.extend(listed.$members);
            token = listed.next_token;
            if token.is_none() {
                break;
            }
        }
        all
    }};
}

async fn show(cx: Cx, Query(asked): Query<Asked>) -> Result<Page, PageError> {
    let question: String = asked.q.trim().chars().take(QUESTION_CHARACTERS_MAX).collect();
    let hits = if question.is_empty() { Vec::new() } else { hits(&cx, &question).await? };
    let user = asked.g.filter(|_| !question.is_empty() && !question.contains(':'));
    let body = html! {
        @if hits.is_empty() {
            (empty(&cx.text_with("search-nothing", &[("question", question.as_str().into())]), None))
        } @else {
            div.scroll tabindex="0" {
                table {
                    thead {
                        tr {
                            th scope="col" { (cx.text("search-name")) }
                            th scope="col" { (cx.text("search-kind")) }
                            th scope="col" { (cx.text("search-state")) }
                        }
                    }
                    tbody {
                        @for hit in &hits {
                            tr {
                                th scope="row" { a href=(hit.href) { (hit.name) } }
                                td { (hit.kind) }
                                td { (status(&cx, &hit.status)) }
                            }
                        }
                    }
                }
            }
        }
        @if let Some(group) = &user {
            p {
                a href=(cx.group_link(group, &format!("/users?id={}", segment(&question)))) { (cx.text_with("search-user", &[("user", question.as_str().into())])) }
                " · "
                a href=(cx.group_link(group, &format!("/items?id={}", segment(&question)))) { (cx.text_with("search-item", &[("item", question.as_str().into())])) }
            }
            p {
                a href=(format!("{}?user={}", cx.group_link(group, "/try"), segment(&question))) {
                    (cx.text_with("search-try", &[("user", question.as_str().into())]))
                }
            }
        }
    };
    let page = Page::new(Menu::Home, cx.text_with("search-title", &[("question", question.as_str().into())]), body);
    Ok(match user {
        Some(group) => page.group(group),
        None => page,
    })
}

async fn hits(cx: &Cx, question: &str) -> Result<Vec<Hit>, ApiError> {
    let wanted = question.to_lowercase();
    let fits = |name: &str, arn: &str| name.to_lowercase().contains(&wanted) || arn.to_lowercase().contains(&wanted);
    let mut hits = Vec::new();
    for group in listed!(cx, ListDatasetGroups, ListDatasetGroupsRequest {}, ListDatasetGroupsResponse, dataset_groups)
    {
        let (name, arn) = (group.name.unwrap_or_default(), group.dataset_group_arn.unwrap_or_default());
        if fits(&name, &arn) {
            let (kind, href) = (cx.text("search-dataset-group"), cx.group_link(&name, "/"));
            hits.push(Hit { kind, href, name, status: group.status.unwrap_or_default() });
        }
    }
    for solution in
        listed!(cx, ListSolutions, ListSolutionsRequest { dataset_group_arn }, ListSolutionsResponse, solutions)
    {
        let (name, arn) = (solution.name.unwrap_or_default(), solution.solution_arn.unwrap_or_default());
        // The ARN of a version begins with that of its solution.
        let version = question.strip_prefix(&format!("{arn}/"));
        if hits.len() < HITS_MAX && (fits(&name, &arn) || version.is_some()) {
            let group = group_of_solution(cx, &arn).await?;
            let version = version.map(|id| format!("/{}", segment(id))).unwrap_or_default();
            let href = cx.group_link(&group, &format!("/train/{}{version}", segment(&name)));
            let kind = cx.text("search-solution");
            hits.push(Hit {
                kind,
                href,
                name: format!("{name}{version}"),
                status: solution.status.unwrap_or_default(),
            });
        }
    }
    for campaign in listed!(cx, ListCampaigns, ListCampaignsRequest { solution_arn }, ListCampaignsResponse, campaigns)
    {
        let (name, arn) = (campaign.name.unwrap_or_default(), campaign.campaign_arn.unwrap_or_default());
        if hits.len() < HITS_MAX && fits(&name, &arn) {
            let request = DescribeCampaignRequest { campaign_arn: arn };
            let described: DescribeCampaignResponse = cx.call_unseen(Operation::DescribeCampaign, &request).await?;
            let version = described.campaign.and_then(|campaign| campaign.solution_version_arn).unwrap_or_default();
            let solution = solution_of_version(&version).map(str::to_owned).unwrap_or_default();
            let group = group_of_solution(cx, &solution).await?;
            let href = cx.group_link(&group, &format!("/deploy/{}", segment(&name)));
            hits.push(Hit {
                kind: cx.text("search-campaign"),
                href,
                name,
                status: campaign.status.unwrap_or_default(),
            });
        }
    }
    for recommender in listed!(
        cx,
        ListRecommenders,
        ListRecommendersRequest { dataset_group_arn },
        ListRecommendersResponse,
        recommenders
    ) {
        let (name, arn) = (recommender.name.unwrap_or_default(), recommender.recommender_arn.unwrap_or_default());
        if fits(&name, &arn) {
            let group = group_name(recommender.dataset_group_arn.as_deref());
            let (kind, href) = (cx.text("search-recommender"), cx.group_link(&group, "/deploy"));
            hits.push(Hit { kind, href, name, status: recommender.status.unwrap_or_default() });
        }
    }
    for filter in listed!(cx, ListFilters, ListFiltersRequest { dataset_group_arn }, ListFiltersResponse, filters) {
        let (name, arn) = (filter.name.unwrap_or_default(), filter.filter_arn.unwrap_or_default());
        if fits(&name, &arn) {
            let group = group_name(filter.dataset_group_arn.as_deref());
            let (kind, href) = (cx.text("search-filter"), cx.group_link(&group, "/try"));
            hits.push(Hit { kind, href, name, status: filter.status.unwrap_or_default() });
        }
    }
    hits.truncate(HITS_MAX);
    Ok(hits)
}

async fn group_of_solution(cx: &Cx, arn: &str) -> Result<String, ApiError> {
    let request = DescribeSolutionRequest { solution_arn: arn.to_owned() };
    let described: DescribeSolutionResponse = cx.call_unseen(Operation::DescribeSolution, &request).await?;
    Ok(group_name(described.solution.and_then(|solution| solution.dataset_group_arn).as_deref()))
}

fn group_name(arn: Option<&str>) -> String {
    let resource = arn.and_then(resource_part).unwrap_or_default();
    resource.split_once('/').map_or(String::new(), |(_, name)| name.to_owned())
}
