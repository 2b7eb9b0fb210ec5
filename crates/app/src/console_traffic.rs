//! The counts of requests and events, as the console reads them.

use std::sync::Arc;
use std::time::Duration;
use tastemaker_console::ports::{
    EventSender, ReceivedEvent, RefusedCalls, Traffic as TrafficPort, TrafficOf, TrafficSpan, TrafficWindow,
};
use tastemaker_http::traffic::{self, Traffic, TrafficCounts};

/// The counts of this process.
pub struct ConsoleTraffic(pub Arc<Traffic>);

/// Time between two ends of a span.
pub const TICK: Duration = Duration::from_secs(1);

/// Ends a second of the counts, each second.
pub async fn tick(traffic: Arc<Traffic>, now_ms: impl Fn() -> i64) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        traffic.tick(now_ms() / 1000);
    }
}

impl ConsoleTraffic {
    fn read(&self, of: TrafficOf<'_>, window: TrafficWindow) -> (Vec<TrafficCounts>, Vec<u32>) {
        let window = match window {
            TrafficWindow::Seconds(count) => traffic::TrafficWindow::Seconds(count),
            TrafficWindow::Minutes(count) => traffic::TrafficWindow::Minutes(count),
        };
        match of {
            TrafficOf::All => (self.0.requests(None, window), self.0.events(None, window)),
            TrafficOf::Everything => {
                let mut all: Vec<TrafficCounts> = Vec::new();
                for operation in self.0.operations() {
                    for (at, counts) in self.0.requests_of_operation(&operation, window).into_iter().enumerate() {
                        match all.get_mut(at) {
                            Some(sum) => sum.add(&counts),
                            None => all.push(counts),
                        }
                    }
                }
                (all, Vec::new())
            }
            TrafficOf::Operation(name) => (self.0.requests_of_operation(name, window), Vec::new()),
            TrafficOf::Campaign(arn) => (self.0.requests(Some(arn), window), Vec::new()),
            TrafficOf::DatasetGroup(arn) => (Vec::new(), self.0.events(Some(arn), window)),
        }
    }
}

impl TrafficPort for ConsoleTraffic {
    fn series(&self, of: TrafficOf<'_>, window: TrafficWindow) -> Vec<TrafficSpan> {
        let (requests, events) = self.read(of, window);
        let spans = requests.len().max(events.len());
        let span = |at| {
            let events = events.get(at).copied().unwrap_or(0);
            span(requests.get(at).copied().unwrap_or_default(), events.into())
        };
        (0..spans).map(span).collect()
    }

    fn total(&self, of: TrafficOf<'_>, window: TrafficWindow) -> TrafficSpan {
        let (requests, events) = self.read(of, window);
        let mut all = TrafficCounts::default();
        requests.iter().for_each(|counts| all.add(counts));
        span(all, events.into_iter().map(u64::from).sum())
    }

    fn operations(&self) -> Vec<String> {
        self.0.operations()
    }

    fn campaigns(&self) -> Vec<String> {
        self.0.campaigns()
    }

    fn event_senders(&self) -> Vec<EventSender> {
        let sender = |of: traffic::EventSender| EventSender {
            key: of.key,
            events: of.events,
            milliseconds: of.milliseconds,
            year_1970: of.year_1970,
            ahead: of.ahead,
            behind: of.behind,
            last_ms: of.last_ms,
        };
        self.0.event_senders().into_iter().map(sender).collect()
    }

    fn refused_events(&self) -> Vec<RefusedCalls> {
        let calls = |of: traffic::RefusedEvents| RefusedCalls {
            operation: of.operation,
            target: of.target,
            error: of.error,
            message: of.message,
            calls: of.calls,
            last_ms: of.last_ms,
        };
        self.0.event_refusals().into_iter().map(calls).collect()
    }

    fn received(&self, dataset_group_arn: &str) -> Vec<ReceivedEvent> {
        let event = |event: traffic::RecentEvent| ReceivedEvent {
            user_id: event.user_id,
            item_id: event.item_id,
            event_type: event.event_type,
            timestamp_s: event.timestamp_s,
        };
        self.0.recent_events(dataset_group_arn).into_iter().map(event).collect()
    }
}

fn span(counts: TrafficCounts, events: u64) -> TrafficSpan {
    let milliseconds = |share| counts.percentile(share).map(|took| took.as_secs_f64() * 1e3);
    TrafficSpan {
        requests: counts.requests(),
        client_errors: counts.client_errors(),
        server_errors: counts.server_errors(),
        cold_starts: counts.cold_starts(),
        prepared: counts.prepared(),
        p50_ms: milliseconds(0.5),
        p95_ms: milliseconds(0.95),
        p99_ms: milliseconds(0.99),
        events,
    }
}
