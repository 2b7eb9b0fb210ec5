//! The metrics of the versions, with intervals and verdicts against the base.

use super::shown::{Asked, Shown};
use crate::cx::Cx;
use crate::evaluation::{Column, Verdict, best, metric_keys, metric_name, verdict};
use crate::format;
use maud::{Markup, html};

pub(super) fn table(cx: &Cx, shown: &Shown) -> Markup {
    let keys = metric_keys(&shown.columns);
    let asked = &shown.asked;
    html! {
        div.heading {
            h2 { (cx.text("evaluate-metrics")) }
            a href=(asked.link(cx, &shown.group, |asked: &mut Asked| asked.transposed = !asked.transposed)) { (cx.text("evaluate-transpose")) }
        }
        p.hint { (cx.text("evaluate-basis")) }
        div.scroll tabindex="0" {
            table.comparison {
                @if asked.transposed {
                    thead { tr { th scope="col" { (cx.text("solution-version")) } @for key in &keys { th.number scope="col" title=(explained(cx, key)) { (metric_name(key)) } } } }
                    tbody {
                        @for at in 0..shown.columns.len() {
                            tr { th scope="row" { (heading(cx, shown, at)) } @for key in &keys { (cell(cx, shown, at, key)) } }
                        }
                    }
                } @else {
                    thead { tr { th scope="col" { (cx.text("metric")) } @for at in 0..shown.columns.len() { th.number scope="col" { (heading(cx, shown, at)) } } } }
                    tbody {
                        @for key in &keys {
                            tr {
                                th scope="row" { (metric_name(key)) br; small { (explained(cx, key)) } }
                                @for at in 0..shown.columns.len() { (cell(cx, shown, at, key)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The name of a column, and the link that makes it the base.
pub(super) fn heading(cx: &Cx, shown: &Shown, at: usize) -> Markup {
    let column = &shown.columns[at];
    let id = column.id.clone();
    html! {
        span title=(column.label) { (format::shortened(&column.label, 32)) }
        br;
        @if at == shown.base {
            small { (cx.text("evaluate-is-base")) }
        } @else {
            small { a href=(shown.asked.link(cx, &shown.group, |asked: &mut Asked| asked.base = Some(id))) { (cx.text("evaluate-make-base")) } }
        }
    }
}

fn cell(cx: &Cx, shown: &Shown, at: usize, key: &str) -> Markup {
    let column = &shown.columns[at];
    let is_best = best(&shown.columns, key).get(at).copied().unwrap_or(false);
    html! {
        td {
            @if let Some(value) = column.metrics.get(key) {
                @if is_best { b { (format!("{value:.4} ▲")) } } @else { (format!("{value:.4}")) }
                @if let Some([low, high]) = column.intervals.get(key) { br; small { (format!("({low:.4}–{high:.4})")) } (whisker(shown, column, key)) }
                @if at != shown.base && let Some(judged) = verdict(column, &shown.columns[shown.base], key) { (difference(cx, judged)) }
            } @else { "–" }
        }
    }
}

fn difference(cx: &Cx, verdict: Verdict) -> Markup {
    let shown = format!("{:+.4}", verdict.difference);
    let word = match verdict.judged {
        Some((true, _)) => cx.text("evaluate-more-than-noise"),
        Some((false, _)) => cx.text("evaluate-noise"),
        None => cx.text("evaluate-unjudged"),
    };
    let class = match verdict.judged {
        Some((true, _)) if verdict.difference < 0.0 => "less",
        Some((true, _)) => "more",
        Some((false, _)) => "noise",
        None => "unjudged",
    };
    html! { div class=(class) { (shown) " " (word) } }
}

/// The interval on the range of all intervals of the row, as a small line with a mark. There are many of them on a page, so that
/// they carry no classes and no `viewBox`: the size that the style sheet gives is their coordinates.
fn whisker(shown: &Shown, column: &Column, key: &str) -> Markup {
    let all = || shown.columns.iter().filter_map(|column| column.intervals.get(key));
    let low = all().map(|ends| ends[0]).fold(f64::INFINITY, f64::min);
    let high = all().map(|ends| ends[1]).fold(f64::NEG_INFINITY, f64::max);
    let place = |value: f64| {
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        format!("{:.0}", 4.0 + 72.0 * share.clamp(0.0, 1.0))
    };
    html! {
        @if let (Some([from, to]), Some(value)) = (column.intervals.get(key), column.metrics.get(key)) {
            svg { path d=(format!("M{} 4H{}M{} 1v6", place(*from), place(*to), place(*value))) {} }
        }
    }
}

/// One line on what a metric says.
fn explained(cx: &Cx, key: &str) -> String {
    match key.split("_at_").next().unwrap_or_default() {
        "normalized_discounted_cumulative_gain" => cx.text("metric-ndcg"),
        "mean_reciprocal_rank" => cx.text("metric-mrr"),
        "precision" => cx.text("metric-precision"),
        "coverage" => cx.text("metric-coverage"),
        _ => String::new(),
    }
}
