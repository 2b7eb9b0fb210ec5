//! The batch jobs of a dataset group.

use super::jobs::{BatchJob, of_group};
use crate::cx::{Cx, segment};
use crate::examples;
use crate::format;
use crate::layout::status;
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::pages::resources::{dataset_group, last_segment, solution_of, version_label};
use crate::topic::{Part, Subject};
use axum::extract::Path;
use futures::FutureExt;
use futures::future::BoxFuture;
use maud::{Markup, html};

/// Jobs that the page shows.
const JOBS_SHOWN_MAX: usize = 50;

/// Answers `GET /g/{group}/batch`.
pub(super) async fn show(cx: Cx, Path(group): Path<String>) -> Result<Page, PageError> {
    let (is_live, content) = read(&cx, &group).await?;
    let body = html! {
        p { (cx.text("batch-purpose")) }
        div id="batch-jobs" { (content) }
    };
    let page = Page::new(Menu::Batch, cx.text("menu-batch"), body).group(group).examples(examples::of_page(&cx));
    Ok(if is_live { page.live("batch-jobs") } else { page })
}

/// The topic of the batch jobs of a group.
pub(crate) fn live<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let Some(group) = subject.group else { return Vec::new() };
        read(cx, group).await.map(|(_, content)| vec![Part { id: "batch-jobs", content }]).unwrap_or_default()
    }
    .boxed()
}

/// The jobs of a group, and whether one of them runs.
async fn read(cx: &Cx, group: &str) -> Result<(bool, Markup), PageError> {
    let group_arn = dataset_group(cx, group).await?.dataset_group_arn.unwrap_or_default();
    let jobs = of_group(cx, &group_arn).await?;
    Ok((jobs.iter().any(BatchJob::runs), view(cx, group, &jobs)))
}

fn view(cx: &Cx, group: &str, jobs: &[BatchJob]) -> Markup {
    let create = cx.group_link(group, "/new-batch");
    html! {
        @if jobs.is_empty() {
            (empty(&cx.text("batch-empty"), Some((&cx.text("batch-create"), &create))))
        } @else {
            @if cx.may_edit() { p.actions { a.button href=(create) { (cx.text("batch-create")) } } }
            div.scroll role="region" aria-label=(cx.text("menu-batch")) tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { (cx.text("batch-job")) }
                        th scope="col" { (cx.text("batch-makes")) }
                        th scope="col" { (cx.text("state")) }
                        th scope="col" { (cx.text("deploy-version")) }
                        th scope="col" { (cx.text("changed-last")) }
                    } }
                    tbody { @for job in jobs.iter().take(JOBS_SHOWN_MAX) { (row(cx, group, job)) } }
                }
            }
            @if jobs.len() > JOBS_SHOWN_MAX { p.hint { (cx.text_with("batch-older", &[("count", (jobs.len() - JOBS_SHOWN_MAX).into())])) } }
        }
    }
}

fn row(cx: &Cx, group: &str, job: &BatchJob) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(job.link(cx, group)) { (format::shortened(&job.name, 48)) } }
            td { (job.kind.name(cx)) }
            td { (status(cx, &job.status)) @if !job.note.is_empty() { " " small { (format::shortened(&job.note, 80)) } } }
            td { (version_link(cx, group, &job.version_arn)) }
            td { (format::time(job.changed_s)) }
        }
    }
}

/// The name of a solution version with the way to its page.
pub(super) fn version_link(cx: &Cx, group: &str, version: &str) -> Markup {
    let link = format!("/train/{}/{}", segment(last_segment(solution_of(version))), segment(last_segment(version)));
    html! { a href=(cx.group_link(group, &link)) { (format::shortened(&version_label(version), 48)) } }
}
