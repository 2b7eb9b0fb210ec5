//! The requests that a campaign or recommender gets: how many now and how fast, lists that were not the model's, and the last hour's errors.

use crate::chart::sparkline;
use crate::cx::Cx;
use crate::format;
use crate::ports::{TrafficOf, TrafficSpan, TrafficWindow};
use crate::topic::{Part, Subject};
use futures::FutureExt;
use futures::future::BoxFuture;
use maud::{Markup, html};

/// The seconds of the present numbers.
const PRESENT_SECONDS: usize = 60;
/// The minutes of an hour.
const HOUR_MINUTES: usize = 60;

/// The requests, times and errors of a campaign or recommender.
struct Answers {
    now: TrafficSpan,
    hour: TrafficSpan,
    minutes: Vec<TrafficSpan>,
}

impl Answers {
    fn of(cx: &Cx, campaign_arn: &str) -> Self {
        let (traffic, of) = (&cx.console.ports.traffic, TrafficOf::Campaign(campaign_arn));
        Self {
            now: traffic.total(of, TrafficWindow::Seconds(PRESENT_SECONDS)),
            hour: traffic.total(of, TrafficWindow::Minutes(HOUR_MINUTES)),
            minutes: traffic.series(of, TrafficWindow::Minutes(HOUR_MINUTES)),
        }
    }
}

/// The same in one line of a table. One that was not asked in the last hour may be unused for longer, which is said instead.
pub(super) fn in_short(cx: &Cx, campaign_arn: &str, unused: Option<Markup>) -> Markup {
    let Answers { now, hour, .. } = Answers::of(cx, campaign_arn);
    let errors = hour.client_errors + hour.server_errors;
    html! {
        @if let Some(unused) = unused.filter(|_| hour.requests == 0) {
            (unused)
        } @else if hour.requests == 0 {
            span.quiet { (cx.text("deploy-traffic-none")) }
        } @else {
            (cx.text_with("deploy-traffic-now", &[("count", per_second(now.requests).into()), ("p95", p95(cx, &now).into())]))
            @if errors > 0 { " · " (cx.text_with("deploy-traffic-errors", &[("count", format::counted(errors))])) }
        }
    }
}

/// The requests of a campaign or recommender, with a heading.
pub(super) fn of_campaign(cx: &Cx, campaign_arn: &str) -> Markup {
    let Answers { now, hour, minutes } = Answers::of(cx, campaign_arn);
    let title = cx.text("deploy-traffic");
    let line: Vec<f64> = minutes.iter().map(|span| span.requests as f64).collect();
    let share = |count: u64| match hour.requests {
        0 => "–".to_owned(),
        requests => format!("{} ({:.1} %)", format::count(count), 100.0 * count as f64 / requests as f64),
    };
    html! {
        h2 { (title) }
        @if hour.requests == 0 {
            p.hint { (cx.text("deploy-traffic-none")) }
        } @else {
            dl.facts {
                dt { (cx.text("deploy-requests-now")) } dd { (per_second(now.requests)) }
                dt { (cx.text("deploy-p95-now")) } dd { (p95(cx, &now)) }
                dt { (cx.text("deploy-requests-hour")) } dd { (format::count(hour.requests)) " " (sparkline(&title, &line)) }
                dt { (cx.text("deploy-fallbacks")) } dd { (share(hour.prepared)) }
                dt { (cx.text("deploy-cold-starts")) } dd { (share(hour.cold_starts)) }
                dt { (cx.text("deploy-client-errors")) } dd { (share(hour.client_errors)) }
                dt { (cx.text("deploy-server-errors")) } dd { (share(hour.server_errors)) }
            }
        }
    }
}

/// The topic of a campaign's requests, by its name.
pub(crate) fn live<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let Some(name) = subject.argument else { return Vec::new() };
        vec![Part { id: "campaign-traffic", content: of_campaign(cx, &cx.arn("campaign", name)) }]
    }
    .boxed()
}

/// The topic of a recommender's requests, by its name.
pub(crate) fn live_recommender<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let Some(name) = subject.argument else { return Vec::new() };
        vec![Part { id: "campaign-traffic", content: of_campaign(cx, &cx.arn("recommender", name)) }]
    }
    .boxed()
}

fn per_second(count: u64) -> String {
    format!("{:.1}", count as f64 / PRESENT_SECONDS as f64)
}

fn p95(cx: &Cx, span: &TrafficSpan) -> String {
    span.p95_ms.map_or_else(|| "–".to_owned(), |ms| format::milliseconds(cx.language, ms))
}
