//! The campaigns of a dataset group.

use super::traffic;
use crate::cx::{Cx, segment};
use crate::examples;
use crate::format;
use crate::layout::status;
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::pages::campaigns::campaigns_of;
use crate::pages::resources::{dataset_group, in_progress, last_segment, solution_of, version_label, versions};
use crate::topic::{Part, Subject};
use axum::extract::Path;
use futures::FutureExt;
use futures::future::BoxFuture;
use maud::{Markup, html};
use tastemaker_wire::personalize::{Campaign, SolutionVersionSummary};

pub(super) async fn show(cx: Cx, Path(group): Path<String>) -> Result<Page, PageError> {
    let (campaigns, body) = read(&cx, &group).await?;
    let live = campaigns.iter().any(|campaign| in_progress(campaign.status.as_deref()));
    let body = html! { div id="campaigns" { (body) } };
    let page = Page::new(Menu::Deploy, cx.text("menu-deploy"), body).group(group).examples(examples::of_page(&cx));
    Ok(if live { page.live("campaigns") } else { page })
}

/// The campaigns of a group, and how they are shown.
async fn read(cx: &Cx, group: &str) -> Result<(Vec<Campaign>, Markup), PageError> {
    let group_arn = dataset_group(cx, group).await?.dataset_group_arn.unwrap_or_default();
    let campaigns = campaigns_of(cx, &group_arn).await?;
    let versions = if campaigns.is_empty() { Vec::new() } else { versions(cx, None).await? };
    let body = view(cx, group, &campaigns, &versions);
    Ok((campaigns, body))
}

/// The topic of the campaigns of a group.
pub(crate) fn live<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let Some(group) = subject.group else { return Vec::new() };
        read(cx, group).await.map(|(_, content)| vec![Part { id: "campaigns", content }]).unwrap_or_default()
    }
    .boxed()
}

fn view(cx: &Cx, group: &str, campaigns: &[Campaign], versions: &[SolutionVersionSummary]) -> Markup {
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
                    tbody { @for campaign in campaigns { (row(cx, group, campaign, versions)) } }
                }
            }
        }
    }
}

fn row(cx: &Cx, group: &str, campaign: &Campaign, versions: &[SolutionVersionSummary]) -> Markup {
    let name = campaign.name.as_deref().unwrap_or_default();
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
            td { (traffic::in_short(cx, campaign.campaign_arn.as_deref().unwrap_or_default())) }
            td { @if let Some(changed) = campaign.last_updated_date_time { (format::time(changed)) } }
        }
    }
}
