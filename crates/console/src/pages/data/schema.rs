//! The schema of files, as it is guessed from their first rows and changed by hand, with the import that comes of it.

use super::known::{dataset_arn, dataset_type, group_arn, type_name};
use super::schema_form::{FormColumn, SchemaForm, separator_word};
use super::upload::said;
use super::{add, facts};
use crate::cx::Cx;
use crate::format;
use crate::menu::Menu;
use crate::page::{Page, PageError};
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use tastemaker_domain::csv_columns::{ColumnRole, FileFormat, RoleReason, TimeFormat};
use tastemaker_domain::schema::{DatasetDomain, FieldType, Schema};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    DescribeDatasetGroupRequest, DescribeDatasetGroupResponse, DescribeDatasetRequest, DescribeDatasetResponse,
    DescribeSchemaRequest, DescribeSchemaResponse,
};

/// Names that the API knows, as suggestions.
const KNOWN_NAMES: &[&str] = &[
    "USER_ID",
    "ITEM_ID",
    "ACTION_ID",
    "TIMESTAMP",
    "EVENT_TYPE",
    "EVENT_VALUE",
    "IMPRESSION",
    "RECOMMENDATION_ID",
    "CREATION_TIMESTAMP",
];

/// The files that get their schema.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(rename = "type")]
    kind: String,
    location: String,
}

/// The domain of a dataset group.
pub(super) async fn domain(cx: &Cx, group: &str) -> Result<Option<DatasetDomain>, PageError> {
    let request = DescribeDatasetGroupRequest { dataset_group_arn: group_arn(cx, group) };
    let described: DescribeDatasetGroupResponse = cx.call_unseen(Operation::DescribeDatasetGroup, &request).await?;
    let word = described.dataset_group.and_then(|group| group.domain);
    Ok(word.as_deref().and_then(DatasetDomain::parse))
}

/// The schema of a dataset that is there; `None` if it is not.
pub(super) async fn present(cx: &Cx, dataset_arn: &str) -> Result<Option<Schema>, PageError> {
    let request = DescribeDatasetRequest { dataset_arn: dataset_arn.to_owned() };
    let described: Result<DescribeDatasetResponse, _> = cx.call_unseen(Operation::DescribeDataset, &request).await;
    let described = match described {
        Err(error) if error.name == "ResourceNotFoundException" => return Ok(None),
        described => described?,
    };
    let Some(schema_arn) = described.dataset.and_then(|dataset| dataset.schema_arn) else { return Ok(None) };
    let described: DescribeSchemaResponse =
        cx.call_unseen(Operation::DescribeSchema, &DescribeSchemaRequest { schema_arn }).await?;
    let text = described.schema.and_then(|schema| schema.schema).unwrap_or_default();
    Ok(Schema::parse(&text, None).ok())
}

/// Answers `GET /g/{group}/data/schema`.
pub(super) async fn show(cx: Cx, Path(group): Path<String>, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let kind = dataset_type(&asked.kind)?;
    let inspected = match cx.console.ports.files.inspect(&asked.location, kind).await {
        Ok(inspected) => inspected,
        Err(error) => return Ok(add::page(&cx, &group, kind, Some(&said(&cx, &error))).await?.into_response()),
    };
    let job_name = format!("{}-{}", kind.as_str().to_ascii_lowercase().replace('_', "-"), cx.console.now_s());
    let mut form = SchemaForm::of(kind, asked.location, inspected, job_name);
    let present = present(&cx, &dataset_arn(&cx, &group, kind)).await?;
    let missing = present.as_ref().map_or(Ok(()), |schema| form.take_schema(schema));
    let wrong = missing.err().map(|names| cx.text_with("data-schema-missing", &[("names", names.join(", ").into())]));
    let wrong = match wrong {
        None if present.is_none() => form.checked(domain(&cx, &group).await?).err(),
        wrong => wrong,
    };
    Ok(page(&cx, &group, &form, present.is_some(), wrong.as_deref()).into_response())
}

/// The page of a form, with what is wrong with it.
pub(super) fn page(cx: &Cx, group: &str, form: &SchemaForm, is_present: bool, wrong: Option<&str>) -> Page {
    let body = html! {
        @if let Some(wrong) = wrong { div.error role="alert" { pre.message { (wrong) } } }
        p { (type_name(cx, form.kind)) ": " code { (form.location) } }
        (conversions(cx, form))
        form method="post" action=(cx.group_link(group, "/data/import")) {
            (hidden(form))
            h2 { (cx.text("data-schema")) }
            @if is_present { p { (cx.text("data-schema-present")) } }
            (columns(cx, form, is_present))
            datalist id="known-names" { @for name in KNOWN_NAMES { option value=(name) {} } }
            @if !is_present {
                details {
                    summary { (cx.text("data-schema-json")) }
                    p { label for="avro" { (cx.text("data-schema-json-what")) } }
                    textarea id="avro" name="avro" rows="12" cols="80" spellcheck="false" { (pretty(&form.avro)) }
                    p {
                        button name="action" value="show" { (cx.text("data-schema-to-json")) } " "
                        button name="action" value="take" { (cx.text("data-schema-from-json")) }
                    }
                }
            }
            h2 { (cx.text("data-import")) }
            (modes(cx, &form.mode))
            p {
                label for="job" { (cx.text("data-job-name")) }
                input id="job" name="job" value=(form.job_name) required maxlength="63" pattern="[a-zA-Z0-9][a-zA-Z0-9_\\-]*";
            }
            p { button.primary name="action" value="import" { (cx.text("data-start")) } }
        }
    };
    let page = Page::new(Menu::Data, cx.text("data-schema-title"), body).group(group);
    if wrong.is_some() { page.status(StatusCode::UNPROCESSABLE_ENTITY) } else { page }
}

/// Changes to the files before the import.
fn conversions(cx: &Cx, form: &SchemaForm) -> Markup {
    html! {
        @if let Some(separator) = form.separator {
            p { (cx.text_with("data-converts-separator", &[("separator", separator_word(Some(separator)).into())])) }
        }
        @if form.is_utf_16 { p { (cx.text("data-converts-utf-16")) } }
        @if form.format != FileFormat::Csv {
            p { (cx.text_with("data-converts-format", &[("format", form.format.as_str().into())])) }
        }
        @for (column, format) in &form.rewrite().times {
            p { (cx.text_with("data-converts-time", &[("column", column.as_str().into()), ("format", time_name(cx, *format).into())])) }
        }
        @if !form.rewrite().names.is_empty() { p { (cx.text("data-converts-names")) } }
    }
}

fn hidden(form: &SchemaForm) -> Markup {
    let values = [
        ("type", form.kind.as_str().to_owned()),
        ("location", form.location.clone()),
        ("separator", separator_word(form.separator)),
        ("utf-16", form.is_utf_16.to_string()),
        ("format", form.format.as_str().to_owned()),
        ("columns", form.columns.len().to_string()),
    ];
    html! {
        @for (name, value) in &values { input type="hidden" name=(name) value=(value); }
        @for (at, column) in form.columns.iter().enumerate() {
            input type="hidden" name=(format!("header-{at}")) value=(column.header);
        }
    }
}

fn columns(cx: &Cx, form: &SchemaForm, is_present: bool) -> Markup {
    let head = [
        cx.text("data-column"),
        cx.text("data-becomes"),
        cx.text("data-role"),
        cx.text("data-column-type"),
        cx.text("data-may-be-empty"),
        cx.text("data-column-samples"),
        cx.text("data-why"),
    ];
    let rows: Vec<_> = form
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let label = |key: String| format!("{}: {key}", column.header);
            vec![
                facts::value(&column.header),
                html! {
                    input name=(format!("name-{at}")) value=(column.name) list="known-names" aria-label=(label(cx.text("data-becomes")));
                },
                html! {
                    (select(&format!("role-{at}"), &label(cx.text("data-role")), column.role.as_str(), &roles(cx)))
                    @if column.role == ColumnRole::Timestamp {
                        " "
                        (select(&format!("time-{at}"), &label(cx.text("data-time")), column.time_format.map_or("", TimeFormat::as_str), &time_formats(cx)))
                    }
                },
                if is_present {
                    html! {
                        (column.field_type.as_str())
                        input type="hidden" name=(format!("type-{at}")) value=(column.field_type.as_str());
                    }
                } else {
                    select(&format!("type-{at}"), &label(cx.text("data-column-type")), column.field_type.as_str(), &types())
                },
                html! {
                    input type="checkbox" name=(format!("null-{at}")) value="true" checked[column.nullable]
                        aria-label=(label(cx.text("data-may-be-empty")));
                },
                samples(column),
                why(cx, column),
            ]
        })
        .collect();
    facts::table(&cx.text("data-schema"), &head, &rows)
}

fn select(name: &str, label: &str, chosen: &str, options: &[(&'static str, String)]) -> Markup {
    html! {
        select name=(name) aria-label=(label) {
            @for (value, text) in options { option value=(value) selected[*value == chosen] { (text) } }
        }
    }
}

fn roles(cx: &Cx) -> Vec<(&'static str, String)> {
    let text = |role: ColumnRole| match role {
        ColumnRole::Id => cx.text("data-role-id"),
        ColumnRole::Timestamp => cx.text("data-role-timestamp"),
        ColumnRole::Category => cx.text("data-role-category"),
        ColumnRole::Text => cx.text("data-role-text"),
        ColumnRole::Number => cx.text("data-role-number"),
        ColumnRole::Plain => cx.text("data-role-plain"),
        ColumnRole::Ignore => cx.text("data-role-ignore"),
    };
    ColumnRole::ALL.iter().map(|role| (role.as_str(), text(*role))).collect()
}

/// The ways in which times may be written.
fn time_formats(cx: &Cx) -> Vec<(&'static str, String)> {
    let seconds = ("", cx.text("data-time-seconds"));
    std::iter::once(seconds)
        .chain(TimeFormat::ALL.iter().map(|format| (format.as_str(), time_name(cx, *format))))
        .collect()
}

fn time_name(cx: &Cx, format: TimeFormat) -> String {
    match format {
        TimeFormat::Milliseconds => cx.text("data-time-milliseconds"),
        TimeFormat::Iso8601 => cx.text("data-time-iso"),
        TimeFormat::DayMonthYear => cx.text("data-time-day-month"),
        TimeFormat::MonthDayYear => cx.text("data-time-month-day"),
    }
}

fn types() -> Vec<(&'static str, String)> {
    FieldType::ALL.iter().map(|of| (of.as_str(), of.as_str().to_owned())).collect()
}

fn samples(column: &FormColumn) -> Markup {
    html! {
        @if let Some(seen) = &column.seen {
            @for (at, sample) in seen.samples.iter().enumerate() { @if at > 0 { ", " } (facts::value(sample)) }
        }
    }
}

fn why(cx: &Cx, column: &FormColumn) -> Markup {
    let text = |reason| match reason {
        RoleReason::KnownName => cx.text("data-why-known-name"),
        RoleReason::LikeKnownName => cx.text("data-why-like-known-name"),
        RoleReason::WholeNumbers => cx.text("data-why-whole-numbers"),
        RoleReason::Numbers => cx.text("data-why-numbers"),
        RoleReason::FewValues => cx.text("data-why-few-values"),
        RoleReason::LongTexts => cx.text("data-why-long-texts"),
        RoleReason::ManyValues => cx.text("data-why-many-values"),
        RoleReason::NoRoom => cx.text("data-why-no-room"),
        RoleReason::BadName => cx.text("data-why-bad-name"),
        RoleReason::NoValues => cx.text("data-why-no-values"),
    };
    html! {
        @if let Some(seen) = &column.seen {
            (text(seen.reason))
            @if seen.empty > 0 { "; " (cx.text_with("data-why-empty", &[("count", format::count(seen.empty).into())])) }
        }
    }
}

fn modes(cx: &Cx, chosen: &str) -> Markup {
    let modes = [("FULL", cx.text("data-mode-full")), ("INCREMENTAL", cx.text("data-mode-incremental"))];
    html! {
        fieldset {
            legend { (cx.text("data-mode")) }
            @for (value, text) in &modes {
                p {
                    input type="radio" name="mode" id=(format!("mode-{value}")) value=(value) checked[*value == chosen];
                    label for=(format!("mode-{value}")) { (text) }
                }
            }
        }
    }
}

/// Avro JSON with line ends.
fn pretty(schema: &str) -> String {
    let parsed = serde_json::from_str::<serde_json::Value>(schema);
    parsed.and_then(|json| serde_json::to_string_pretty(&json)).unwrap_or_else(|_| schema.to_owned())
}
