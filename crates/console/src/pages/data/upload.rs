//! Files from the browser into a bucket of this server, streamed.

use super::add::{UPLOADS, page, schema_link};
use super::known::{dataset_type, group_arn};
use super::unpacked::unpacked;
use crate::cx::Cx;
use crate::data_ports::{FileError, Files};
use crate::format;
use crate::page::PageError;
use axum::extract::multipart::Field;
use axum::extract::{Multipart, Path};
use axum::response::{IntoResponse, Redirect, Response};
use futures::StreamExt;
use std::io;
use std::sync::Arc;
use tastemaker_domain::schema::DatasetType;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{DescribeDatasetGroupRequest, DescribeDatasetGroupResponse};
use tokio::runtime::Handle;

/// Files of one upload.
const FILES_MAX: usize = 100;
/// Bytes of a field that is no file.
const TEXT_BYTES_MAX: usize = 1_000;
/// Characters of a file's name that are kept.
const LABEL_CHARACTERS_MAX: usize = 80;

/// Ends of names that are kept; imports go by what is in a file.
const EXTENSIONS: &[&str] = &[".csv", ".parquet", ".json", ".jsonl", ".ndjson", ".zst"];

/// The objects of an upload that is not whole; they are deleted when it is given up.
struct Unfinished {
    files: Arc<dyn Files>,
    prefix: Option<String>,
}

impl Unfinished {
    /// Deletes what there is.
    async fn give_up(&mut self) {
        if let Some(prefix) = self.prefix.take() {
            delete(&*self.files, &prefix).await;
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // The browser has gone away in the middle.
        if let (Some(prefix), Ok(runtime)) = (self.prefix.take(), Handle::try_current()) {
            let files = self.files.clone();
            runtime.spawn(async move { delete(&*files, &prefix).await });
        }
    }
}

async fn delete(files: &dyn Files, prefix: &str) {
    if let Err(error) = files.delete_below(UPLOADS, prefix).await {
        tracing::warn!(prefix, %error, "half an upload remains");
    }
}

/// Answers `POST /g/{group}/data/upload`.
pub(super) async fn receive(cx: Cx, Path(group): Path<String>, mut form: Multipart) -> Result<Response, PageError> {
    let request = DescribeDatasetGroupRequest { dataset_group_arn: group_arn(&cx, &group) };
    let _: DescribeDatasetGroupResponse = cx.call_unseen(Operation::DescribeDatasetGroup, &request).await?;
    let time_ms = (cx.console.ports.clock)();
    let mut kind = DatasetType::Interactions;
    let mut folder = None;
    let mut left = cx.console.config.upload_bytes_max;
    let mut unfinished = Unfinished { files: cx.console.ports.files.clone(), prefix: None };
    let mut stored = 0;
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(error) => {
                unfinished.give_up().await;
                let why = cx.text_with("data-broken-off", &[("why", error.body_text().into())]);
                return refused(&cx, &group, kind, &why).await;
            }
        };
        match field.name() {
            Some("type") => kind = dataset_type(&text(field).await?)?,
            Some("file") => {
                let label = label(field.file_name().unwrap_or_default());
                if label.is_empty() {
                    continue;
                }
                if stored == FILES_MAX {
                    unfinished.give_up().await;
                    let many = cx.text_with("data-too-many-files", &[("count", FILES_MAX.into())]);
                    return refused(&cx, &group, kind, &many).await;
                }
                let folder = folder.get_or_insert_with(|| format!("{group}/{}/{time_ms}/", kind.as_str()));
                unfinished.prefix = Some(folder.clone());
                let key = format!("{folder}{stored:02}-{label}");
                let body = field.map(|chunk| chunk.map_err(io::Error::other));
                match cx.console.ports.files.put(UPLOADS, &key, unpacked(body), left).await {
                    Ok(bytes) => left = left.saturating_sub(bytes),
                    Err(error) => {
                        unfinished.give_up().await;
                        let why = said(&cx, &error);
                        return refused(&cx, &group, kind, &why).await;
                    }
                }
                stored += 1;
            }
            _ => {}
        }
    }
    match folder {
        Some(folder) => {
            unfinished.prefix = None;
            Ok(Redirect::to(&schema_link(&cx, &group, kind.as_str(), &format!("s3://{UPLOADS}/{folder}")))
                .into_response())
        }
        None => refused(&cx, &group, kind, &cx.text("data-no-file")).await,
    }
}

async fn refused(cx: &Cx, group: &str, kind: DatasetType, why: &str) -> Result<Response, PageError> {
    Ok(page(cx, group, kind, Some(why)).await?.into_response())
}

/// Why a file was not taken, in the language of the page.
pub(crate) fn said(cx: &Cx, error: &FileError) -> String {
    match error {
        FileError::TooLarge(_) => {
            let limit = format::bytes(cx.console.config.upload_bytes_max);
            cx.text_with("data-too-large", &[("limit", limit.into())])
        }
        FileError::Interrupted(why) => cx.text_with("data-broken-off", &[("why", why.as_str().into())]),
        FileError::Data(text) | FileError::Storage(text) => text.clone(),
        FileError::Cancelled => cx.text("data-cancelled"),
    }
}

async fn text(mut field: Field<'_>) -> Result<String, PageError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| PageError::BadInput(error.body_text()))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > TEXT_BYTES_MAX {
            return Err(PageError::BadInput(format!("a field has more than {TEXT_BYTES_MAX} bytes")));
        }
    }
    String::from_utf8(bytes).map_err(|error| PageError::BadInput(error.to_string()))
}

/// A file's name as a label within a key: never a path.
fn label(file_name: &str) -> String {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let kept = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let label: String = name.chars().take(LABEL_CHARACTERS_MAX).map(kept).collect();
    // Objects that begin with a point are passed over by imports.
    let label = label.trim_start_matches('.').to_owned();
    let is_known = EXTENSIONS.iter().any(|extension| label.ends_with(extension));
    if label.is_empty() || is_known { label } else { format!("{label}.csv") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_labels() {
        for (name, expected) in [
            ("interactions.csv", "interactions.csv"),
            ("../../etc/passwd", "passwd.csv"),
            ("C:\\data\\a b.csv.gz", "a_b.csv"),
            ("상품.csv", "상품.csv"),
            ("a.parquet", "a.parquet"),
            ("a.jsonl.gz", "a.jsonl"),
            ("a.csv.zst", "a.csv.zst"),
            ("..", ""),
            ("", ""),
            ("<script>", "_script_.csv"),
        ] {
            assert_eq!(label(name), expected, "{name}");
        }
        assert!(label(&"x".repeat(500)).chars().count() < 100);
    }
}
