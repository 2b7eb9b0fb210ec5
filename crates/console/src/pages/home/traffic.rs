//! The traffic of the last hour as four small lines, each with its present number.

use crate::chart::sparkline;
use crate::cx::Cx;
use crate::format;
use crate::ports::{TrafficOf, TrafficSpan, TrafficWindow};
use crate::topic::{Part, Subject};
use futures::FutureExt;
use futures::future::BoxFuture;
use maud::{Markup, html};

/// The minutes of the lines.
const MINUTES: usize = 60;
/// The seconds of the present numbers.
const PRESENT_SECONDS: usize = 60;

/// The traffic of the server, with its heading; nothing where nobody asked and nothing was sent.
pub(super) fn of_server(cx: &Cx) -> Markup {
    let traffic = &cx.console.ports.traffic;
    let minutes = traffic.series(TrafficOf::All, TrafficWindow::Minutes(MINUTES));
    let now = traffic.total(TrafficOf::All, TrafficWindow::Seconds(PRESENT_SECONDS));
    if minutes.iter().all(|span| span.requests == 0 && span.events == 0) {
        return html! { h2 { (cx.text("traffic-title")) } p.hint { (cx.text("traffic-none")) } };
    }
    let line = |value: fn(&TrafficSpan) -> f64| minutes.iter().map(value).collect::<Vec<f64>>();
    let errors = now.client_errors + now.server_errors;
    let p95 = now.p95_ms.map_or_else(|| "–".to_owned(), |ms| cx.text_with("traffic-ms", &[("ms", rounded(ms).into())]));
    let entries = [
        (cx.text("traffic-requests"), per_second(now.requests), line(|span| span.requests as f64 / 60.0)),
        (cx.text("traffic-p95"), p95, line(|span| span.p95_ms.unwrap_or(0.0))),
        (
            cx.text("traffic-errors"),
            format::count(errors),
            line(|span| (span.client_errors + span.server_errors) as f64),
        ),
        (cx.text("traffic-events"), per_second(now.events), line(|span| span.events as f64 / 60.0)),
    ];
    html! {
        h2 { (cx.text("traffic-title")) }
        ul.traffic {
            @for (name, present, line) in &entries {
                li { span.name { (name) } strong { (present) } (sparkline(&format!("{name}: {present}"), line)) }
            }
        }
        p.hint { (cx.text("traffic-help")) }
    }
}

/// The topic of the server's traffic.
pub(crate) fn live<'a>(cx: &'a Cx, _: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move { vec![Part { id: "traffic", content: of_server(cx) }] }.boxed()
}

/// A count of the last minute by the second.
fn per_second(count: u64) -> String {
    rounded(count as f64 / PRESENT_SECONDS as f64)
}

/// A number with as many decimals as one wants to read.
fn rounded(number: f64) -> String {
    if number >= 10.0 || number == 0.0 { format::count(number.round() as u64) } else { format!("{number:.1}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_as_many_decimals_as_one_reads() {
        assert_eq!([0.0, 0.04, 3.25, 12.6, 1234.0].map(rounded), ["0", "0.0", "3.2", "13", "1,234"]);
        assert_eq!(per_second(90), "1.5");
    }
}
