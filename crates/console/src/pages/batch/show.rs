//! A batch job: how far it is, its first answers as cards, and its files.

use super::answers::Answer;
use super::files::{self, FirstAnswers};
use super::jobs::{BatchJob, BatchKind, describe};
use super::list::version_link;
use crate::cx::Cx;
use crate::examples;
use crate::format;
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::pages::campaigns::campaigns_of;
use crate::pages::progress;
use crate::pages::resources::{last_segment, solution_of};
use crate::pages::try_recommendations::item_card;
use crate::topic::{Part, Subject};
use axum::extract::Path;
use futures::FutureExt;
use futures::future::BoxFuture;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Items and users of an answer that are shown.
const SHOWN_MAX: usize = 10;

/// Answers `GET /g/{group}/batch/{kind}/{job}`.
pub(super) async fn show(cx: Cx, Path((group, kind, job)): Path<(String, String, String)>) -> Result<Page, PageError> {
    let kind = BatchKind::of(&kind)?;
    let job = describe(&cx, &group, kind, &job).await?;
    let examples = examples::of_page(&cx);
    let body = html! {
        div id="batch-job" { (content(&cx, &group, &job).await) }
        (facts(&cx, &group, &job))
    };
    let page = Page::new(Menu::Batch, job.name.clone(), body)
        .group(group)
        .state(job.status.clone())
        .arn(job.arn.clone())
        .changed(job.changed_s)
        .examples(examples);
    Ok(if job.runs() { page.live(format!("batch-job:{}.{}", kind.word(), job.name)) } else { page })
}

/// The topic of a job; its argument is the kind, a dot and the name.
pub(crate) fn live<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let Some((group, (kind, name))) =
            subject.group.zip(subject.argument.and_then(|argument| argument.split_once('.')))
        else {
            return Vec::new();
        };
        let Ok(kind) = BatchKind::of(kind) else { return Vec::new() };
        match describe(cx, group, kind, name).await {
            Ok(job) => vec![Part { id: "batch-job", content: content(cx, group, &job).await }],
            Err(_) => Vec::new(),
        }
    }
    .boxed()
}

async fn content(cx: &Cx, group: &str, job: &BatchJob) -> Markup {
    let running = cx.console.ports.progress.now().into_iter().find(|running| running.resource_arn == job.arn);
    if job.runs() {
        return html! {
            @match running {
                Some(running) => (progress::job(cx, &running)),
                None => { p { @if job.note.is_empty() { (cx.text("data-waiting")) } @else { (job.note) } } }
            }
        };
    }
    if !job.is_active() {
        return html! {
            div.error role="alert" { p.message { (job.note) } }
            p { a.button href=(cx.group_link(group, "/new-batch")) { (cx.text("batch-again")) } }
        };
    }
    let files = files::of(cx, job).await;
    let first = files::first_answers(cx, job, &files).await;
    let columns = CardColumns::of(cx, group, job).await;
    html! {
        (answers(cx, &columns, &first))
        (files::section(cx, group, job, &files))
    }
}

/// The columns of items for cards, and the campaign whose model has them: one of the job's solution if there is one, else another of the group.
struct CardColumns {
    campaign_arn: String,
    columns: Vec<String>,
}

impl CardColumns {
    async fn of(cx: &Cx, group: &str, job: &BatchJob) -> Self {
        let campaigns = campaigns_of(&cx.apart(), &cx.arn("dataset-group", group)).await.unwrap_or_default();
        let solution = solution_of(&job.version_arn);
        let active = || campaigns.iter().filter(|campaign| campaign.status.as_deref() == Some("ACTIVE"));
        let is_same = |version: Option<&str>| version.is_some_and(|version| solution_of(version) == solution);
        let found = active().find(|campaign| is_same(campaign.solution_version_arn.as_deref())).or(active().next());
        let campaign_arn = found.and_then(|campaign| campaign.campaign_arn.clone()).unwrap_or_default();
        let columns = cx.console.ports.histories.columns(&campaign_arn);
        Self { campaign_arn, columns }
    }

    fn values(&self, cx: &Cx, item: &str) -> BTreeMap<String, String> {
        cx.console.ports.histories.item(&self.campaign_arn, item, &self.columns).into_iter().collect()
    }
}

fn answers(cx: &Cx, columns: &CardColumns, first: &FirstAnswers) -> Markup {
    html! {
        h2 { (cx.text("batch-first")) }
        @if first.answers.is_empty() {
            p.hint { (cx.text("batch-no-answers")) }
        } @else {
            p.hint { (cx.text_with("batch-first-help", &[("count", first.answers.len().into()), ("file", first.file.clone().into())])) }
            @for (at, answer) in first.answers.iter().enumerate() {
                details.answer open[at < 3] {
                    summary { strong { (format::shortened(&answer.asked, 80)) }
                        @if let Some(theme) = &answer.theme { " · " (format::shortened(theme, 80)) }
                        @if let Some(error) = &answer.error { " · " (format::shortened(error, 160)) } }
                    (items(cx, columns, answer))
                    (users(cx, answer))
                }
            }
        }
    }
}

fn items(cx: &Cx, columns: &CardColumns, answer: &Answer) -> Markup {
    html! {
        @if !answer.items.is_empty() {
            ol.items {
                @for (rank, (id, score)) in answer.items.iter().take(SHOWN_MAX).enumerate() {
                    li.item {
                        span.rank { (rank + 1) }
                        (item_card(cx, id, &columns.values(cx, id)))
                        @if let Some(score) = score { p.quiet { (cx.text("try-score")) " " (format!("{score:.4}")) } }
                    }
                }
            }
            (more(cx, answer.items.len()))
        }
    }
}

fn users(cx: &Cx, answer: &Answer) -> Markup {
    html! {
        @if !answer.users.is_empty() {
            ul.ids { @for user in answer.users.iter().take(SHOWN_MAX) { li { code title=(user) { (format::shortened(user, 40)) } } } }
            (more(cx, answer.users.len()))
        }
    }
}

fn more(cx: &Cx, all: usize) -> Markup {
    html! {
        @if all > SHOWN_MAX { p.hint { (cx.text_with("batch-more", &[("count", (all - SHOWN_MAX).into())])) } }
    }
}

fn facts(cx: &Cx, group: &str, job: &BatchJob) -> Markup {
    let described = job.described.clone().unwrap_or_default();
    html! {
        h2 { (cx.text("batch-settings")) }
        dl.facts {
            dt { (cx.text("batch-makes")) } dd { (job.kind.name(cx)) }
            dt { (cx.text("deploy-version")) } dd { (version_link(cx, group, &job.version_arn)) }
            dt { (cx.text("batch-input")) } dd { code { (described.input) } }
            dt { (cx.text("batch-output")) } dd { code { (described.output) } }
            @if let Some(results) = described.results { dt { (cx.text("batch-results")) } dd { (results) } }
            @if let Some(filter) = &described.filter_arn { dt { (cx.text("batch-filter")) } dd { (last_segment(filter)) } }
            @if let Some(mode) = &described.mode { dt { (cx.text("batch-mode")) } dd { code { (mode) } } }
            dt { (cx.text("data-begun")) } dd { (format::time(job.created_s)) }
        }
    }
}
