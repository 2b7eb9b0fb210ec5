//! The campaigns and recommenders of a dataset group.

use super::unused::Asked;
use super::{event_tracker, traffic};
use crate::cx::{Cx, segment};
use crate::examples;
use crate::format;
use crate::layout::status;
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::pages::campaigns::campaigns_of;
use crate::pages::form::Sent;
use crate::pages::resources::{dataset_group, in_progress, last_segment, solution_of, version_label, versions};
use crate::topic::{Part, Subject};
use axum::extract::{Path, Query};
use futures::FutureExt;
use futures::future::BoxFuture;
use maud::{Markup, html};
use tastemaker_domain::catalog;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    Campaign, ListRecommendersRequest, ListRecommendersResponse, RecommenderSummary, SolutionVersionSummary,
};

pub(super) async fn show(
    cx: Cx,
    Path(group): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    let sent = Sent::new(pairs);
    let (is_live, body) = read(&cx, &group).await?;
    let body = html! {
        @if let Some(name) = sent.get("gone") {
            div.notice role="status" { p { (cx.text_with("deploy-gone", &[("name", format::shortened(name, 63).into())])) } }
        }
        div id="campaigns" { (body) }
    };
    let page = Page::new(Menu::Deploy, cx.text("menu-deploy"), body).group(group).examples(examples::of_page(&cx));
    Ok(if is_live { page.live("campaigns") } else { page })
}

/// The campaigns and recommenders of a group, and whether one of them is being made or changed.
async fn read(cx: &Cx, group: &str) -> Result<(bool, Markup), PageError> {
    let described = dataset_group(cx, group).await?;
    let group_arn = described.dataset_group_arn.unwrap_or_default();
    let campaigns = campaigns_of(cx, &group_arn).await?;
    let versions = if campaigns.is_empty() { Vec::new() } else { versions(cx, None).await? };
    let input =
        ListRecommendersRequest { dataset_group_arn: Some(group_arn.clone()), ..ListRecommendersRequest::default() };
    let listed: ListRecommendersResponse = cx.call_unseen(Operation::ListRecommenders, &input).await?;
    let asked = Asked::read(cx).await;
    let has_domain = described.domain.is_some();
    let body = html! {
        (view(cx, group, &campaigns, &versions, &asked))
        @if has_domain { (recommenders(cx, group, &listed.recommenders, &asked)) }
        (event_tracker::in_short(cx, group, &group_arn))
    };
    let states = campaigns.iter().map(|campaign| campaign.status.as_deref());
    let is_live = states.chain(listed.recommenders.iter().map(|one| one.status.as_deref())).any(in_progress);
    Ok((is_live, body))
}

/// The topic of the campaigns and recommenders of a group.
pub(crate) fn live<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let Some(group) = subject.group else { return Vec::new() };
        read(cx, group).await.map(|(_, content)| vec![Part { id: "campaigns", content }]).unwrap_or_default()
    }
    .boxed()
}

fn view(cx: &Cx, group: &str, campaigns: &[Campaign], versions: &[SolutionVersionSummary], asked: &Asked) -> Markup {
    let create = cx.group_link(group, "/new-campaign");
    html! {
        @if campaigns.is_empty() {
            (empty(&cx.text("deploy-empty"), Some((&cx.text("deploy-create"), &create))))
        } @else {
            @if cx.may_edit() { p.actions { a.button href=(create) { (cx.text("deploy-create")) } } }
            div.scroll tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { (cx.text("deploy-campaign")) }
                        th scope="col" { (cx.text("state")) }
                        th scope="col" { (cx.text("deploy-version")) }
                        th.number scope="col" { (cx.text("deploy-tps")) }
                        th scope="col" { (cx.text("deploy-traffic-now-head")) }
                        th scope="col" { (cx.text("changed-last")) }
                    } }
                    tbody { @for campaign in campaigns { (row(cx, group, campaign, versions, asked)) } }
                }
            }
        }
    }
}

/// The recommenders of a group of a domain, and the way to another.
fn recommenders(cx: &Cx, group: &str, recommenders: &[RecommenderSummary], asked: &Asked) -> Markup {
    let create = cx.group_link(group, "/new-recommender");
    html! {
        h2 { (cx.text("recommenders")) }
        @if recommenders.is_empty() {
            (empty(&cx.text("recommender-empty"), Some((&cx.text("recommender-create"), &create))))
        } @else {
            @if cx.may_edit() { p.actions { a.button href=(create) { (cx.text("recommender-create")) } } }
            div.scroll tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { (cx.text("recommender")) }
                        th scope="col" { (cx.text("state")) }
                        th scope="col" { (cx.text("recommender-use-case")) }
                        th.number scope="col" { (cx.text("deploy-tps")) }
                        th scope="col" { (cx.text("deploy-traffic-now-head")) }
                        th scope="col" { (cx.text("changed-last")) }
                    } }
                    tbody {
                        @for one in recommenders {
                            @let arn = one.recommender_arn.as_deref().unwrap_or_default();
                            @let name = one.name.as_deref().unwrap_or_default();
                            @let recipe = one.recipe_arn.as_deref().and_then(catalog::by_arn);
                            @let config = one.recommender_config.as_ref();
                            tr {
                                th scope="row" { a href=(cx.group_link(group, &format!("/recommenders/{}", segment(name)))) { (format::shortened(name, 48)) } }
                                td { (status(cx, one.status.as_deref().unwrap_or_default())) }
                                td { (recipe.and_then(|recipe| cx.use_case_title(recipe)).unwrap_or_else(|| "–".to_owned())) }
                                td.number { @if let Some(tps) = config.and_then(|config| config.min_recommendation_requests_per_second) { (tps) } @else { "–" } }
                                td { (traffic::in_short(cx, arn, asked.unused(cx, arn, one.status.as_deref(), one.creation_date_time))) }
                                td { @if let Some(changed) = one.last_updated_date_time { (format::time(changed)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn row(cx: &Cx, group: &str, campaign: &Campaign, versions: &[SolutionVersionSummary], asked: &Asked) -> Markup {
    let name = campaign.name.as_deref().unwrap_or_default();
    let arn = campaign.campaign_arn.as_deref().unwrap_or_default();
    let version = campaign.solution_version_arn.as_deref().unwrap_or_default();
    let newest = versions.iter().find(|other| {
        let arn = other.solution_version_arn.as_deref().unwrap_or_default();
        other.status.as_deref() == Some("ACTIVE") && solution_of(arn) == solution_of(version)
    });
    let is_old =
        newest.and_then(|newest| newest.solution_version_arn.as_deref()).is_some_and(|newest| newest != version);
    let link = format!("/train/{}/{}", segment(last_segment(solution_of(version))), segment(last_segment(version)));
    html! {
        tr {
            th scope="row" { a href=(cx.group_link(group, &format!("/deploy/{}", segment(name)))) { (format::shortened(name, 48)) } }
            td { (status(cx, campaign.status.as_deref().unwrap_or_default())) }
            td {
                a href=(cx.group_link(group, &link)) { (format::shortened(&version_label(version), 48)) }
                @if is_old { " " small.tag { (cx.text("deploy-newer")) } }
            }
            td.number { @if let Some(tps) = campaign.min_provisioned_tps { (tps) } }
            td { (traffic::in_short(cx, arn, asked.unused(cx, arn, campaign.status.as_deref(), campaign.creation_date_time))) }
            td { @if let Some(changed) = campaign.last_updated_date_time { (format::time(changed)) } }
        }
    }
}
