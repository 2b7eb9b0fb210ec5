//! An import: how far it is, what it took, and what it left out with file, line, value and remedy.

use super::facts::{self, cell, list};
use super::known::{dataset_type, name_of, type_name};
use crate::cx::{Cx, segment};
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::spreadsheet;
use crate::{examples, format};
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use maud::{Markup, html};
use tastemaker_domain::import_report::{ImportReport, RefusalReason, Refused};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    DatasetImportJob, DescribeDatasetImportJobRequest, DescribeDatasetImportJobResponse,
};

/// Lines of a group that the page shows; the file has all that are kept.
const LINES_SHOWN_MAX: usize = 100;
/// Characters of a value that are shown.
const VALUE_CHARACTERS_MAX: usize = 80;

/// The import job of this name.
pub(super) async fn describe(cx: &Cx, job: &str) -> Result<DatasetImportJob, PageError> {
    let request = DescribeDatasetImportJobRequest { dataset_import_job_arn: cx.arn("dataset-import-job", job) };
    let described: DescribeDatasetImportJobResponse = cx.call(Operation::DescribeDatasetImportJob, &request).await?;
    described.dataset_import_job.ok_or(PageError::NotFound)
}

/// Answers `GET /g/{group}/data/imports/{job}`.
pub(super) async fn show(cx: Cx, Path((group, job)): Path<(String, String)>) -> Result<Page, PageError> {
    let found = describe(&cx, &job).await?;
    let arn = found.dataset_import_job_arn.clone().unwrap_or_default();
    let report = cx.console.ports.datasets.report(&arn).await;
    let state = found.status.clone().unwrap_or_default();
    let is_running = state.starts_with("CREATE ") && !state.ends_with("FAILED");
    let here = cx.group_link(&group, &format!("/data/imports/{}", segment(&job)));
    let body = html! {
        // The page asks for this part again for as long as the import runs.
        @if is_running {
            div id="import" hx-get=(here) hx-trigger="every 2s" hx-select="#import" hx-select-oob="#state" hx-swap="outerHTML" {
                (progress(&cx, &arn))
                noscript { p { a href=(here) { (cx.text("data-reload")) } } }
            }
        } @else {
            div id="import" { (ended(&cx, &group, &here, &found, report.as_deref())) }
        }
        (list(&described(&cx, &group, &found)))
    };
    let page = Page::new(Menu::Data, job, body).group(group).state(state).arn(arn);
    let page = match found.last_updated_date_time {
        Some(seconds) => page.changed(seconds),
        None => page,
    };
    Ok(page.examples(examples::of_page(&cx)))
}

/// Answers GET at the address of the form of the page, as a reload or a choice of language asks for it.
pub(super) async fn lead_here(cx: Cx, Path((group, job)): Path<(String, String)>) -> Redirect {
    Redirect::to(&cx.group_link(&group, &format!("/data/imports/{}", segment(&job))))
}

fn described(cx: &Cx, group: &str, found: &DatasetImportJob) -> Vec<(String, Markup)> {
    let dataset = name_of(found.dataset_arn.as_deref().unwrap_or_default()).to_owned();
    let location = found.data_source.as_ref().and_then(|source| source.data_location.clone()).unwrap_or_default();
    let link = cx.group_link(group, &format!("/data/{dataset}"));
    let name = dataset_type(&dataset).map_or_else(|_| dataset.clone(), |kind| type_name(cx, kind));
    vec![
        (cx.text("data-dataset"), html! { a href=(link) { (name) } }),
        (cx.text("data-location"), html! { code { (location) } }),
        (cx.text("data-mode"), cell(found.import_mode.as_deref().unwrap_or("FULL"))),
        (cx.text("data-begun"), format::time(found.creation_date_time.unwrap_or(0.0))),
    ]
}

fn progress(cx: &Cx, arn: &str) -> Markup {
    let running = cx.console.ports.progress.now().into_iter().find(|job| job.resource_arn == arn);
    html! {
        @match running {
            Some(job) if job.total > 0 => {
                progress aria-label=(cx.text("data-import")) value=(job.done) max=(job.total) {}
                p { (cx.said(&job.detail)) }
            }
            Some(job) => p { (cx.said(&job.detail)) },
            None => p { (cx.text("data-waiting")) },
        }
    }
}

fn ended(cx: &Cx, group: &str, here: &str, found: &DatasetImportJob, report: Option<&ImportReport>) -> Markup {
    let failed = found.status.as_deref().is_some_and(|status| status.ends_with("FAILED"));
    let reason = found.failure_reason.as_deref().unwrap_or_default();
    html! {
        @if failed {
            (failure(cx, group, here, reason))
        } @else if let Some(report) = report {
            (list(&[
                (cx.text("data-accepted"), cell(format::count(report.rows))),
                (cx.text("data-rows-left-out"), cell(format::count(report.rows_left_out))),
                (cx.text("data-values-left-out"), cell(format::count(report.values_left_out))),
                (cx.text("data-files"), cell(format::count(report.files))),
                (cx.text("data-bytes"), cell(format::bytes(report.bytes))),
            ]))
            @if report.refused.is_empty() {
                p { (cx.text("data-nothing-refused")) }
            } @else {
                h2 { (cx.text("data-refused")) }
                p { a href=(format!("{here}/refused.csv")) download { (cx.text("data-refused-file")) } }
                @for refused in &report.refused { (of_reason(cx, refused)) }
            }
        } @else {
            @if !reason.is_empty() { p lang="en" { (reason) } }
        }
    }
}

/// Why an import failed, as a row of the same table where the reason names a line.
fn failure(cx: &Cx, group: &str, here: &str, reason: &str) -> Markup {
    html! {
        div.error role="alert" { p.message lang="en" { (reason) } }
        @if let Some(line) = Line::of(reason) {
            h2 { (cx.text("data-refused")) }
            @let row = vec![
                facts::value(line.file),
                cell(line.number),
                cell(line.column),
                facts::value(line.text),
                cell(cx.text("data-remedy-line")),
            ];
            (facts::table(&cx.text("data-refused"), &line_head(cx), &[row]))
            @if cx.may_edit() {
                form method="post" action=(format!("{here}/rest")) {
                    p { (cx.text("data-rest-what")) }
                    button { (cx.text("data-rest")) }
                }
            }
        }
        p { a.button href=(cx.group_link(group, "/data/add")) { (cx.text("data-add-again")) } }
    }
}

/// The place of a fault, by the text of an import's failure: `FILE line 5 column PRICE: 'x' must be ...`.
#[derive(Debug, PartialEq)]
struct Line<'a> {
    file: &'a str,
    number: &'a str,
    column: &'a str,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn of(reason: &'a str) -> Option<Self> {
        reason.match_indices(" line ").find_map(|(at, separator)| {
            let (file, rest) = (&reason[..at], &reason[at + separator.len()..]);
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = rest.split_at(digits);
            let (column, text) = match rest.strip_prefix(" column ") {
                Some(rest) => rest.split_once(": ")?,
                None => ("", rest.strip_prefix(": ")?),
            };
            (digits > 0).then_some(Self { file, number, column, text })
        })
    }
}

fn line_head(cx: &Cx) -> [String; 5] {
    [cx.text("data-file"), cx.text("data-line"), cx.text("data-column"), cx.text("data-reason"), cx.text("data-remedy")]
}

/// The lines of a column that were left out for one reason, with what to do.
pub(super) fn of_reason(cx: &Cx, refused: &Refused) -> Markup {
    let head = [cx.text("data-file"), cx.text("data-line"), cx.text("data-value"), cx.text("data-reason")];
    let rows: Vec<_> = refused
        .lines
        .iter()
        .take(LINES_SHOWN_MAX)
        .map(|line| {
            let value = html! { bdi title=(line.value) { (format::shortened(&line.value, VALUE_CHARACTERS_MAX)) } };
            vec![facts::value(&line.file), cell(line.line.to_string()), value, cell(&line.rule)]
        })
        .collect();
    html! {
        details open {
            summary {
                @if !refused.column.is_empty() { code { (refused.column) } ": " }
                (reason(cx, refused.reason)) " "
                strong { (format::count(refused.count)) }
            }
            p { (remedy(cx, refused.reason)) }
            (facts::table(&refused.column, &head, &rows))
            @if refused.count > rows.len() as u64 { p.quiet { (cx.text_with("data-first-lines", &[("count", rows.len().into())])) } }
        }
    }
}

fn reason(cx: &Cx, reason: RefusalReason) -> String {
    match reason {
        RefusalReason::Empty => cx.text("data-refused-empty"),
        RefusalReason::TooLong => cx.text("data-refused-too-long"),
        RefusalReason::NotAWholeNumber => cx.text("data-refused-whole-number"),
        RefusalReason::NotANumber => cx.text("data-refused-number"),
        RefusalReason::NotABoolean => cx.text("data-refused-boolean"),
        RefusalReason::Milliseconds => cx.text("data-refused-milliseconds"),
        RefusalReason::NegativeTime => cx.text("data-refused-negative"),
        RefusalReason::Future => cx.text("data-refused-future"),
        RefusalReason::Structure => cx.text("data-refused-structure"),
    }
}

fn remedy(cx: &Cx, reason: RefusalReason) -> String {
    match reason {
        RefusalReason::Empty => cx.text("data-remedy-empty"),
        RefusalReason::TooLong => cx.text("data-remedy-too-long"),
        RefusalReason::NotAWholeNumber => cx.text("data-remedy-whole-number"),
        RefusalReason::NotANumber => cx.text("data-remedy-number"),
        RefusalReason::NotABoolean => cx.text("data-remedy-boolean"),
        RefusalReason::Milliseconds | RefusalReason::NegativeTime => cx.text("data-remedy-seconds"),
        RefusalReason::Future => cx.text("data-remedy-future"),
        RefusalReason::Structure => cx.text("data-remedy-structure"),
    }
}

/// Answers `GET /g/{group}/data/imports/{job}/refused.csv`: the lines that are kept, for spreadsheets.
pub(super) async fn refused_csv(cx: Cx, Path((_, job)): Path<(String, String)>) -> Result<Response, PageError> {
    let found = describe(&cx, &job).await?;
    let report = cx.console.ports.datasets.report(found.dataset_import_job_arn.as_deref().unwrap_or_default()).await;
    let report = report.ok_or(PageError::NotFound)?;
    let mut csv = String::from("FILE,LINE,COLUMN,VALUE,REASON,RULE\n");
    for refused in &report.refused {
        for line in &refused.lines {
            let number = line.line.to_string();
            let value = line.value.trim_matches('\'');
            let cells = [&line.file, &number, &refused.column, value, refused.reason.as_str(), &line.rule];
            csv += &cells.map(spreadsheet::cell).join(",");
            csv.push('\n');
        }
    }
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"refused.csv\"")];
    Ok((headers, csv).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_failure_is_found() {
        let reason = "s3://b/a line x.csv line 12 column PRICE: 'x: y' must be a finite number";
        let expected =
            Line { file: "s3://b/a line x.csv", number: "12", column: "PRICE", text: "'x: y' must be a finite number" };
        assert_eq!(Line::of(reason), Some(expected));
        let reason = "s3://b/f.csv line 3: the row has 4 values; the header has 5 columns";
        let found = Line::of(reason).unwrap();
        assert_eq!((found.column, found.text), ("", "the row has 4 values; the header has 5 columns"));
        for other in ["There is no object s3://b/f.csv.", "a line b: c", " line ", "x line 5", "x line 5 column Y"] {
            assert_eq!(Line::of(other), None, "{other}");
        }
    }
}
