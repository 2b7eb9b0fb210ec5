//! The comparison of the page Evaluate as files: CSV for spreadsheets, JSON for programs, Markdown for people.

use super::shown::{Shown, short};
use crate::cx::Cx;
use crate::evaluation::{Column, best, differing, metric_keys, metric_name, verdict};
use crate::page::PageError;
use crate::spreadsheet::cell;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use maud::{Markup, html};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The files by their end, with their type.
const FILES: [(&str, &str); 3] =
    [("csv", "text/csv; charset=utf-8"), ("json", "application/json"), ("md", "text/markdown; charset=utf-8")];

/// A value of the comparison.
struct Row {
    part: Part,
    /// The metric's key, the path of the setting, or the least number of events of a band.
    name: String,
    /// The version's name.
    version: String,
    value: String,
    interval: Option<[f64; 2]>,
    /// The difference from the base, and whether it is more than noise.
    difference: Option<(f64, Option<bool>)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Metric,
    Setting,
    ByHistory,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Part::Metric => "metric",
            Part::Setting => "setting",
            Part::ByHistory => "by-history",
        }
    }
}

/// The buttons that lead to the files. One form says for all of them what is compared, as a page has twelve versions at most.
pub(super) fn buttons(cx: &Cx, shown: &Shown) -> Markup {
    let versions = shown.asked.versions.iter().map(|arn| short(cx, arn)).collect::<Vec<_>>().join(",");
    html! {
        form method="get" {
            input type="hidden" name="v" value=(versions);
            @if let Some(base) = &shown.asked.base { input type="hidden" name="base" value=(short(cx, base)); }
            @if shown.asked.all { input type="hidden" name="all" value="1"; }
            p.actions {
                (cx.text("evaluate-download"))
                @for (end, _) in FILES {
                    button formaction=(format!("evaluate/comparison.{end}")) {
                        (match end { "csv" => "CSV", "json" => "JSON", _ => "Markdown" })
                    }
                }
            }
        }
    }
}

/// The file of a name, such as `comparison.csv`.
pub(super) fn file(name: &str, shown: &Shown) -> Result<Response, PageError> {
    let end = name.strip_prefix("comparison.").unwrap_or_default();
    let (end, content_type) = FILES.into_iter().find(|(known, _)| *known == end).ok_or(PageError::NotFound)?;
    let text = match end {
        "csv" => csv(&rows(shown)),
        "json" => json_text(shown),
        _ => markdown(shown),
    };
    let disposition = format!("attachment; filename=\"comparison.{end}\"");
    Ok(([(CONTENT_TYPE, content_type.to_owned()), (CONTENT_DISPOSITION, disposition)], text).into_response())
}

fn rows(shown: &Shown) -> Vec<Row> {
    let columns = &shown.columns;
    let mut rows = Vec::new();
    for key in metric_keys(columns) {
        for (at, column) in columns.iter().enumerate() {
            let Some(value) = column.metrics.get(key) else { continue };
            let judged =
                columns.get(shown.base).filter(|_| at != shown.base).and_then(|base| verdict(column, base, key));
            rows.push(Row {
                part: Part::Metric,
                name: key.clone(),
                version: column.label.clone(),
                value: value.to_string(),
                interval: column.intervals.get(key).copied(),
                difference: judged.map(|judged| (judged.difference, judged.judged.map(|(more, _)| more))),
            });
        }
    }
    let versions: Vec<&Column> = columns.iter().filter(|column| !column.is_popularity()).collect();
    for setting in differing(columns, shown.asked.all) {
        for (version, value) in versions.iter().zip(setting.values) {
            let Some(value) = value else { continue };
            rows.push(plain(Part::Setting, &setting.name, version, value, None));
        }
    }
    for version in &versions {
        for band in version.report.iter().flat_map(|report| &report.by_history) {
            let value = band.ndcg_at_10[0].to_string();
            rows.push(plain(Part::ByHistory, &band.events_from.to_string(), version, value, band.ndcg_at_10_95));
        }
    }
    rows
}

fn plain(part: Part, name: &str, version: &Column, value: String, interval: Option<[f64; 2]>) -> Row {
    Row { part, name: name.to_owned(), version: version.label.clone(), value, interval, difference: None }
}

fn csv(rows: &[Row]) -> String {
    let mut text = String::from("PART,NAME,VERSION,VALUE,LOW_95,HIGH_95,DIFFERENCE,MORE_THAN_NOISE\n");
    for row in rows {
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let more = row.difference.and_then(|(_, more)| more).map_or_else(String::new, |more| more.to_string());
        let cells = [
            row.part.name().to_owned(),
            row.name.clone(),
            row.version.clone(),
            row.value.clone(),
            number(row.interval.map(|ends| ends[0])),
            number(row.interval.map(|ends| ends[1])),
            number(row.difference.map(|(difference, _)| difference)),
            more,
        ];
        text += &cells.map(|text| cell(&text)).join(",");
        text.push('\n');
    }
    text
}

fn json_text(shown: &Shown) -> String {
    let value = |row: &Row| match row.part {
        Part::Setting => Value::from(row.value.as_str()),
        _ => row.value.parse::<f64>().map_or(Value::Null, Value::from),
    };
    let one = |row: &Row| {
        let mut object =
            json!({"part": row.part.name(), "name": row.name, "version": row.version, "value": value(row)});
        if let Some(ends) = row.interval {
            object["interval95"] = json!(ends);
        }
        if let Some((difference, more)) = row.difference {
            object["difference"] = json!(difference);
            object["moreThanNoise"] = json!(more);
        }
        object
    };
    let versions: Vec<Value> =
        shown.columns.iter().map(|column| json!({"id": column.id, "name": column.label})).collect();
    let base = shown.columns.get(shown.base).map(|column| column.label.as_str());
    let rows: Vec<Value> = rows(shown).iter().map(one).collect();
    let whole = json!({"versions": versions, "base": base, "rows": rows});
    serde_json::to_string_pretty(&whole).unwrap_or_default()
}

/// Tables as they are on the page; the best value of a metric is bold.
fn markdown(shown: &Shown) -> String {
    let rows = rows(shown);
    let mut text = String::new();
    for part in [Part::Metric, Part::Setting, Part::ByHistory] {
        let of_part: Vec<&Row> = rows.iter().filter(|row| row.part == part).collect();
        if of_part.is_empty() {
            continue;
        }
        let columns = shown.columns.iter().filter(|column| part == Part::Metric || !column.is_popularity());
        let labels: Vec<&str> = columns.map(|column| column.label.as_str()).collect();
        let head: Vec<String> = labels.iter().map(|label| escaped(label)).collect();
        let _ = writeln!(text, "| {} | {} |", part.name(), head.join(" | "));
        let _ = writeln!(text, "|---|{}", "---|".repeat(labels.len()));
        let mut seen: Vec<&str> = Vec::new();
        for name in of_part.iter().map(|row| row.name.as_str()) {
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
            let best = best(&shown.columns, name);
            let cells: Vec<String> = labels
                .iter()
                .enumerate()
                .map(|(at, label)| match of_part.iter().find(|row| row.name == name && row.version == *label) {
                    Some(row) => markdown_cell(row, part == Part::Metric && best.get(at) == Some(&true)),
                    None => "–".to_owned(),
                })
                .collect();
            let _ = writeln!(text, "| {} | {} |", escaped(metric_name(name)), cells.join(" | "));
        }
        text.push('\n');
    }
    text
}

fn markdown_cell(row: &Row, is_best: bool) -> String {
    let value = match row.part {
        Part::Setting => escaped(&row.value),
        _ => row.value.parse::<f64>().map_or_else(|_| row.value.clone(), |value| format!("{value:.4}")),
    };
    let value = if is_best { format!("**{value}**") } else { value };
    match row.interval {
        Some([low, high]) => format!("{value} ({low:.4}–{high:.4})"),
        None => value,
    }
}

/// A text that ends no cell and begins no markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' | '*' | '_' | '`' | '[' | ']' | '<' | '\\' => out.extend(['\\', character]),
            '\n' | '\r' => out.push(' '),
            other => out.push(other),
        }
    }
    out
}
