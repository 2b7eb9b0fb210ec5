//! A single item: its attributes, and the way to recommendations beside it.

use super::facts::{self, cell, list};
use super::known::{dataset_arn, group_arn};
use super::models;
use crate::cx::{Cx, segment};
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::{examples, format};
use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use tastemaker_domain::schema::DatasetType;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{DescribeDatasetGroupRequest, DescribeDatasetGroupResponse};

/// An id in the query, as a form sends it and as ids have to be that have a meaning in a path.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    pub id: String,
}

/// The page of an item or a user of a group: `kind` is `items` or `users`.
pub(super) fn link(cx: &Cx, group: &str, kind: &str, id: &str) -> String {
    // Browsers take segments of dots, also where they are written out, for the folder above.
    if id.is_empty() || id.chars().all(|c| c == '.') {
        return cx.group_link(group, &format!("/{kind}?id={}", segment(id)));
    }
    cx.group_link(group, &format!("/{kind}/{}", segment(id)))
}

/// Answers `GET /g/{group}/items/{id}`.
pub(super) async fn show(cx: Cx, Path((group, id)): Path<(String, String)>) -> Result<Page, PageError> {
    page(&cx, &group, &id).await
}

/// Answers `GET /g/{group}/items?id=...`.
pub(super) async fn show_asked(
    cx: Cx,
    Path(group): Path<String>,
    Query(Asked { id }): Query<Asked>,
) -> Result<Page, PageError> {
    page(&cx, &group, &id).await
}

/// Refuses a group that is not there.
pub(super) async fn check_group(cx: &Cx, group: &str) -> Result<(), PageError> {
    let request = DescribeDatasetGroupRequest { dataset_group_arn: group_arn(cx, group) };
    let _: DescribeDatasetGroupResponse = cx.call_unseen(Operation::DescribeDatasetGroup, &request).await?;
    Ok(())
}

async fn page(cx: &Cx, group: &str, id: &str) -> Result<Page, PageError> {
    check_group(cx, group).await?;
    let models = models::active(cx, group).await?;
    let histories = &cx.console.ports.histories;
    let attributes = models.iter().map(|arn| histories.item(arn, id, &histories.columns(arn)));
    let attributes = attributes.into_iter().find(|values| !values.is_empty()).unwrap_or_default();
    let of_interactions =
        cx.console.ports.datasets.statistics(&dataset_arn(cx, group, DatasetType::Interactions)).await;
    let interactions = of_interactions.as_ref().and_then(|found| found.interactions.as_ref());
    let rank = interactions.and_then(|of| {
        let at = of.top_items.iter().position(|item| item.value == *id)?;
        Some((at + 1, of.top_items[at].rows))
    });
    let body = html! {
        (id_of(cx, id))
        h2 { (cx.text("data-attributes")) }
        (known(cx, group, &models, &attributes))
        @if let Some((rank, rows)) = rank {
            p { (cx.text_with("data-item-rank", &[("rank", rank.into()), ("rows", format::counted(rows))])) }
        }
        p { a.button href=(cx.group_link(group, &format!("/try?item={}", segment(id)))) { (cx.text("data-try-item")) } }
    };
    let title = cx.text_with("data-item-title", &[("id", format::shortened(id, 60).into())]);
    Ok(Page::new(Menu::Data, title, body).group(group).examples(examples::of_page(cx)))
}

/// An id in full, however long and whatever its letters.
pub(super) fn id_of(cx: &Cx, id: &str) -> Markup {
    html! { p { (cx.text("data-id")) ": " (facts::value(id)) } }
}

/// Attributes as a list, or why there are none.
pub(super) fn known(cx: &Cx, group: &str, models: &[String], attributes: &[(String, String)]) -> Markup {
    let deploy = cx.group_link(group, "/deploy");
    html! {
        @if models.is_empty() {
            (empty(&cx.text("data-no-models"), Some((&cx.text("menu-deploy"), &deploy))))
        } @else if attributes.is_empty() {
            p.hint { (cx.text("data-no-attributes")) }
        } @else {
            @let rows: Vec<(String, Markup)> =
                attributes.iter().map(|(name, value)| (name.clone(), cell(format::shortened(value, 500)))).collect();
            (list(&rows))
        }
    }
}
