//! A dataset: its statistics, insights, columns, schema and imports.

use super::facts::{self, cell, list};
use super::known::{Known, dataset_arn, dataset_type, type_name};
use super::{exports, figures, insight_list, item};
use crate::cx::{Cx, segment};
use crate::layout::status;
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::{examples, format};
use axum::extract::Path;
use maud::{Markup, html};
use tastemaker_domain::dataset_statistics::{
    ColumnStatistics, DatasetStatistics, InteractionStatistics, StreamedStatistics,
};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    DescribeDatasetRequest, DescribeDatasetResponse, DescribeSchemaRequest, DescribeSchemaResponse,
};

/// Answers `GET /g/{group}/data/{kind}`.
pub(super) async fn show(cx: Cx, Path((group, kind)): Path<(String, String)>) -> Result<Page, PageError> {
    let kind = dataset_type(&kind)?;
    let arn = dataset_arn(&cx, &group, kind);
    let request = DescribeDatasetRequest { dataset_arn: arn.clone() };
    let described: DescribeDatasetResponse = cx.call(Operation::DescribeDataset, &request).await?;
    let dataset = described.dataset.unwrap_or_default();
    let schema = match &dataset.schema_arn {
        Some(schema_arn) => {
            let request = DescribeSchemaRequest { schema_arn: schema_arn.clone() };
            let described: DescribeSchemaResponse = cx.call(Operation::DescribeSchema, &request).await?;
            described.schema.and_then(|schema| schema.schema).unwrap_or_default()
        }
        None => String::new(),
    };
    let known = Known::of(&cx, &arn).await?;
    let add = cx.group_link(&group, &format!("/data/add?type={}", kind.as_str()));
    let exports = if known.is_imported() || known.statistics.is_some() {
        exports::section(&cx, &group, kind.as_str(), &arn).await?
    } else {
        html! {}
    };
    let body = html! {
        @match known.statistics.as_deref() {
            Some(found) => (statistics(&cx, &group, found, &known)),
            None if known.is_imported() => p { (cx.text("data-counting")) },
            None => (empty(&cx.text("data-no-rows"), Some((&cx.text("data-add"), &add)))),
        }
        @if let Some(streamed) = known.streamed.as_deref() { (streamed_events(&cx, streamed)) }
        h2 { (cx.text("data-imports")) }
        (imports(&cx, &group, &known))
        p { a.button href=(add) { (cx.text("data-add")) } }
        (exports)
        h2 { (cx.text("data-schema")) }
        details { summary { (cx.text("data-schema-show")) } pre tabindex="0" { code { (pretty(&schema)) } } }
    };
    let state = dataset.status.unwrap_or_default();
    let page = Page::new(Menu::Data, type_name(&cx, kind), body).group(group).state(state).arn(arn);
    let page = match dataset.last_updated_date_time {
        Some(seconds) => page.changed(seconds),
        None => page,
    };
    Ok(page.examples(examples::of_page(&cx)))
}

fn statistics(cx: &Cx, group: &str, found: &DatasetStatistics, known: &Known) -> Markup {
    html! {
        (list(&head(cx, found)))
        (facts::estimate_note(cx, found.is_estimate))
        h2 { (cx.text("data-insights")) }
        (insight_list::list(cx, group, &known.insights()))
        @if let Some(interactions) = found.interactions.as_ref().filter(|_| found.rows > 0) {
            (of_interactions(cx, group, found, interactions))
        }
        h2 { (cx.text("data-columns")) }
        (columns(cx, found))
        @for (at, column) in found.columns.iter().enumerate() { (picture(cx, at, column)) }
    }
}

fn head(cx: &Cx, found: &DatasetStatistics) -> Vec<(String, Markup)> {
    let mut head = vec![(cx.text("data-rows"), cell(format::count(found.rows)))];
    if let Some(of) = &found.interactions {
        head.push((cx.text("data-users"), cell(facts::count(of.users, found.is_estimate))));
        head.push((cx.text("data-items"), cell(facts::count(of.items, found.is_estimate))));
        head.push((cx.text("data-first"), format::time(of.first_s as f64)));
        head.push((cx.text("data-last"), format::time(of.last_s as f64)));
        head.push((cx.text("data-duplicates"), cell(facts::count(of.duplicates, found.is_estimate))));
        if let Some(unknown) = of.unknown_items {
            head.push((cx.text("data-unknown-items"), cell(facts::share(unknown, found.rows))));
        }
        if let Some(unknown) = of.unknown_users {
            head.push((cx.text("data-unknown-users"), cell(facts::share(unknown, found.rows))));
        }
    }
    if let Some(of) = &found.metadata {
        head.push((cx.text("data-ids"), cell(facts::count(of.ids, found.is_estimate))));
        if let Some(without) = of.without_interactions {
            head.push((cx.text("data-without-interactions"), cell(facts::share(without, of.ids))));
        }
        if let Some(newest_s) = of.newest_creation_s {
            head.push((cx.text("data-newest"), format::time(newest_s as f64)));
            head.push((cx.text("data-new-in-30-days"), cell(format::count(of.created_in_30_days))));
        }
    }
    head.push((cx.text("data-made"), format::time(found.made_ms as f64 / 1000.0)));
    head
}

fn of_interactions(cx: &Cx, group: &str, found: &DatasetStatistics, of: &InteractionStatistics) -> Markup {
    html! {
        h2 { (cx.text("data-when")) }
        (figures::by_day(cx, of))
        h3 { (cx.text("data-by-hour")) }
        (figures::by_hour(cx, of))
        h2 { (cx.text("data-event-types")) }
        (figures::event_types(cx, found, of))
        h2 { (cx.text("data-lengths")) }
        (figures::lengths(cx, of))
        h2 { (cx.text("data-popularity")) }
        (figures::popularity(cx, of))
        (most(cx, group, found, of))
        @if let Some(user) = &of.median_user {
            p { a href=(cx.group_link(group, &format!("/try?user={}", segment(user)))) { (cx.text("data-try-median")) } " " (facts::value(user)) }
        }
    }
}

/// The items and the users with the most rows.
fn most(cx: &Cx, group: &str, found: &DatasetStatistics, of: &InteractionStatistics) -> Markup {
    html! {
        @for (title, page, values) in [(cx.text("data-most-items"), "items", &of.top_items), (cx.text("data-most-users"), "users", &of.top_users)] {
            details {
                summary { (title) }
                @let rows: Vec<_> = values
                    .iter()
                    .map(|of| vec![html! { a href=(item::link(cx, group, page, &of.value)) { (facts::value(&of.value)) } }, cell(format::count(of.rows)), cell(facts::share(of.rows, found.rows))])
                    .collect();
                (facts::table(&title, &[cx.text("data-value"), cx.text("data-rows"), cx.text("data-share")], &rows))
            }
        }
    }
}

fn columns(cx: &Cx, found: &DatasetStatistics) -> Markup {
    let head = [
        cx.text("data-column"),
        cx.text("data-column-type"),
        cx.text("data-column-empty"),
        cx.text("data-column-distinct"),
        cx.text("data-column-samples"),
    ];
    let row = |column: &ColumnStatistics| {
        vec![
            html! { code { (column.name) } },
            kind(cx, column),
            cell(facts::share(column.empty, found.rows)),
            cell(facts::count(column.distinct, column.distinct_is_estimate)),
            html! { @for (at, sample) in column.samples.iter().enumerate() { @if at > 0 { ", " } (facts::value(sample)) } },
        ]
    };
    facts::table(&cx.text("data-columns"), &head, &found.columns.iter().map(row).collect::<Vec<_>>())
}

fn kind(cx: &Cx, column: &ColumnStatistics) -> Markup {
    html! {
        (column.field_type.as_str())
        @if column.categorical { ", " (cx.text("data-categorical")) }
        @if column.textual { ", " (cx.text("data-textual")) }
        @if column.nullable { ", " (cx.text("data-nullable")) }
    }
}

/// The picture of a column's values, where there is one to draw.
fn picture(cx: &Cx, at: usize, column: &ColumnStatistics) -> Markup {
    let id = format!("column-{at}");
    html! {
        @if let Some(numbers) = &column.numbers {
            h3 { code { (column.name) } }
            (figures::numbers(cx, &id, &column.name, numbers))
            @if !numbers.farthest.is_empty() {
                @let farthest: Vec<String> = numbers.farthest.iter().map(|value| facts::number(*value)).collect();
                p.quiet { (cx.text_with("data-farthest", &[("values", farthest.join(", ").into())])) }
            }
        } @else if !column.top.is_empty() {
            h3 { code { (column.name) } }
            (figures::top_values(cx, &id, &column.name, &column.top))
        } @else if let Some(text) = &column.text {
            h3 { code { (column.name) } }
            p {
                (cx.text_with("data-text-lengths", &[
                    ("mean", format!("{:.0}", text.chars_mean).into()),
                    ("max", format::count(text.chars_max).into()),
                ]))
                @if !text.script.is_empty() { " " (script(cx, &text.script)) }
            }
        }
    }
}

/// The guess of a text's language by the script of its letters.
fn script(cx: &Cx, script: &str) -> String {
    match script {
        "latin" => cx.text("data-script-latin"),
        "hangul" => cx.text("data-script-hangul"),
        "kana" => cx.text("data-script-kana"),
        "han" => cx.text("data-script-han"),
        "cyrillic" => cx.text("data-script-cyrillic"),
        _ => cx.text("data-script-other"),
    }
}

/// The events that came through event trackers since the dataset is there.
fn streamed_events(cx: &Cx, streamed: &StreamedStatistics) -> Markup {
    let mut rows = vec![(cx.text("data-streamed-events"), cell(format::count(streamed.events)))];
    if let Some(last_ms) = streamed.last_received_ms {
        rows.push((cx.text("data-streamed-last"), format::time(last_ms as f64 / 1000.0)));
    }
    if streamed.timed > 0 {
        rows.push((cx.text("data-streamed-late"), cell(facts::share(streamed.late, streamed.timed))));
    }
    let types: Vec<String> =
        streamed.event_types.iter().map(|(name, count)| format!("{name}: {}", format::count(*count))).collect();
    rows.push((cx.text("data-event-types"), cell(types.join(", "))));
    html! {
        h2 { (cx.text("data-streamed")) }
        (list(&rows))
    }
}

fn imports(cx: &Cx, group: &str, known: &Known) -> Markup {
    let head = [
        cx.text("data-import"),
        cx.text("data-state"),
        cx.text("data-mode"),
        cx.text("data-changed"),
        cx.text("data-said"),
    ];
    let row = |job: &tastemaker_wire::personalize::DatasetImportJobSummary| {
        let name = job.job_name.as_deref().unwrap_or_default();
        vec![
            html! { a href=(cx.group_link(group, &format!("/data/imports/{}", segment(name)))) { (name) } },
            status(cx, job.status.as_deref().unwrap_or_default()),
            cell(job.import_mode.as_deref().unwrap_or("FULL")),
            format::time(job.last_updated_date_time.unwrap_or(0.0)),
            html! { span lang="en" { (format::shortened(job.failure_reason.as_deref().unwrap_or_default(), 120)) } },
        ]
    };
    html! {
        @if known.imports.is_empty() {
            p { (cx.text("data-no-imports")) }
        } @else {
            (facts::table(&cx.text("data-imports"), &head, &known.imports.iter().map(row).collect::<Vec<_>>()))
        }
    }
}

/// Avro JSON with line ends.
fn pretty(schema: &str) -> String {
    let parsed = serde_json::from_str::<serde_json::Value>(schema);
    parsed.and_then(|json| serde_json::to_string_pretty(&json)).unwrap_or_else(|_| schema.to_owned())
}
