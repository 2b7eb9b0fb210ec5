//! Recent failures of trainings, imports and campaigns, each with the API's reason and a way on.

use crate::cx::{Cx, segment};
use crate::format;
use crate::page::PageError;
use crate::pages::data;
use crate::pages::form::Sent;
use crate::pages::resources::{campaigns, dataset_groups, last_segment, solution_of, version_label, versions};
use axum::extract::Form;
use axum::response::Redirect;
use maud::{Markup, html};
use std::collections::{HashMap, HashSet};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    ListDatasetImportJobsRequest, ListDatasetImportJobsResponse, ListSolutionsRequest, ListSolutionsResponse,
};

/// Failures older than this are no news.
const LATELY_S: f64 = 7.0 * 86_400.0;
/// Failures on the page.
const FAILURES_MAX: usize = 10;
/// Bytes of an ARN.
const ARN_BYTES_MAX: usize = 300;

/// A job or resource that failed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    /// Its name.
    what: String,
    /// The text of the kind.
    kind: &'static str,
    at: f64,
    reason: String,
    /// The ARN of what failed.
    arn: String,
    /// The page of what failed, with its text.
    place: Option<(&'static str, String)>,
    /// The page that helps, with its text.
    remedy: Option<(&'static str, String)>,
}

/// Failures of the last days, newest first, of all groups or of one.
pub(super) async fn lately(cx: &Cx, group: Option<&str>) -> Result<Vec<Failure>, PageError> {
    let since = cx.console.now_s() as f64 - LATELY_S;
    let groups = groups_of_solutions(cx, group).await?;
    let dismissed = cx.console.ports.dismissals.of(&cx.session.key_id).await;
    let mut failures = Vec::new();
    for version in versions(cx, None).await? {
        let arn = version.solution_version_arn.unwrap_or_default();
        let Some(group) = groups.get(solution_of(&arn)).filter(|_| failed(version.status.as_deref())) else { continue };
        let path = format!("/train/{}/{}", segment(last_segment(solution_of(&arn))), segment(last_segment(&arn)));
        failures.push(Failure {
            what: version_label(&arn),
            kind: "failed-training",
            at: version.last_updated_date_time.unwrap_or(0.0),
            reason: version.failure_reason.unwrap_or_default(),
            arn,
            place: Some(("failed-see-training", cx.group_link(group, &path))),
            remedy: None,
        });
    }
    for job in imports(cx).await? {
        let name = job.job_name.unwrap_or_default();
        let arn = job.dataset_import_job_arn.unwrap_or_default();
        if failed(job.status.as_deref()) && group.is_none() {
            failures.push(Failure {
                kind: "failed-import",
                at: job.last_updated_date_time.unwrap_or(0.0),
                reason: job.failure_reason.unwrap_or_default(),
                place: dataset_group_of(cx, &arn).await.map(|group| {
                    ("failed-see-import", cx.group_link(&group, &format!("/data/imports/{}", segment(&name))))
                }),
                what: name,
                arn,
                remedy: None,
            });
        }
    }
    for campaign in campaigns(cx).await?.into_iter().filter(|campaign| failed(campaign.status.as_deref())) {
        if group.is_none() {
            failures.push(Failure {
                what: campaign.name.unwrap_or_default(),
                kind: "failed-campaign",
                at: campaign.last_updated_date_time.unwrap_or(0.0),
                reason: campaign.failure_reason.unwrap_or_default(),
                arn: campaign.campaign_arn.unwrap_or_default(),
                place: None,
                remedy: None,
            });
        }
    }
    failures.retain(|failure| failure.at >= since && !dismissed.contains(&failure.arn));
    failures.sort_by(|a, b| b.at.total_cmp(&a.at));
    failures.truncate(FAILURES_MAX);
    for failure in failures.iter_mut().filter(|failure| failure.kind == "failed-training") {
        let group = groups.get(solution_of(&failure.arn)).map(String::as_str).unwrap_or_default();
        failure.remedy = data::reason_to_stop(cx, group).await.map(|href| ("failed-see-data", href));
    }
    Ok(failures)
}

fn failed(status: Option<&str>) -> bool {
    status.is_some_and(|status| status.ends_with("FAILED"))
}

/// The name of each solution's group, by the solution's ARN.
async fn groups_of_solutions(cx: &Cx, group: Option<&str>) -> Result<HashMap<String, String>, PageError> {
    let names: Vec<String> = match group {
        Some(name) => vec![name.to_owned()],
        None => dataset_groups(cx).await?.into_iter().filter_map(|group| group.name).collect(),
    };
    let mut groups = HashMap::new();
    for name in names {
        let input = ListSolutionsRequest {
            dataset_group_arn: Some(cx.arn("dataset-group", &name)),
            max_results: Some(100),
            next_token: None,
        };
        let listed: ListSolutionsResponse = cx.call_unseen(Operation::ListSolutions, &input).await?;
        groups.extend(listed.solutions.into_iter().filter_map(|solution| Some((solution.solution_arn?, name.clone()))));
    }
    Ok(groups)
}

async fn imports(cx: &Cx) -> Result<Vec<tastemaker_wire::personalize::DatasetImportJobSummary>, PageError> {
    let input = ListDatasetImportJobsRequest { max_results: Some(100), ..ListDatasetImportJobsRequest::default() };
    let listed: ListDatasetImportJobsResponse = cx.call_unseen(Operation::ListDatasetImportJobs, &input).await?;
    Ok(listed.dataset_import_jobs)
}

/// The group whose dataset an import job was for.
async fn dataset_group_of(cx: &Cx, job_arn: &str) -> Option<String> {
    use tastemaker_wire::personalize::{DescribeDatasetImportJobRequest, DescribeDatasetImportJobResponse};
    let input = DescribeDatasetImportJobRequest { dataset_import_job_arn: job_arn.to_owned() };
    let job: DescribeDatasetImportJobResponse =
        cx.call_unseen(Operation::DescribeDatasetImportJob, &input).await.ok()?;
    // `dataset/<group>/<type>`.
    let dataset = job.dataset_import_job?.dataset_arn?;
    let mut segments = dataset.rsplit('/');
    segments.next()?;
    segments.next().map(str::to_owned)
}

/// Answers `POST /dismiss`: puts a failure away for the key that asks.
pub(super) async fn dismiss(cx: Cx, Form(pairs): Form<Vec<(String, String)>>) -> Result<Redirect, PageError> {
    let sent = Sent::new(pairs);
    let arn = sent.get("arn").ok_or_else(|| PageError::BadInput("arn is required.".to_owned()))?;
    if arn.len() > ARN_BYTES_MAX {
        return Err(PageError::BadInput(format!("arn must have at most {ARN_BYTES_MAX} bytes, not {}.", arn.len())));
    }
    let dismissed = cx.console.ports.dismissals.dismiss(&cx.session.key_id, arn).await;
    dismissed.map_err(PageError::Unavailable)?;
    let next = sent.get("group").map_or_else(|| cx.link("/"), |group| cx.group_link(group, "/"));
    Ok(Redirect::to(&next))
}

pub(super) fn view(cx: &Cx, group: Option<&str>, failures: &[Failure]) -> Markup {
    let mut known = HashSet::new();
    html! {
        @if !failures.is_empty() {
            h2 { (cx.text("home-failed")) }
            ul.failures {
                @for failure in failures {
                    @if known.insert((&failure.what, failure.kind)) {
                        li.error {
                            p { strong { (cx.text(failure.kind)) " " (format::shortened(&failure.what, 80)) } " " span.quiet { (format::time(failure.at)) } }
                            p.message lang="en" { (failure.reason) }
                            @if failure.place.is_some() || failure.remedy.is_some() {
                                p {
                                    @if let Some((text, href)) = &failure.place { a href=(href) { (cx.text(text)) } " " }
                                    @if let Some((text, href)) = &failure.remedy { a.remedy href=(href) { (cx.text(text)) } }
                                }
                            }
                            @if cx.may_edit() {
                                form method="post" action=(cx.link("/dismiss")) {
                                    input type="hidden" name="arn" value=(failure.arn);
                                    @if let Some(group) = group { input type="hidden" name="group" value=(group); }
                                    button { (cx.text("failed-dismiss")) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
