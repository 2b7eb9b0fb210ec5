//! The way of new data in: files from the browser, or a place in a bucket.

use super::known::{dataset_type, type_name};
use crate::cx::{Cx, segment};
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::{examples, format};
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;
use tastemaker_domain::Member;
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::schema::DatasetType;

/// The bucket of files that came from browsers.
pub(super) const UPLOADS: &str = "tastemaker-uploads";
/// Earlier uploads that the page offers.
const UPLOADS_SHOWN_MAX: usize = 20;

/// The choice of a type of dataset.
#[derive(Debug, Deserialize)]
pub(super) struct Chosen {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Answers `GET /g/{group}/data/add`.
pub(super) async fn show(cx: Cx, Path(group): Path<String>, Query(chosen): Query<Chosen>) -> Result<Page, PageError> {
    let kind = chosen.kind.as_deref().map(dataset_type).transpose()?.unwrap_or(DatasetType::Interactions);
    page(&cx, &group, kind, None).await
}

/// Answers GET at the address of a form that is sent from here, as a reload or a choice of language asks for it.
pub(super) async fn lead_here(cx: Cx, Path(group): Path<String>) -> Redirect {
    Redirect::to(&cx.group_link(&group, "/data/add"))
}

/// The page, with what was wrong with what came before.
pub(super) async fn page(cx: &Cx, group: &str, kind: DatasetType, wrong: Option<&str>) -> Result<Page, PageError> {
    let limit = format::bytes(cx.console.config.upload_bytes_max);
    let body = html! {
        @if let Some(wrong) = wrong { div.error role="alert" { p.message { (wrong) } } }
        p { (cx.text("data-add-what")) }
        h2 { (cx.text("data-add-upload")) }
        form.stacked method="post" enctype="multipart/form-data" action=(cx.group_link(group, "/data/upload")) data-upload=(cx.text("data-connection-lost")) {
            // Before the files, so that it is known when they come.
            (kinds(cx, "upload-type", kind))
            div.field {
                label for="files" { (cx.text("data-add-files")) }
                input type="file" id="files" name="file" multiple required accept=".csv,.json,.jsonl,.ndjson,.parquet,.gz,.zst,text/csv,application/gzip,application/zstd,application/jsonlines";
                small { (cx.text_with("data-add-limit", &[("limit", limit.into())])) }
            }
            progress.upload aria-label=(cx.text("data-add-upload")) hidden {}
            p.actions { button.primary { (cx.text("data-upload")) } }
        }
        h2 { (cx.text("data-add-bucket")) }
        form.stacked method="get" action=(cx.group_link(group, "/data/locate")) {
            (kinds(cx, "bucket-type", kind))
            div.field {
                label for="location" { (cx.text("data-location")) }
                input id="location" name="location" required placeholder="s3://bucket/folder/";
            }
            p.actions {
                button { (cx.text("data-look")) }
                a href=(cx.group_link(group, &format!("/data/buckets?type={}", kind.as_str()))) { (cx.text("data-browse-buckets")) }
            }
        }
        (earlier(cx, group).await)
    };
    let page = Page::new(Menu::Data, cx.text("data-add"), body).group(group).examples(examples::of_page(cx));
    Ok(if wrong.is_some() { page.status(StatusCode::UNPROCESSABLE_ENTITY) } else { page })
}

fn kinds(cx: &Cx, id: &str, chosen: DatasetType) -> Markup {
    html! {
        div.field {
            label for=(id) { (cx.text("data-dataset")) }
            select id=(id) name="type" {
                @for kind in DatasetType::ALL {
                    option value=(kind.as_str()) selected[*kind == chosen] { (type_name(cx, *kind)) }
                }
            }
        }
    }
}

/// Files that were uploaded for this group before.
async fn earlier(cx: &Cx, group: &str) -> Markup {
    let found = cx.console.ports.files.list(UPLOADS, &format!("{group}/")).await.unwrap_or_default();
    let mut folders: BTreeMap<(u64, String), (usize, u64)> = BTreeMap::new();
    for object in found {
        let folder = object.key.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let at = folders.entry((object.stored_ms / 1000, folder)).or_default();
        at.0 += 1;
        at.1 += object.bytes;
    }
    html! {
        @if !folders.is_empty() {
            h2 { (cx.text("data-earlier")) }
            ul {
                @for ((stored_s, folder), (files, bytes)) in folders.iter().rev().take(UPLOADS_SHOWN_MAX) {
                    @let kind = folder.split('/').nth(1).unwrap_or_default();
                    li {
                        a href=(schema_link(cx, group, kind, &format!("s3://{UPLOADS}/{folder}/"))) { code { (folder) "/" } }
                        " " (cx.text_with("data-files-of", &[("count", (*files).into())])) ", " (format::bytes(*bytes)) ", "
                        (format::time(*stored_s as f64))
                    }
                }
            }
        }
    }
}

/// The page on which the files of a location get their schema.
pub(super) fn schema_link(cx: &Cx, group: &str, kind: &str, location: &str) -> String {
    cx.group_link(group, &format!("/data/schema?type={}&location={}", segment(kind), segment(location)))
}

/// A place in a bucket.
#[derive(Debug, Deserialize)]
pub(super) struct Located {
    #[serde(rename = "type")]
    kind: String,
    location: String,
}

/// Answers `GET /g/{group}/data/locate`: leads on where the place can be one.
pub(super) async fn locate(
    cx: Cx,
    Path(group): Path<String>,
    Query(located): Query<Located>,
) -> Result<Response, PageError> {
    let kind = dataset_type(&located.kind)?;
    match S3Path::parse(Member::DataLocation, located.location.trim()) {
        Ok(_) => Ok(Redirect::to(&schema_link(&cx, &group, kind.as_str(), located.location.trim())).into_response()),
        Err(error) => Ok(page(&cx, &group, kind, Some(&error.to_string())).await?.into_response()),
    }
}
