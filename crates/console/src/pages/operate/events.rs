//! Streamed events: how many each event tracker's group gets, which calls were refused and why, and senders whose clocks or units of
//! time are wrong.

use super::frame::{counted, metrics, page};
use crate::chart::sparkline;
use crate::cx::Cx;
use crate::examples;
use crate::format;
use crate::metrics_text::Metrics;
use crate::page::{Page, PageError, empty};
use crate::pages::resources::{dataset_groups, last_segment};
use crate::ports::{EventSender, TrafficOf, TrafficWindow};
use crate::topic::{Part, Subject};
use futures::FutureExt;
use futures::future::BoxFuture;
use maud::{Markup, html};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{ListEventTrackersRequest, ListEventTrackersResponse};

/// Refusals that are shown.
const REFUSALS_MAX: usize = 30;
/// The minutes of the lines.
const MINUTES: usize = 60;

pub(super) async fn show(cx: Cx) -> Result<Page, PageError> {
    let trackers = trackers(&cx).await?;
    let body = html! {
        h2 { (cx.text("operate-trackers")) }
        @if trackers.is_empty() {
            (empty(&cx.text("operate-trackers-none"), None))
        } @else {
            div id="operate-trackers" { (by_tracker(&cx, &trackers)) }
        }
        h2 { (cx.text("operate-refusals")) }
        div id="operate-refusals" { (refusals(&cx)) }
        h2 { (cx.text("operate-clocks")) }
        p.hint { (cx.text("operate-clocks-help")) }
        div id="operate-clocks" { (clocks(&cx, &metrics(&cx).await)) }
    };
    Ok(page(&cx, "/events", body).examples(examples::of_page(&cx)).live("operate-events"))
}

/// The topic of the page.
pub(crate) fn live<'a>(cx: &'a Cx, _: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let mut parts = vec![
            Part { id: "operate-refusals", content: refusals(cx) },
            Part { id: "operate-clocks", content: clocks(cx, &metrics(cx).await) },
        ];
        // Without any there is no such element.
        if let Some(trackers) = trackers(cx).await.ok().filter(|trackers| !trackers.is_empty()) {
            parts.push(Part { id: "operate-trackers", content: by_tracker(cx, &trackers) });
        }
        parts
    }
    .boxed()
}

/// An event tracker with its dataset group.
struct Tracker {
    name: String,
    group: String,
    group_arn: String,
}

async fn trackers(cx: &Cx) -> Result<Vec<Tracker>, PageError> {
    let mut all = Vec::new();
    for group in dataset_groups(cx).await? {
        let group_arn = group.dataset_group_arn.unwrap_or_default();
        let input = ListEventTrackersRequest {
            dataset_group_arn: Some(group_arn.clone()),
            ..ListEventTrackersRequest::default()
        };
        let listed: ListEventTrackersResponse = cx.call(Operation::ListEventTrackers, &input).await?;
        let group = group.name.unwrap_or_default();
        let tracker = |name: String| Tracker { name, group: group.clone(), group_arn: group_arn.clone() };
        all.extend(listed.event_trackers.into_iter().filter_map(|tracker| tracker.name).map(tracker));
    }
    Ok(all)
}

fn by_tracker(cx: &Cx, trackers: &[Tracker]) -> Markup {
    let traffic = &cx.console.ports.traffic;
    html! {
        div.scroll tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { (cx.text("operate-tracker")) }
                        th scope="col" { (cx.text("operate-group")) }
                        th.number scope="col" { (cx.text("operate-last-minute")) }
                        th.number scope="col" { (cx.text("operate-last-hour")) }
                        th scope="col" { (cx.text("operate-by-minute")) }
                    }
                }
                tbody {
                    @for tracker in trackers {
                        @let of = TrafficOf::DatasetGroup(&tracker.group_arn);
                        @let minutes: Vec<f64> = traffic.series(of, TrafficWindow::Minutes(MINUTES)).iter().map(|span| span.events as f64).collect();
                        @let minute = traffic.total(of, TrafficWindow::Seconds(60)).events;
                        tr {
                            th scope="row" { a href=(cx.group_link(&tracker.group, "/event-tracker")) { (tracker.name) } }
                            td { (tracker.group) }
                            td.number { (format::count(minute)) }
                            td.number { (format::count(traffic.total(of, TrafficWindow::Minutes(MINUTES)).events)) }
                            td { (sparkline(&format!("{}: {}", cx.text("operate-by-minute"), tracker.name), &minutes)) }
                        }
                    }
                }
            }
        }
    }
}

fn refusals(cx: &Cx) -> Markup {
    let refusals = cx.console.ports.traffic.refused_events();
    html! {
        @if refusals.is_empty() {
            p.hint { (cx.text("operate-refusals-none")) }
        } @else {
            div.scroll tabindex="0" {
                table {
                    thead {
                        tr {
                            th scope="col" { (cx.text("operate-target")) }
                            th scope="col" { (cx.text("operate-reason")) }
                            th.number scope="col" { (cx.text("operate-calls")) }
                            th scope="col" { (cx.text("operate-last")) }
                        }
                    }
                    tbody {
                        @for refused in refusals.iter().take(REFUSALS_MAX) {
                            tr {
                                th scope="row" { code { (refused.operation) } " " span.quiet title=(refused.target) { (format::shortened(last_segment(&refused.target), 40)) } }
                                td { div.message { strong { (refused.error) } " " (refused.message) } }
                                td.number { (format::count(refused.calls)) }
                                td { (format::time(refused.last_ms as f64 / 1e3)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn clocks(cx: &Cx, metrics: &Metrics) -> Markup {
    let senders = cx.console.ports.traffic.event_senders();
    let odd = |sent: &str| {
        metrics
            .of("tastemaker_odd_event_times_total")
            .filter(|sample| sample.label("sent") == sent)
            .map(|sample| sample.value)
            .sum()
    };
    let is_wrong = |sender: &EventSender| sender.milliseconds + sender.year_1970 + sender.ahead + sender.behind > 0;
    html! {
        p { (cx.text_with("operate-odd-times", &[("milliseconds", counted(odd("milliseconds")).into()), ("year", counted(odd("year-1970")).into())])) }
        @if senders.is_empty() {
            p.hint { (cx.text("operate-senders-none")) }
        } @else {
            div.scroll tabindex="0" {
                table {
                    thead {
                        tr {
                            th scope="col" { (cx.text("operate-key")) }
                            th.number scope="col" { (cx.text("operate-events")) }
                            th.number scope="col" { (cx.text("operate-milliseconds")) }
                            th.number scope="col" { (cx.text("operate-1970")) }
                            th.number scope="col" { (cx.text("operate-ahead")) }
                            th.number scope="col" { (cx.text("operate-behind")) }
                            th scope="col" { (cx.text("operate-last")) }
                            th scope="col" { (cx.text("operate-judgement")) }
                        }
                    }
                    tbody {
                        @for sender in &senders {
                            tr {
                                th scope="row" { @if sender.key.is_empty() { (cx.text("operate-others")) } @else { code { (sender.key) } } }
                                @for count in [sender.events, sender.milliseconds, sender.year_1970, sender.ahead, sender.behind] {
                                    td.number { (format::count(count)) }
                                }
                                td { (format::time(sender.last_ms as f64 / 1e3)) }
                                td { (cx.text(if is_wrong(sender) { "operate-clock-wrong" } else { "operate-clock-right" })) }
                            }
                        }
                    }
                }
            }
        }
    }
}
