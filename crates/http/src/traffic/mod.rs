//! Counts of requests and of streamed events over the last day: requests for lists of each campaign and of all together, requests of
//! every kind by operation, and of events who sent them and which were refused.
//!
//! Handlers count into atomic numbers; once a second [`Traffic::tick`] moves these into rings of 600 seconds and 1440 minutes.
//! A count of a ring is a byte, exact below 32 and to 3 % above, so that the rings of 100 campaigns take less than 4 MiB, and those
//! of an operation 40 KiB.

mod compact_count;
mod counts;
mod event_senders;
mod event_series;
mod last_requests;
mod recent_events;
mod refused_events;
mod series;
mod table;

pub use counts::{LATENCY_BUCKETS, TrafficCounts};
pub use event_senders::{CLOCK_OFF_SECONDS, EVENT_SENDERS_MAX, EventSender};
pub use last_requests::{FILTERS_OF_A_CAMPAIGN_MAX, LastRequestOf};
pub use recent_events::{RECENT_EVENTS_MAX, RecentEvent};
pub use refused_events::{REFUSED_EVENTS_MAX, RefusedEvents};

use crate::request_facts::RequestFacts;
use counts::Counter;
use event_senders::EventSenders;
use event_series::EventSeries;
use http::StatusCode;
use last_requests::LastRequests;
use recent_events::RecentEvents;
use refused_events::Refusals;
use series::Series;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use table::Table;
use tastemaker_domain::recommendation::Source;
use tastemaker_domain::resource::InteractionEvent;

/// Campaigns that have counts of their own; those beyond are among all only.
pub const TRAFFIC_CAMPAIGNS_MAX: usize = 500;
/// Dataset groups that have counts of events of their own.
pub const TRAFFIC_GROUPS_MAX: usize = 500;

/// Operations that have counts of their own: those of the three services and the other routes.
pub const TRAFFIC_OPERATIONS_MAX: usize = 128;

/// A span of history and how finely it is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrafficWindow {
    /// The last seconds, up to 600.
    Seconds(usize),
    /// The last minutes, up to 1440; the last is not over.
    Minutes(usize),
}

/// The counts of a process.
pub struct Traffic {
    all: Series,
    campaigns: Table<Series>,
    last_requests: LastRequests,
    operations: Table<Series>,
    events: EventSeries,
    groups: Table<EventSeries>,
    recent: RecentEvents,
    senders: EventSenders,
    refusals: Refusals,
    /// The second that [`Traffic::tick`] ended last; 0 before the first.
    ended_s: AtomicI64,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            all: Series::new(),
            campaigns: Table::new(TRAFFIC_CAMPAIGNS_MAX),
            last_requests: LastRequests::new(TRAFFIC_CAMPAIGNS_MAX),
            operations: Table::new(TRAFFIC_OPERATIONS_MAX),
            events: EventSeries::new(),
            groups: Table::new(TRAFFIC_GROUPS_MAX),
            recent: RecentEvents::new(TRAFFIC_GROUPS_MAX),
            senders: EventSenders::new(),
            refusals: Refusals::default(),
            ended_s: AtomicI64::new(0),
        }
    }
}

impl Traffic {
    /// Counts a request for a list that was answered.
    pub(crate) fn answered(&self, status: StatusCode, took: Duration, facts: &RequestFacts, now_ms: i64) {
        count(&self.all, status, took, facts.source);
        // Only campaigns that answer here are noted, so callers cannot fill the table with names of their own.
        let campaign = facts.campaign_arn.as_deref().and_then(|arn| self.campaigns.get_or_insert(arn, Series::new));
        if let Some(series) = campaign {
            count(series, status, took, facts.source);
        }
        if let Some(arn) = facts.campaign_arn.as_deref() {
            self.last_requests.note(arn, &facts.filter_arns, now_ms);
        }
    }

    /// When the campaigns and recommenders that were asked since the start of the process were asked last, and with which filters.
    pub fn last_requests(&self) -> Vec<LastRequestOf> {
        self.last_requests.all()
    }

    /// Counts a request of any kind that was answered.
    pub(crate) fn served(&self, operation: &'static str, status: StatusCode, took: Duration) {
        if let Some(series) = self.operations.get_or_insert(operation, Series::new) {
            count(series, status, took, None);
        }
    }

    /// Counts events that were kept, by their sender's key and the times that they were sent with.
    pub(crate) fn sent(&self, key: &str, sent_at: &[f64], now_ms: i64) {
        self.senders.sent(key, sent_at, now_ms);
    }

    /// Notes a call that sent events and was refused: its operation, the tracking id or dataset that it named, and the exception
    /// with its text.
    pub(crate) fn refused_events(&self, call: [&str; 4], now_ms: i64) {
        self.refusals.note(call, now_ms);
    }

    /// The senders of events, by key.
    pub fn event_senders(&self) -> Vec<EventSender> {
        self.senders.all()
    }

    /// The calls that sent events and were refused, the newest first.
    pub fn event_refusals(&self) -> Vec<RefusedEvents> {
        self.refusals.all()
    }

    /// The campaigns and recommenders that were asked, by ARN.
    pub fn campaigns(&self) -> Vec<String> {
        names(&self.campaigns)
    }

    /// The operations that were asked for, by name.
    pub fn operations(&self) -> Vec<String> {
        names(&self.operations)
    }

    /// Counts streamed events of a dataset group, and keeps the last of them.
    pub fn streamed(&self, dataset_group_arn: &str, events: &[InteractionEvent]) {
        self.events.add(events.len());
        if let Some(series) = self.groups.get_or_insert(dataset_group_arn, EventSeries::new) {
            series.add(events.len());
        }
        self.recent.note(dataset_group_arn, events);
    }

    /// The events of a dataset group that came last, the newest first; at most [`RECENT_EVENTS_MAX`].
    pub fn recent_events(&self, dataset_group_arn: &str) -> Vec<RecentEvent> {
        self.recent.of(dataset_group_arn)
    }

    /// Ends the seconds up to `now_s`, in seconds since the Unix epoch. To be called once a second.
    pub fn tick(&self, now_s: i64) {
        let ended_s = self.ended_s.fetch_max(now_s, Ordering::Relaxed);
        let seconds = if ended_s == 0 { 1 } else { u64::try_from(now_s - ended_s).unwrap_or(0) };
        if seconds == 0 {
            return;
        }
        let requests = std::iter::once(&self.all).chain(self.campaigns.values()).chain(self.operations.values());
        requests.for_each(|series| series.end_seconds(seconds));
        std::iter::once(&self.events).chain(self.groups.values()).for_each(|series| series.end_seconds(seconds));
    }

    /// The counts of a campaign or recommender, or of all; oldest first, and empty for a campaign that nobody asked.
    pub fn requests(&self, campaign_arn: Option<&str>, window: TrafficWindow) -> Vec<TrafficCounts> {
        let series = match campaign_arn {
            Some(arn) => self.campaigns.get(arn),
            None => Some(&self.all),
        };
        series.map_or_else(Vec::new, |series| spans(series, window))
    }

    /// The counts of an operation, oldest first; empty for one that nobody asked for.
    pub fn requests_of_operation(&self, operation: &str, window: TrafficWindow) -> Vec<TrafficCounts> {
        self.operations.get(operation).map_or_else(Vec::new, |series| spans(series, window))
    }

    /// The numbers of streamed events of a dataset group, or of all; oldest first, and empty for a group without any.
    pub fn events(&self, dataset_group_arn: Option<&str>, window: TrafficWindow) -> Vec<u32> {
        let series = match dataset_group_arn {
            Some(arn) => self.groups.get(arn),
            None => Some(&self.events),
        };
        series.map_or_else(Vec::new, |series| match window {
            TrafficWindow::Seconds(count) => series.seconds(count),
            TrafficWindow::Minutes(count) => series.minutes(count),
        })
    }
}

fn spans(series: &Series, window: TrafficWindow) -> Vec<TrafficCounts> {
    match window {
        TrafficWindow::Seconds(count) => series.seconds(count),
        TrafficWindow::Minutes(count) => series.minutes(count),
    }
}

fn names(table: &Table<Series>) -> Vec<String> {
    let mut names: Vec<String> = table.entries().map(|(name, _)| name.to_owned()).collect();
    names.sort();
    names
}

fn count(series: &Series, status: StatusCode, took: Duration, source: Option<Source>) {
    series.add(Counter::Took(took));
    match status.as_u16() {
        400..=499 => series.add(Counter::ClientError),
        500.. => series.add(Counter::ServerError),
        _ => {}
    }
    match source {
        Some(Source::ColdStart) => series.add(Counter::ColdStart),
        Some(Source::Prepared) => series.add(Counter::Prepared),
        Some(Source::Model) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(arn: &str, source: Source) -> RequestFacts {
        let mut facts = RequestFacts::default();
        (facts.campaign_arn, facts.source) = (Some(arn.into()), Some(source));
        facts
    }

    #[test]
    fn requests_are_counted_by_campaign_and_for_all() {
        let traffic = Traffic::default();
        let took = Duration::from_millis(3);
        traffic.tick(100);
        traffic.answered(StatusCode::OK, took, &facts("a", Source::Model), 7);
        traffic.answered(StatusCode::OK, took, &facts("a", Source::ColdStart), 7);
        traffic.answered(StatusCode::OK, took, &facts("b", Source::Prepared), 7);
        traffic.answered(StatusCode::BAD_REQUEST, took, &RequestFacts::default(), 7);
        traffic.answered(StatusCode::SERVICE_UNAVAILABLE, took, &facts("b", Source::Model), 7);
        traffic.streamed("g", &[1, 2, 3, 4, 5].map(recent_events::event_of_test));
        traffic.tick(101);
        traffic.tick(101);
        let window = TrafficWindow::Seconds(1);
        let of = |arn| traffic.requests(arn, window)[0];
        let all = of(None);
        assert_eq!((all.requests(), all.client_errors(), all.server_errors()), (5, 1, 1));
        assert_eq!((all.cold_starts(), all.prepared()), (1, 1));
        assert_eq!((of(Some("a")).requests(), of(Some("a")).cold_starts()), (2, 1));
        assert_eq!((of(Some("b")).requests(), of(Some("b")).server_errors()), (2, 1));
        assert!(traffic.requests(Some("c"), window).is_empty());
        assert_eq!((traffic.events(None, window), traffic.events(Some("g"), window)), (vec![5], vec![5]));
        assert!(traffic.events(Some("other"), window).is_empty());
        assert_eq!(
            traffic.recent_events("g").iter().map(|event| event.timestamp_s).collect::<Vec<_>>(),
            [5, 4, 3, 2, 1]
        );
        // A clock that is put back ends nothing.
        traffic.tick(50);
        assert_eq!(of(None).requests(), 5);
        assert_eq!(traffic.requests(None, TrafficWindow::Minutes(1))[0].requests(), 5);
    }

    #[test]
    fn requests_of_every_kind_are_counted_by_operation() {
        let traffic = Traffic::default();
        traffic.tick(100);
        traffic.served("ListSchemas", StatusCode::OK, Duration::from_millis(1));
        traffic.served("ListSchemas", StatusCode::BAD_REQUEST, Duration::from_millis(1));
        traffic.served("Health", StatusCode::OK, Duration::from_millis(1));
        traffic.tick(101);
        assert_eq!(traffic.operations(), ["Health", "ListSchemas"]);
        let counts = traffic.requests_of_operation("ListSchemas", TrafficWindow::Seconds(1))[0];
        assert_eq!((counts.requests(), counts.client_errors(), counts.server_errors()), (2, 1, 0));
        assert!(traffic.requests_of_operation("ListFilters", TrafficWindow::Seconds(1)).is_empty());
        assert!(traffic.campaigns().is_empty());
    }

    #[test]
    fn a_hundred_campaigns_take_four_mebibytes_at_most() {
        // Rings of events grow by doubling.
        let events = 2 * (1024 + 2048);
        let tables = (TRAFFIC_CAMPAIGNS_MAX + 2 * TRAFFIC_GROUPS_MAX) * size_of::<usize>() * 2;
        let arns = 100 * 128;
        let bytes = 101 * series::SERIES_BYTES + 2 * events + tables + arns;
        assert!(bytes <= 4 << 20, "{bytes}, {} each", series::SERIES_BYTES);
    }
}
