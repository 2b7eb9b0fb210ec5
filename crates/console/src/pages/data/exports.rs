//! Exports of a dataset: files of its rows, made by the API's own jobs, to be downloaded.

use super::facts::{self, cell};
use super::known::{dataset_arn, dataset_type};
use super::upload::said;
use crate::cx::{Cx, segment};
use crate::format;
use crate::layout::status;
use crate::page::PageError;
use crate::pages::form::Sent;
use crate::pages::resources::ROLE;
use axum::body::Body;
use axum::extract::{Form, Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use maud::{Markup, html};
use serde::Deserialize;
use tastemaker_domain::Member;
use tastemaker_domain::s3_path::S3Path;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    CreateDatasetExportJobRequest, CreateDatasetExportJobResponse, DatasetExportJob, DatasetExportJobOutput,
    DescribeDatasetExportJobRequest, DescribeDatasetExportJobResponse, ListDatasetExportJobsRequest,
    ListDatasetExportJobsResponse, S3DataConfig,
};

/// The bucket of exports that are begun here.
const EXPORTS: &str = "tastemaker-exports";
/// Exports that a page shows.
const EXPORTS_MAX: i32 = 20;
/// Files of an export that a page shows.
const FILES_SHOWN_MAX: usize = 100;
/// The rows that an export may have.
const MODES: &[&str] = &["ALL", "BULK", "PUT"];

/// An export with its files.
struct Export {
    name: String,
    job: DatasetExportJob,
    files: Vec<(String, u64)>,
}

/// The exports of a dataset, newest first, and the form that begins one.
pub(super) async fn section(cx: &Cx, group: &str, kind: &str, dataset_arn: &str) -> Result<Markup, PageError> {
    let exports = exports(cx, dataset_arn).await?;
    let head = [
        cx.text("data-export"),
        cx.text("data-state"),
        cx.text("data-export-rows"),
        cx.text("data-changed"),
        cx.text("data-files"),
    ];
    let rows: Vec<_> = exports.iter().map(|export| row(cx, group, export)).collect();
    Ok(html! {
        h2 id="exports" { (cx.text("data-exports")) }
        @if !exports.is_empty() { (facts::table(&cx.text("data-exports"), &head, &rows)) }
        @if cx.may_edit() {
            form method="post" action=(cx.group_link(group, &format!("/data/{}/exports", segment(kind)))) {
                p {
                    label for="export-mode" { (cx.text("data-export-rows")) }
                    select id="export-mode" name="mode" {
                        @for mode in MODES { option value=(mode) { (mode_name(cx, mode)) } }
                    }
                    " " button { (cx.text("data-export-start")) }
                }
            }
        }
    })
}

fn mode_name(cx: &Cx, mode: &str) -> String {
    match mode {
        "BULK" => cx.text("data-export-bulk"),
        "PUT" => cx.text("data-export-put"),
        _ => cx.text("data-export-all"),
    }
}

async fn exports(cx: &Cx, dataset_arn: &str) -> Result<Vec<Export>, PageError> {
    let request = ListDatasetExportJobsRequest {
        dataset_arn: Some(dataset_arn.to_owned()),
        max_results: Some(EXPORTS_MAX),
        ..Default::default()
    };
    let listed: ListDatasetExportJobsResponse = cx.call(Operation::ListDatasetExportJobs, &request).await?;
    let mut exports = Vec::new();
    for found in listed.dataset_export_jobs {
        let name = found.job_name.unwrap_or_default();
        let job = describe(cx, &name).await?;
        let files = match (job.status.as_deref(), output(&job)) {
            (Some("ACTIVE"), Some(path)) => files(cx, &path).await,
            _ => Vec::new(),
        };
        exports.push(Export { name, job, files });
    }
    exports.sort_by(|a, b| b.job.creation_date_time.unwrap_or(0.0).total_cmp(&a.job.creation_date_time.unwrap_or(0.0)));
    Ok(exports)
}

async fn describe(cx: &Cx, name: &str) -> Result<DatasetExportJob, PageError> {
    let request = DescribeDatasetExportJobRequest { dataset_export_job_arn: cx.arn("dataset-export-job", name) };
    let described: DescribeDatasetExportJobResponse =
        cx.call_unseen(Operation::DescribeDatasetExportJob, &request).await?;
    described.dataset_export_job.ok_or(PageError::NotFound)
}

/// The place of an export's files.
fn output(job: &DatasetExportJob) -> Option<S3Path> {
    let output = job.job_output.as_ref()?;
    S3Path::parse_folder(Member::Path, &output.s3_data_destination.path).ok()
}

async fn files(cx: &Cx, path: &S3Path) -> Vec<(String, u64)> {
    let found = cx.console.ports.files.list(&path.bucket, &path.key).await.unwrap_or_default();
    found.into_iter().filter(|object| object.key.ends_with(".csv")).map(|object| (object.key, object.bytes)).collect()
}

fn row(cx: &Cx, group: &str, export: &Export) -> Vec<Markup> {
    let Export { name, job, files } = export;
    let here = cx.group_link(group, &format!("/data/exports/{}/file", segment(name)));
    vec![
        html! { code { (format::shortened(name, 60)) } },
        html! {
            (status(cx, job.status.as_deref().unwrap_or_default()))
            @if let Some(reason) = &job.failure_reason { " " span lang="en" { (format::shortened(reason, 200)) } }
        },
        cell(mode_name(cx, job.ingestion_mode.as_deref().unwrap_or_default())),
        format::time(job.last_updated_date_time.unwrap_or(0.0)),
        html! {
            @for (key, bytes) in files.iter().take(FILES_SHOWN_MAX) {
                @let file = key.rsplit('/').next().unwrap_or(key);
                a href=(format!("{here}?key={}", segment(key))) download { (format::shortened(file, 60)) }
                " (" (format::bytes(*bytes)) ") "
            }
        },
    ]
}

/// Answers GET at the address of the form.
pub(super) async fn lead_here(cx: Cx, Path((group, kind)): Path<(String, String)>) -> Redirect {
    Redirect::to(&cx.group_link(&group, &format!("/data/{}#exports", segment(&kind))))
}

/// Answers `POST /g/{group}/data/{kind}/exports`.
pub(super) async fn start(
    cx: Cx,
    Path((group, kind)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, PageError> {
    let kind = dataset_type(&kind)?;
    let sent = Sent::new(pairs);
    let name = format!("{}-{}", kind.as_str().to_ascii_lowercase().replace('_', "-"), cx.console.now_s());
    cx.console.ports.files.ensure_bucket(EXPORTS).await.map_err(|error| PageError::Unavailable(said(&cx, &error)))?;
    let path = format!("s3://{EXPORTS}/{group}/{}/{name}/", kind.as_str());
    let request = CreateDatasetExportJobRequest {
        dataset_arn: dataset_arn(&cx, &group, kind),
        ingestion_mode: sent.get("mode").map(str::to_owned),
        job_name: name,
        job_output: DatasetExportJobOutput { s3_data_destination: S3DataConfig { path, ..Default::default() } },
        role_arn: ROLE.to_owned(),
        tags: None,
    };
    let _: CreateDatasetExportJobResponse = cx.call(Operation::CreateDatasetExportJob, &request).await?;
    Ok(Redirect::to(&cx.group_link(&group, &format!("/data/{}#exports", kind.as_str()))))
}

/// The file of an export.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    key: String,
}

/// Answers `GET /g/{group}/data/exports/{job}/file`: a file as the export wrote it.
pub(super) async fn download(
    cx: Cx,
    Path((_, job)): Path<(String, String)>,
    Query(Wanted { key }): Query<Wanted>,
) -> Result<Response, PageError> {
    let path = output(&describe(&cx, &job).await?).ok_or(PageError::NotFound)?;
    // Nothing but the export's own files.
    if !key.starts_with(&path.key) || !key.ends_with(".csv") {
        return Err(PageError::NotFound);
    }
    let found = cx.console.ports.files.read(&path.bucket, &key).await;
    let found = found.map_err(|error| PageError::Unavailable(said(&cx, &error)))?;
    let (bytes, body) = found.ok_or(PageError::NotFound)?;
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let file: String = key.rsplit('/').next().unwrap_or_default().chars().map(plain).collect();
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")),
        (CONTENT_LENGTH, bytes.to_string()),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}
