//! The files of a batch job: their first answers, the files as they are, and their users as rows for Braze and spreadsheets.

use super::answers::Answer;
use super::jobs::{BatchJob, BatchKind, describe};
use crate::cx::{Cx, segment};
use crate::data_ports::StoredObject;
use crate::format;
use crate::page::PageError;
use crate::pages::data::said;
use crate::spreadsheet;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use maud::{Markup, html};
use serde::Deserialize;
use std::io;
use std::io::BufRead;
use tastemaker_domain::s3_path::S3Path;

/// The end of the names of files with answers.
const ANSWERS: &str = ".out";
/// Files that a page shows.
const FILES_SHOWN_MAX: usize = 50;
/// Bytes that are read for the first answers.
const FIRST_BYTES_MAX: usize = 256 << 10;
/// Answers that a page shows.
const FIRST_ANSWERS_MAX: usize = 10;
/// Columns of items in the rows for Braze and spreadsheets.
const ITEM_COLUMNS_MAX: usize = 25;
/// The longest line of a file that is read; longer ones end the rows with an error.
const LINE_BYTES_MAX: usize = 16 << 20;

/// The first answers of a file.
#[derive(Default)]
pub(super) struct FirstAnswers {
    pub file: String,
    pub answers: Vec<Answer>,
}

/// The files with answers of a job.
pub(super) async fn of(cx: &Cx, job: &BatchJob) -> Vec<StoredObject> {
    let Some(folder) = job.output() else { return Vec::new() };
    let found = cx.console.ports.files.list(&folder.bucket, &folder.key).await.unwrap_or_default();
    found.into_iter().filter(|object| object.key.ends_with(ANSWERS)).collect()
}

/// The first answers of the first file.
pub(super) async fn first_answers(cx: &Cx, job: &BatchJob, files: &[StoredObject]) -> FirstAnswers {
    let (Some(folder), Some(file)) = (job.output(), files.first()) else { return FirstAnswers::default() };
    let Ok(Some((_, mut stream))) = cx.console.ports.files.read(&folder.bucket, &file.key).await else {
        return FirstAnswers::default();
    };
    let mut read = Vec::new();
    while let Some(Ok(bytes)) = stream.next().await {
        read.extend_from_slice(&bytes);
        let lines = read.iter().filter(|byte| **byte == b'\n').count();
        if read.len() >= FIRST_BYTES_MAX || lines >= FIRST_ANSWERS_MAX {
            break;
        }
    }
    let lines = read.lines().map_while(Result::ok);
    let answers = lines.take(FIRST_ANSWERS_MAX).filter_map(|line| Answer::of(&line)).collect();
    FirstAnswers { file: file_name(&file.key).to_owned(), answers }
}

/// The list of the files, each to be downloaded as it is, and the rows of all of them.
pub(super) fn section(cx: &Cx, group: &str, job: &BatchJob, files: &[StoredObject]) -> Markup {
    let here = job.link(cx, group);
    html! {
        h2 { (cx.text("data-files")) }
        @if files.is_empty() {
            p.hint { (cx.text("batch-no-files")) }
        } @else {
            ul {
                @for file in files.iter().take(FILES_SHOWN_MAX) {
                    li {
                        a href=(format!("{here}/file?key={}", segment(&file.key))) download { (format::shortened(file_name(&file.key), 80)) }
                        " (" (format::bytes(file.bytes)) ")"
                    }
                }
            }
            @if files.len() > FILES_SHOWN_MAX { p.hint { (cx.text_with("batch-more", &[("count", (files.len() - FILES_SHOWN_MAX).into())])) } }
            p {
                a.button href=(format!("{here}/users.csv")) download { (cx.text("batch-users-file")) }
            }
            p.hint {
                @match job.kind {
                    BatchKind::Inference => (cx.text("batch-users-help-lists")),
                    BatchKind::Segment => (cx.text("batch-users-help-segments")),
                }
            }
        }
    }
}

fn file_name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// A file of a job.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    key: String,
}

/// Answers `GET /g/{group}/batch/{kind}/{job}/file`: a file as the job wrote it.
pub(super) async fn download(
    cx: Cx,
    Path((group, kind, job)): Path<(String, String, String)>,
    Query(Wanted { key }): Query<Wanted>,
) -> Result<Response, PageError> {
    let job = describe(&cx, &group, BatchKind::of(&kind)?, &job).await?;
    let folder = job.output().ok_or(PageError::NotFound)?;
    // Nothing but the job's own files.
    if !key.starts_with(&folder.key) || !key.ends_with(ANSWERS) {
        return Err(PageError::NotFound);
    }
    let found = cx.console.ports.files.read(&folder.bucket, &key).await;
    let found = found.map_err(|error| PageError::Unavailable(said(&cx, &error)))?;
    let (bytes, body) = found.ok_or(PageError::NotFound)?;
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let file: String = file_name(&key).chars().map(plain).collect();
    let headers = [
        (CONTENT_TYPE, "application/x-ndjson".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")),
        (CONTENT_LENGTH, bytes.to_string()),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// Answers `GET /g/{group}/batch/{kind}/{job}/users.csv`: a row for each user, as Braze's import of users takes it.
pub(super) async fn users(
    cx: Cx,
    Path((group, kind, job)): Path<(String, String, String)>,
) -> Result<Response, PageError> {
    let job = describe(&cx, &group, BatchKind::of(&kind)?, &job).await?;
    if !job.is_active() {
        return Err(PageError::NotFound);
    }
    let folder = job.output().ok_or(PageError::NotFound)?;
    let keys: Vec<String> = of(&cx, &job).await.into_iter().map(|file| file.key).collect();
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}-users.csv\"", job.name)),
    ];
    Ok((headers, Body::from_stream(rows(cx, job.kind, job.name, folder, keys))).into_response())
}

/// The head and the rows of all files, file after file.
fn rows(
    cx: Cx,
    kind: BatchKind,
    name: String,
    folder: S3Path,
    keys: Vec<String>,
) -> BoxStream<'static, io::Result<Bytes>> {
    let head = Bytes::from(csv_line(&head(kind)));
    let files = futures::stream::iter(keys).then(move |key| {
        let (cx, name, bucket) = (cx.clone(), name.clone(), folder.bucket.clone());
        async move {
            let found = cx.console.ports.files.read(&bucket, &key).await.map_err(io::Error::other)?;
            let (_, stream) = found.ok_or_else(|| io::Error::other(format!("{key} is gone")))?;
            Ok::<_, io::Error>(rows_of(kind, name, stream))
        }
    });
    futures::stream::once(async move { Ok(head) }).chain(files.try_flatten()).boxed()
}

fn head(kind: BatchKind) -> Vec<String> {
    let mut head = vec!["external_id".to_owned()];
    match kind {
        BatchKind::Inference => head.extend((1..=ITEM_COLUMNS_MAX).map(|at| format!("recommended_item_{at}"))),
        BatchKind::Segment => head.push("segment".to_owned()),
    }
    head
}

/// The rows of a file.
fn rows_of(
    kind: BatchKind,
    name: String,
    stream: BoxStream<'static, io::Result<Bytes>>,
) -> BoxStream<'static, io::Result<Bytes>> {
    let state = (stream, Vec::new(), false);
    futures::stream::try_unfold(state, move |(mut stream, mut rest, is_over)| {
        let name = name.clone();
        async move {
            if is_over {
                return Ok(None);
            }
            let is_over = match stream.try_next().await? {
                Some(bytes) => {
                    rest.extend_from_slice(&bytes);
                    false
                }
                None => true,
            };
            // A file may end without a line feed.
            let end =
                if is_over { rest.len() } else { rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1) };
            if end == 0 && rest.len() > LINE_BYTES_MAX {
                return Err(io::Error::other(format!("a line has more than {LINE_BYTES_MAX} bytes")));
            }
            let whole: Vec<u8> = rest.drain(..end).collect();
            let answers = whole.split(|byte| *byte == b'\n').filter_map(|line| Answer::of(str::from_utf8(line).ok()?));
            let lines: String =
                answers.flat_map(|answer| rows_of_answer(kind, &name, answer)).map(|row| csv_line(&row)).collect();
            Ok(Some((Bytes::from(lines), (stream, rest, is_over))))
        }
    })
    .boxed()
}

/// A list is a row of its user; a segment is a row of each of its users. A list of an item is about no user.
fn rows_of_answer(kind: BatchKind, name: &str, answer: Answer) -> Vec<Vec<String>> {
    match kind {
        BatchKind::Inference if answer.error.is_some() => Vec::new(),
        BatchKind::Inference => {
            let mut row = vec![answer.asked];
            row.extend(answer.items.into_iter().take(ITEM_COLUMNS_MAX).map(|(item, _)| item));
            row.resize(1 + ITEM_COLUMNS_MAX, String::new());
            vec![row]
        }
        BatchKind::Segment => {
            let segment = format!("{name}: {}", answer.asked);
            answer.users.into_iter().map(|user| vec![user, segment.clone()]).collect()
        }
    }
}

/// A line of CSV, whose values no spreadsheet takes for formulas.
fn csv_line(values: &[String]) -> String {
    let cells: Vec<String> = values.iter().map(|value| spreadsheet::cell(value)).collect();
    format!("{}\n", cells.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn rows_for_braze_from_files_that_come_in_pieces() {
        let text = "{\"input\":{\"userId\": \"u,1\"},\"output\":{\"recommendedItems\":[\"=a\",\"b\"]},\"error\":null}\n\
                    {\"input\":{\"userId\": \"u2\"},\"output\":null,\"error\":\"none\"}\n";
        let pieces: Vec<io::Result<Bytes>> =
            text.as_bytes().chunks(7).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let rows = rows_of(BatchKind::Inference, "nightly".into(), futures::stream::iter(pieces).boxed());
        let rows: Vec<Bytes> = rows.try_collect().await.unwrap();
        let expected = format!("\"u,1\",\"'=a\",\"b\"{}\n", ",\"\"".repeat(ITEM_COLUMNS_MAX - 2));
        assert_eq!(String::from_utf8(rows.concat()).unwrap(), expected);
        let answer = Answer { asked: "i1".into(), users: vec!["u1".into(), "u2".into()], ..Answer::default() };
        let rows = rows_of_answer(BatchKind::Segment, "fans", answer);
        assert_eq!(rows, [["u1", "fans: i1"], ["u2", "fans: i1"]]);
        assert_eq!(head(BatchKind::Inference).len(), 1 + ITEM_COLUMNS_MAX);
    }
}
