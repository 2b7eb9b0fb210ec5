//! The datasets of a group, one row each.

use super::facts::{self, cell};
use super::insight_list;
use super::known::{Known, dataset_type, datasets, type_name};
use crate::cx::Cx;
use crate::layout::status;
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::{examples, format};
use axum::extract::Path;
use maud::{Markup, html};

/// Answers `GET /g/{group}/data`.
pub(super) async fn show(cx: Cx, Path(group): Path<String>) -> Result<Page, PageError> {
    let listed = datasets(&cx, &group).await?;
    let mut rows = Vec::with_capacity(listed.len());
    for dataset in &listed {
        let Ok(kind) = dataset_type(dataset.dataset_type.as_deref().unwrap_or_default()) else { continue };
        let known = Known::of(&cx, dataset.dataset_arn.as_deref().unwrap_or_default()).await?;
        let link = cx.group_link(&group, &format!("/data/{}", kind.as_str()));
        rows.push(vec![
            html! { a href=(link) { (type_name(&cx, kind)) } },
            status(&cx, dataset.status.as_deref().unwrap_or_default()),
            amount(&cx, &known),
            cell(known.statistics.as_ref().map_or_else(|| "–".to_owned(), |found| found.columns.len().to_string())),
            last_import(&cx, &group, &known),
            last_event(&known),
            insight_list::summary(&cx, &known.insights()),
        ]);
    }
    let head = [
        cx.text("data-dataset"),
        cx.text("data-state"),
        cx.text("data-rows"),
        cx.text("data-columns"),
        cx.text("data-last-import"),
        cx.text("data-streamed-last"),
        cx.text("data-insights"),
    ];
    let add = cx.group_link(&group, "/data/add");
    let body = html! {
        @if rows.is_empty() {
            (empty(&cx.text("data-empty"), Some((&cx.text("data-add"), &add))))
        } @else {
            (facts::table(&cx.text("menu-data"), &head, &rows))
            p { a.button href=(add) { (cx.text("data-add")) } }
        }
    };
    Ok(Page::new(Menu::Data, cx.text("menu-data"), body).group(group).examples(examples::of_page(&cx)))
}

fn amount(cx: &Cx, known: &Known) -> Markup {
    html! {
        @match &known.statistics {
            Some(found) => (format::count(found.rows)),
            None if known.is_imported() => (cx.text("data-counting")),
            None => "0",
        }
    }
}

fn last_event(known: &Known) -> Markup {
    let last_ms = known.streamed.as_ref().and_then(|streamed| streamed.last_received_ms);
    last_ms.map_or_else(|| cell("–"), |last_ms| format::time(last_ms as f64 / 1000.0))
}

fn last_import(cx: &Cx, group: &str, known: &Known) -> Markup {
    html! {
        @if let Some(job) = known.imports.first() {
            @let name = job.job_name.as_deref().unwrap_or_default();
            a href=(cx.group_link(group, &format!("/data/imports/{}", crate::cx::segment(name)))) {
                (format::time(job.last_updated_date_time.unwrap_or(0.0)))
            }
            " " (status(cx, job.status.as_deref().unwrap_or_default()))
        } @else {
            "–"
        }
    }
}
