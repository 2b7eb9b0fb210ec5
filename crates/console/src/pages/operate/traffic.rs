//! Requests by operation or by campaign: how many, how fast, which failed, and which were refused by limits.

use super::frame::{choices, counted, metrics, milliseconds, page};
use crate::chart::{Layer, Texts, areas};
use crate::cx::Cx;
use crate::format;
use crate::metrics_text::Metrics;
use crate::page::Page;
use crate::pages::form::Sent;
use crate::pages::resources::last_segment;
use crate::ports::{TrafficOf, TrafficSpan, TrafficWindow};
use crate::topic::{Part, Subject};
use axum::extract::Query;
use futures::FutureExt;
use futures::future::BoxFuture;
use maud::{Markup, html};

/// Points of the picture.
const POINTS: usize = 30;
/// Layers of the picture besides that of all others.
const LAYERS_MAX: usize = 4;
/// Rows of the table.
const ROWS_MAX: usize = 50;

/// A span of history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Window {
    TenMinutes,
    Hour,
    Day,
}

impl Window {
    const ALL: [Self; 3] = [Self::TenMinutes, Self::Hour, Self::Day];

    fn word(self) -> &'static str {
        match self {
            Self::TenMinutes => "10m",
            Self::Hour => "1h",
            Self::Day => "24h",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::TenMinutes => "operate-10m",
            Self::Hour => "operate-1h",
            Self::Day => "operate-24h",
        }
    }

    fn spans(self) -> TrafficWindow {
        match self {
            Self::TenMinutes => TrafficWindow::Seconds(600),
            Self::Hour => TrafficWindow::Minutes(60),
            Self::Day => TrafficWindow::Minutes(1440),
        }
    }

    fn minutes(self) -> f64 {
        match self {
            Self::TenMinutes => 10.0,
            Self::Hour => 60.0,
            Self::Day => 1440.0,
        }
    }
}

/// The subject of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Operation,
    Campaign,
}

impl By {
    fn word(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Campaign => "campaign",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Operation => "operate-by-operation",
            Self::Campaign => "operate-by-campaign",
        }
    }

    fn of(self, name: &str) -> TrafficOf<'_> {
        match self {
            Self::Operation => TrafficOf::Operation(name),
            Self::Campaign => TrafficOf::Campaign(name),
        }
    }

    fn whole(self) -> TrafficOf<'static> {
        match self {
            Self::Operation => TrafficOf::Everything,
            Self::Campaign => TrafficOf::All,
        }
    }
}

/// What is looked at.
#[derive(Debug, Clone, Copy)]
struct View {
    window: Window,
    by: By,
}

impl View {
    fn of(window: &str, by: &str) -> Self {
        Self {
            window: Window::ALL.into_iter().find(|known| known.word() == window).unwrap_or(Window::TenMinutes),
            by: if by == By::Campaign.word() { By::Campaign } else { By::Operation },
        }
    }

    fn address(self, cx: &Cx) -> String {
        cx.link(&format!("/operate?window={}&by={}", self.window.word(), self.by.word()))
    }
}

pub(super) async fn show(cx: Cx, Query(pairs): Query<Vec<(String, String)>>) -> Page {
    let sent = Sent::new(pairs);
    let view = View::of(sent.get("window").unwrap_or_default(), sent.get("by").unwrap_or_default());
    let rows = Rows::read(&cx, view);
    let windows = Window::ALL.map(|window| {
        let other = View { window, ..view };
        (cx.text(window.key()), other.address(&cx), window == view.window)
    });
    let kinds = [By::Operation, By::Campaign].map(|by| {
        let other = View { by, ..view };
        (cx.text(by.key()), other.address(&cx), by == view.by)
    });
    let body = html! {
        (choices(&cx.text("operate-window"), &windows))
        (choices(&cx.text("operate-by"), &kinds))
        div id="operate-numbers" { (numbers(&cx, view)) }
        div id="operate-picture" { (picture(&cx, view, &rows)) }
        div id="operate-table" { (table(&cx, view, &rows)) }
        h2 { (cx.text("operate-refused-title")) }
        div id="operate-refused" { (refused(&cx, &metrics(&cx).await)) }
        h2 { (cx.text("operate-elsewhere")) }
        (elsewhere(&cx))
    };
    page(&cx, "", body).live(format!("operate:{}.{}", view.window.word(), view.by.word()))
}

/// The topic of the page, by its window and the subject of its rows.
pub(crate) fn live<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let (window, by) = subject.argument.and_then(|said| said.split_once('.')).unwrap_or_default();
        let view = View::of(window, by);
        let rows = Rows::read(cx, view);
        vec![
            Part { id: "operate-numbers", content: numbers(cx, view) },
            Part { id: "operate-picture", content: picture(cx, view, &rows) },
            Part { id: "operate-table", content: table(cx, view, &rows) },
            Part { id: "operate-refused", content: refused(cx, &metrics(cx).await) },
        ]
    }
    .boxed()
}

/// The operations or campaigns that were asked in the window, the busiest first.
struct Rows(Vec<(String, TrafficSpan)>);

impl Rows {
    fn read(cx: &Cx, view: View) -> Self {
        let traffic = &cx.console.ports.traffic;
        let names = match view.by {
            By::Operation => traffic.operations(),
            By::Campaign => traffic.campaigns(),
        };
        let total = |name: String| {
            let span = traffic.total(view.by.of(&name), view.window.spans());
            (name, span)
        };
        let mut rows: Vec<_> = names.into_iter().map(total).filter(|(_, span)| span.requests > 0).collect();
        rows.sort_by(|a, b| b.1.requests.cmp(&a.1.requests).then_with(|| a.0.cmp(&b.0)));
        Self(rows)
    }
}

fn shown(view: View, name: &str) -> &str {
    match view.by {
        By::Operation => name,
        By::Campaign => last_segment(name),
    }
}

fn per_second(requests: u64, minutes: f64) -> String {
    let rate = requests as f64 / (minutes * 60.0);
    if rate >= 100.0 { format::count(rate.round() as u64) } else { format!("{rate:.2}") }
}

/// The numbers of all requests of the window.
fn numbers(cx: &Cx, view: View) -> Markup {
    let all = cx.console.ports.traffic.total(view.by.whole(), view.window.spans());
    let entries = [
        (cx.text("operate-requests"), format::count(all.requests)),
        (cx.text("operate-rate"), per_second(all.requests, view.window.minutes())),
        (cx.text("operate-p50"), milliseconds(cx, all.p50_ms)),
        (cx.text("operate-p95"), milliseconds(cx, all.p95_ms)),
        (cx.text("operate-p99"), milliseconds(cx, all.p99_ms)),
        (cx.text("operate-4xx"), format::count(all.client_errors)),
        (cx.text("operate-5xx"), format::count(all.server_errors)),
    ];
    html! {
        ul.traffic { @for (name, value) in &entries { li { span.name { (name) } strong { (value) } } } }
    }
}

/// Requests per second of the busiest, and of all others together.
fn picture(cx: &Cx, view: View, rows: &Rows) -> Markup {
    if rows.0.is_empty() {
        return html! { p.hint { (cx.text("operate-quiet")) } };
    }
    let traffic = &cx.console.ports.traffic;
    let of = |of: TrafficOf<'_>| joined(&traffic.series(of, view.window.spans()), view.window);
    let mut layers: Vec<Layer> = rows
        .0
        .iter()
        .take(LAYERS_MAX)
        .map(|(name, _)| Layer { name: shown(view, name).to_owned(), values: of(view.by.of(name)) })
        .collect();
    if rows.0.len() > LAYERS_MAX {
        let mut values = of(view.by.whole());
        for layer in &layers {
            values.iter_mut().zip(&layer.values).for_each(|(all, one)| *all = (*all - one).max(0.0));
        }
        layers.push(Layer { name: cx.text("operate-others"), values });
    }
    let step = view.window.minutes() / POINTS as f64;
    let horizontal: Vec<f64> = (0..POINTS).map(|at| (at as f64 + 1.0) * step - view.window.minutes()).collect();
    let texts = Texts {
        id: "requests",
        title: &cx.text("operate-picture-title"),
        description: &cx.text("operate-picture"),
        horizontal: &cx.text("operate-minutes"),
        vertical: &cx.text("operate-rate"),
        numbers: &cx.text("numbers"),
    };
    areas(&texts, &horizontal, &layers)
}

/// Spans as [`POINTS`] points, each the requests per second of its part of the window.
fn joined(spans: &[TrafficSpan], window: Window) -> Vec<f64> {
    let seconds = window.minutes() * 60.0 / POINTS as f64;
    let each = spans.len().div_ceil(POINTS).max(1);
    let rate = |part: &[TrafficSpan]| part.iter().map(|span| span.requests as f64).sum::<f64>() / seconds;
    spans.chunks(each).map(|part| (rate(part) * 1000.0).round() / 1000.0).collect()
}

fn table(cx: &Cx, view: View, rows: &Rows) -> Markup {
    let of_campaigns = view.by == By::Campaign;
    let heads =
        ["operate-requests", "operate-rate", "operate-p50", "operate-p95", "operate-p99", "operate-4xx", "operate-5xx"];
    let sources = ["operate-model", "operate-cold-start", "operate-prepared"];
    html! {
        @if !rows.0.is_empty() {
            div.scroll tabindex="0" {
                table {
                    caption { (cx.text("operate-table")) }
                    thead {
                        tr {
                            th scope="col" { (cx.text(view.by.key())) }
                            @for key in heads { th.number scope="col" { (cx.text(key)) } }
                            @if of_campaigns { @for key in sources { th.number scope="col" { (cx.text(key)) } } }
                        }
                    }
                    tbody {
                        @for (name, span) in rows.0.iter().take(ROWS_MAX) {
                            tr {
                                th scope="row" title=(name) { (shown(view, name)) }
                                td.number { (format::count(span.requests)) }
                                td.number { (per_second(span.requests, view.window.minutes())) }
                                td.number { (milliseconds(cx, span.p50_ms)) }
                                td.number { (milliseconds(cx, span.p95_ms)) }
                                td.number { (milliseconds(cx, span.p99_ms)) }
                                td.number { (format::count(span.client_errors)) }
                                td.number { (format::count(span.server_errors)) }
                                @if of_campaigns {
                                    @let others = span.cold_starts + span.prepared + span.client_errors + span.server_errors;
                                    td.number { (format::count(span.requests.saturating_sub(others))) }
                                    td.number { (format::count(span.cold_starts)) }
                                    td.number { (format::count(span.prepared)) }
                                }
                            }
                        }
                    }
                }
            }
            @if rows.0.len() > ROWS_MAX {
                p.hint { (cx.text_with("operate-more", &[("count", (rows.0.len() - ROWS_MAX).into())])) }
            }
        }
    }
}

/// What limits refused since the start, and who waits for a turn now.
fn refused(cx: &Cx, metrics: &Metrics) -> Markup {
    let lists = metrics.of("tastemaker_recommendations_refused_total");
    let keys = metrics.of("tastemaker_key_throttled_total");
    let mut rows: Vec<(String, String, f64)> = lists
        .map(|sample| {
            (
                cx.text("operate-refused-lists"),
                format!("{} · {}", last_segment(sample.label("campaign")), sample.label("why")),
                sample.value,
            )
        })
        .chain(keys.map(|sample| (cx.text("operate-refused-keys"), sample.label("key").to_owned(), sample.value)))
        .filter(|(_, _, value)| *value > 0.0)
        .collect();
    let connections = metrics.value("tastemaker_connections_refused_total").unwrap_or(0.0);
    if connections > 0.0 {
        rows.push((cx.text("operate-refused-connections"), "–".to_owned(), connections));
    }
    let waiting = metrics.value("tastemaker_recommendations_waiting").unwrap_or(0.0);
    html! {
        p { (cx.text_with("operate-waiting", &[("count", counted(waiting).into())])) }
        @if rows.is_empty() {
            p.hint { (cx.text("operate-refused-none")) }
        } @else {
            div.scroll tabindex="0" {
                table {
                    thead {
                        tr {
                            th scope="col" { (cx.text("operate-limit")) }
                            th scope="col" { (cx.text("operate-of")) }
                            th.number scope="col" { (cx.text("operate-refused-count")) }
                        }
                    }
                    tbody {
                        @for (limit, of, value) in &rows {
                            tr { th scope="row" { (limit) } td { (of) } td.number { (counted(*value)) } }
                        }
                    }
                }
            }
        }
    }
}

/// The server's own addresses for other programs, and files for those.
fn elsewhere(cx: &Cx) -> Markup {
    let root = cx.base.strip_suffix("/console").unwrap_or_default();
    html! {
        ul.plain {
            @for path in ["/metrics", "/health", "/ready"] { li { a href=(format!("{root}{path}")) { code { (path) } } } }
            li { a href=(cx.link("/operate/tastemaker-grafana.json")) download { (cx.text("operate-dashboard")) } }
            li { a href=(cx.link("/operate/tastemaker-alerts.yml")) download { (cx.text("operate-alerts")) } }
        }
        p.hint { (cx.text("operate-elsewhere-help")) }
    }
}
