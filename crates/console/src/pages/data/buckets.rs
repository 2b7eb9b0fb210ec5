//! The buckets of this server as a tree, to choose files or a folder for an import.

use super::add::schema_link;
use super::facts::{self, cell};
use super::known::dataset_type;
use super::upload::said;
use crate::cx::{Cx, segment};
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::{examples, format};
use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use tastemaker_domain::schema::DatasetType;

/// Objects and folders of one page.
const SHOWN_MAX: usize = 200;

/// A place in the tree.
#[derive(Debug, Deserialize)]
pub(super) struct Place {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    bucket: Option<String>,
    #[serde(default)]
    prefix: String,
    /// Entries before this many are passed over.
    #[serde(default)]
    from: usize,
}

/// Answers `GET /g/{group}/data/buckets`.
pub(super) async fn show(cx: Cx, Path(group): Path<String>, Query(place): Query<Place>) -> Result<Page, PageError> {
    let kind = place.kind.as_deref().map(dataset_type).transpose()?.unwrap_or(DatasetType::Interactions);
    let body = match &place.bucket {
        None => buckets(&cx, &group, kind).await?,
        Some(bucket) => folder(&cx, &group, kind, bucket, &place).await?,
    };
    Ok(Page::new(Menu::Data, cx.text("data-buckets"), body).group(group).examples(examples::of_page(&cx)))
}

fn link(cx: &Cx, group: &str, kind: DatasetType, bucket: &str, prefix: &str) -> String {
    let query = format!("type={}&bucket={}&prefix={}", kind.as_str(), segment(bucket), segment(prefix));
    cx.group_link(group, &format!("/data/buckets?{query}"))
}

async fn buckets(cx: &Cx, group: &str, kind: DatasetType) -> Result<Markup, PageError> {
    let names = cx.console.ports.files.buckets().await.map_err(|error| PageError::Unavailable(said(cx, &error)))?;
    let add = cx.group_link(group, &format!("/data/add?type={}", kind.as_str()));
    Ok(html! {
        @if names.is_empty() {
            (empty(&cx.text("data-buckets-none"), Some((&cx.text("data-add"), &add))))
        } @else {
            p { (cx.text("data-buckets-what")) }
            ul.tree { @for name in &names { li { a href=(link(cx, group, kind, name, "")) { code { (name) "/" } } } } }
        }
    })
}

async fn folder(cx: &Cx, group: &str, kind: DatasetType, bucket: &str, place: &Place) -> Result<Markup, PageError> {
    let prefix = place.prefix.as_str();
    let found = cx.console.ports.files.folder(bucket, prefix).await;
    let found = found.map_err(|error| PageError::Unavailable(said(cx, &error)))?;
    let last = |key: &str| key.strip_prefix(prefix).unwrap_or(key).to_owned();
    let folders = found.folders.iter().map(|folder| {
        let name = html! { a href=(link(cx, group, kind, bucket, folder)) { code { bdi { (last(folder)) } } } };
        vec![name, html! {}, html! {}, take(cx, group, kind, &format!("s3://{bucket}/{folder}"))]
    });
    let objects = found.objects.iter().map(|object| {
        vec![
            html! { code { bdi { (format::shortened(&last(&object.key), 80)) } } },
            cell(format::bytes(object.bytes)),
            format::time(object.stored_ms as f64 / 1000.0),
            take(cx, group, kind, &format!("s3://{bucket}/{}", object.key)),
        ]
    });
    let total = found.folders.len() + found.objects.len();
    let rows: Vec<_> = folders.chain(objects).skip(place.from).take(SHOWN_MAX).collect();
    let next = place.from.saturating_add(rows.len());
    let head = [cx.text("data-name"), cx.text("data-bytes"), cx.text("data-changed"), cx.text("data-take")];
    Ok(html! {
        (way(cx, group, kind, bucket, prefix))
        @if total == 0 {
            p { (cx.text("data-folder-empty")) }
        } @else {
            @if !found.objects.is_empty() && !prefix.is_empty() {
                p { (cx.text("data-take-all")) " " (take(cx, group, kind, &format!("s3://{bucket}/{prefix}"))) }
            }
            (facts::table(&cx.text("data-buckets"), &head, &rows))
            @if next < total {
                p { a href=(format!("{}&from={next}", link(cx, group, kind, bucket, prefix))) { (cx.text("data-more")) } }
            }
        }
    })
}

/// The folders above, from the list of buckets on.
fn way(cx: &Cx, group: &str, kind: DatasetType, bucket: &str, prefix: &str) -> Markup {
    let ends = prefix.match_indices('/').map(|(at, _)| at + 1);
    let steps: Vec<(String, &str)> = std::iter::once((format!("{bucket}/"), ""))
        .chain(ends.scan(0, |begin, end| {
            let step = (prefix[*begin..end].to_owned(), &prefix[..end]);
            *begin = end;
            Some(step)
        }))
        .collect();
    let all = cx.group_link(group, &format!("/data/buckets?type={}", kind.as_str()));
    html! {
        p {
            a href=(all) { (cx.text("data-buckets")) }
            @for (name, prefix) in &steps { " › " a href=(link(cx, group, kind, bucket, prefix)) { code { bdi { (name) } } } }
        }
    }
}

/// The link that takes a place for an import.
fn take(cx: &Cx, group: &str, kind: DatasetType, location: &str) -> Markup {
    html! { a href=(schema_link(cx, group, kind.as_str(), location)) aria-label=(format!("{}: {location}", cx.text("data-take"))) { (cx.text("data-take")) } }
}
