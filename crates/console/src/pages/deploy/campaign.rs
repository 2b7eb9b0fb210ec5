//! A campaign: its state, the versions that it can serve with a way back to each, its settings, and its end.

use super::campaign_form::{Deployable, deployables, fields, place, read, values_of, version_of};
use super::deletion::{Ended, Kind};
use super::traffic;
use super::unused::Asked;
use crate::cx::{Cx, segment};
use crate::examples;
use crate::format;
use crate::layout::status;
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::pages::campaigns::campaign;
use crate::pages::form::{FieldErrors, Sent};
use crate::pages::progress::job;
use crate::pages::resources::{dataset_group, in_progress, last_segment, metrics, solution_of, version_label};
use crate::ports::ApiError;
use crate::report::NDCG_AT_25;
use crate::topic::{Part, Subject};
use axum::extract::{Form, Path};
use axum::response::{IntoResponse, Redirect, Response};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::StatusCode;
use maud::{Markup, html};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{Campaign, DeleteCampaignRequest, UpdateCampaignRequest, UpdateCampaignResponse};

const DELETION: Kind =
    Kind { delete: "deploy-delete", sure: "deploy-delete-sure", other_name: "deploy-delete-other-name" };

/// Versions whose quality is read for the way back.
const VERSIONS_MAX: usize = 10;

/// A version of the campaign's solution.
struct Candidate {
    arn: String,
    ndcg: Option<f64>,
}

pub(super) async fn show(cx: Cx, Path((group, name)): Path<(String, String)>) -> Result<Page, PageError> {
    page(&cx, &group, &name, None, &FieldErrors::default()).await
}

async fn page(cx: &Cx, group: &str, name: &str, sent: Option<&Sent>, errors: &FieldErrors) -> Result<Page, PageError> {
    let group_arn = dataset_group(cx, group).await?.dataset_group_arn.unwrap_or_default();
    let campaign = campaign(cx, &cx.arn("campaign", name)).await?;
    let versions = deployables(cx, &group_arn).await?;
    let candidates = candidates(cx, &campaign, &versions).await?;
    let values = sent.cloned().unwrap_or_else(|| values_of(&campaign));
    let arn = campaign.campaign_arn.as_deref().unwrap_or_default();
    let body = html! {
        (errors.summary(cx))
        div id="campaign-state" { (state(cx, &campaign)) }
        div id="campaign-traffic" { (traffic::of_campaign(cx, arn)) }
        (Asked::read(cx).await.line(cx, arn, campaign.status.as_deref(), campaign.creation_date_time))
        div id="campaign-versions" { (roll_back(cx, group, &campaign, &candidates)) }
        h2 { (cx.text("train-settings")) }
        form.stacked method="post" action=(cx.group_link(group, &format!("/deploy/{}", segment(name)))) novalidate {
            (fields(cx, &versions, &values, errors))
            p.actions { button.primary type="submit" disabled[!cx.may_edit()] { (cx.text("deploy-update")) } }
        }
        (end(cx, group, name, errors))
    };
    let under_way = in_progress(campaign.status.as_deref())
        || campaign.latest_campaign_update.as_ref().is_some_and(|update| in_progress(update.status.as_deref()));
    let page = Page::new(Menu::Deploy, name, body)
        .group(group)
        .state(campaign.status.unwrap_or_default())
        .arn(campaign.campaign_arn.unwrap_or_default())
        .changed(campaign.last_updated_date_time.unwrap_or(0.0))
        .examples(examples::of_page(cx));
    let traffic = format!("campaign-traffic:{name}");
    let page = page.live(if under_way { format!("campaign:{name},{traffic}") } else { traffic });
    Ok(if errors.is_empty() { page } else { page.status(StatusCode::UNPROCESSABLE_ENTITY) })
}

/// The topic of one campaign, by its name.
pub(crate) fn live<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let (Some(name), Some(group)) = (subject.argument, subject.group) else { return Vec::new() };
        let Ok(campaign) = campaign(cx, &cx.arn("campaign", name)).await else { return Vec::new() };
        let versions = deployables(cx, &cx.arn("dataset-group", group)).await.unwrap_or_default();
        let candidates = candidates(cx, &campaign, &versions).await.unwrap_or_default();
        vec![
            Part { id: "state", content: status(cx, campaign.status.as_deref().unwrap_or_default()) },
            Part { id: "campaign-state", content: state(cx, &campaign) },
            Part { id: "campaign-versions", content: roll_back(cx, group, &campaign, &candidates) },
        ]
    }
    .boxed()
}

/// The newest versions of the campaign's solution.
async fn candidates(cx: &Cx, campaign: &Campaign, versions: &[Deployable]) -> Result<Vec<Candidate>, PageError> {
    let deployed = campaign.solution_version_arn.as_deref().unwrap_or_default();
    let mut candidates = Vec::new();
    for version in
        versions.iter().filter(|version| solution_of(&version.arn) == solution_of(deployed)).take(VERSIONS_MAX)
    {
        let ndcg = metrics(cx, &version.arn).await?.metrics.get(NDCG_AT_25).copied();
        candidates.push(Candidate { arn: version.arn.clone(), ndcg });
    }
    Ok(candidates)
}

fn state(cx: &Cx, campaign: &Campaign) -> Markup {
    let arn = campaign.campaign_arn.as_deref().unwrap_or_default();
    let update = campaign.latest_campaign_update.as_ref().filter(|update| update.status.as_deref() != Some("ACTIVE"));
    html! {
        @if let Some(reason) = campaign.failure_reason.as_deref().filter(|reason| !reason.is_empty()) {
            div.error role="alert" { p lang="en" { (reason) } }
        }
        @if let Some(update) = update {
            @let to = update.solution_version_arn.as_deref().unwrap_or_default();
            div.notice {
                p { (cx.text_with("deploy-update-under-way", &[
                    ("version", version_label(to).into()), ("status", update.status.clone().unwrap_or_default().into()),
                ])) }
                @if let Some(reason) = update.failure_reason.as_deref().filter(|reason| !reason.is_empty()) { p lang="en" { (reason) } }
                p.hint { (cx.text("deploy-old-answers")) }
            }
        }
        @for running in cx.console.ports.progress.now().iter().filter(|job| job.resource_arn == arn) { (job(cx, running)) }
    }
}

/// The versions of the solution, each with the difference in quality and a button that deploys it.
fn roll_back(cx: &Cx, group: &str, campaign: &Campaign, candidates: &[Candidate]) -> Markup {
    let deployed = campaign.solution_version_arn.as_deref().unwrap_or_default();
    let name = campaign.name.as_deref().unwrap_or_default();
    let at = candidates.iter().position(|candidate| candidate.arn == deployed);
    let now = at.and_then(|at| candidates[at].ndcg);
    html! {
        h2 { (cx.text("deploy-versions")) }
        p.hint { (cx.text("deploy-versions-help")) }
        div.scroll tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { (cx.text("solution-version")) }
                    th.number scope="col" { "NDCG@25" }
                    th.number scope="col" { (cx.text("deploy-difference")) }
                    th scope="col" { (cx.text("deploy-action")) }
                } }
                tbody {
                    @for (place, candidate) in candidates.iter().enumerate() {
                        tr.chosen[candidate.arn == deployed] {
                            th scope="row" { (format::shortened(last_segment(&candidate.arn), 32)) }
                            td.number { @if let Some(ndcg) = candidate.ndcg { (format!("{ndcg:.4}")) } @else { "–" } }
                            td.number { @if let Some((ndcg, now)) = candidate.ndcg.zip(now) { (format!("{:+.4}", ndcg - now)) } @else { "–" } }
                            td {
                                @if candidate.arn == deployed { (cx.text("deploy-deployed")) }
                                @else if cx.may_edit() {
                                    form method="post" action=(cx.group_link(group, &format!("/deploy/{}/version", segment(name)))) {
                                        input type="hidden" name="version" value=(candidate.arn);
                                        button type="submit" {
                                            (if at.is_some_and(|at| place > at) { cx.text("deploy-roll-back") } else { cx.text("deploy-switch") })
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn end(cx: &Cx, group: &str, name: &str, errors: &FieldErrors) -> Markup {
    html! {
        @if cx.may_edit() {
            (DELETION.form(cx, name, &cx.group_link(group, &format!("/deploy/{}/delete", segment(name))), None, errors))
        }
    }
}

pub(super) async fn update(
    cx: Cx,
    Path((group, name)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = Sent::new(pairs);
    let mut errors = FieldErrors::default();
    let (min_provisioned_tps, campaign_config) = read(&cx, &sent, &mut errors);
    if !errors.is_empty() {
        return Ok(page(&cx, &group, &name, Some(&sent), &errors).await?.into_response());
    }
    let input = UpdateCampaignRequest {
        campaign_arn: cx.arn("campaign", &name),
        solution_version_arn: version_of(&sent),
        min_provisioned_tps,
        campaign_config,
    };
    run(&cx, &group, &name, &input, Some(&sent)).await
}

pub(super) async fn change_version(
    cx: Cx,
    Path((group, name)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = Sent::new(pairs);
    let arn = cx.arn("campaign", &name);
    let current = campaign(&cx, &arn).await?;
    // A campaign that follows the newest version would leave the chosen one again.
    let config = current.campaign_config.map(|config| tastemaker_wire::personalize::CampaignConfig {
        sync_with_latest_solution_version: config.sync_with_latest_solution_version.map(|_| false),
        ..config
    });
    let input = UpdateCampaignRequest {
        campaign_arn: arn,
        solution_version_arn: sent.get("version").map(str::to_owned),
        min_provisioned_tps: None,
        campaign_config: config,
    };
    run(&cx, &group, &name, &input, None).await
}

async fn run(
    cx: &Cx,
    group: &str,
    name: &str,
    input: &UpdateCampaignRequest,
    sent: Option<&Sent>,
) -> Result<Response, PageError> {
    let changed: Result<UpdateCampaignResponse, ApiError> = cx.call(Operation::UpdateCampaign, input).await;
    match changed {
        Ok(_) => Ok(Redirect::to(&cx.group_link(group, &format!("/deploy/{}", segment(name)))).into_response()),
        Err(error) => {
            let mut errors = FieldErrors::default();
            place(&mut errors, &error);
            Ok(page(cx, group, name, sent, &errors).await?.into_response())
        }
    }
}

pub(super) async fn delete(
    cx: Cx,
    Path((group, name)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let (sent, input) = (Sent::new(pairs), DeleteCampaignRequest { campaign_arn: cx.arn("campaign", &name) });
    let typed = (sent.get("confirm"), name.as_str());
    let list = match DELETION.delete(&cx, typed, Operation::DeleteCampaign, &input, place).await {
        Ended::Now => "/deploy".to_owned(),
        Ended::Before => format!("/deploy?gone={}", segment(&name)),
        Ended::Refused(errors) => return Ok(page(&cx, &group, &name, None, &errors).await?.into_response()),
    };
    Ok(Redirect::to(&cx.group_link(&group, &list)).into_response())
}
