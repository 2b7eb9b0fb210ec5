//! Requests for lists and streamed events of the last day.

/// The subject of counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrafficOf<'a> {
    /// All requests for lists, and all events.
    All,
    /// Requests of every kind.
    Everything,
    /// The requests of an operation, by its name.
    Operation(&'a str),
    /// The requests of a campaign or recommender, by its ARN.
    Campaign(&'a str),
    /// The events of a dataset group, by its ARN.
    DatasetGroup(&'a str),
}

/// A span of history and how finely it is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrafficWindow {
    /// The last seconds, up to 600.
    Seconds(usize),
    /// The last minutes, up to 1440; the last is not over.
    Minutes(usize),
}

/// The counts of a second, of a minute, or of a whole window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TrafficSpan {
    /// Requests that were answered.
    pub requests: u64,
    /// Answers with a status from 400 to 499.
    pub client_errors: u64,
    /// Answers with a status of 500 or more.
    pub server_errors: u64,
    /// Lists that came from the cold start.
    pub cold_starts: u64,
    /// Prepared lists that stood in for one that could not be had in time.
    pub prepared: u64,
    /// The time in milliseconds within which half of the requests were answered; `None` without requests.
    pub p50_ms: Option<f64>,
    /// The time in milliseconds within which 95 of 100 requests were answered; `None` without requests.
    pub p95_ms: Option<f64>,
    /// The time in milliseconds within which 99 of 100 requests were answered; `None` without requests.
    pub p99_ms: Option<f64>,
    /// Streamed events.
    pub events: u64,
}

/// An event that was streamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedEvent {
    /// The user; empty for one who is not logged in.
    pub user_id: String,
    /// The item; empty where the event names none.
    pub item_id: String,
    /// The type of the event.
    pub event_type: String,
    /// Seconds since the Unix epoch, by the event's own time.
    pub timestamp_s: i64,
}

/// A sender of events and the times that it gave them, since the start of the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventSender {
    /// The access key, or the path of senders without one; empty for those that are counted together.
    pub key: String,
    /// Events that were kept.
    pub events: u64,
    /// Events whose time was in milliseconds.
    pub milliseconds: u64,
    /// Events with a time of 1970.
    pub year_1970: u64,
    /// Events from more than five minutes in the future.
    pub ahead: u64,
    /// Events from more than five minutes in the past.
    pub behind: u64,
    /// When events came last, in milliseconds since the Unix epoch.
    pub last_ms: i64,
}

/// Calls that sent events and were refused for the same reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefusedCalls {
    /// The operation or path.
    pub operation: String,
    /// The tracking id or the dataset's ARN that the calls named; empty where they named none.
    pub target: String,
    /// The name of the exception.
    pub error: String,
    /// Its text.
    pub message: String,
    /// The calls.
    pub calls: u64,
    /// When the last of them came, in milliseconds since the Unix epoch.
    pub last_ms: i64,
}

/// The counts of this server.
pub trait Traffic: Send + Sync {
    /// The spans of a window, oldest first; none where nothing was counted of the subject.
    fn series(&self, of: TrafficOf<'_>, window: TrafficWindow) -> Vec<TrafficSpan>;
    /// The window as one span.
    fn total(&self, of: TrafficOf<'_>, window: TrafficWindow) -> TrafficSpan;
    /// The names of the operations that were asked for.
    fn operations(&self) -> Vec<String>;
    /// The campaigns and recommenders that were asked, by ARN.
    fn campaigns(&self) -> Vec<String>;
    /// The senders of events, by key.
    fn event_senders(&self) -> Vec<EventSender>;
    /// The calls that sent events and were refused, the newest first.
    fn refused_events(&self) -> Vec<RefusedCalls>;
    /// The last events of a dataset group that came to this process, the newest first.
    fn received(&self, dataset_group_arn: &str) -> Vec<ReceivedEvent>;
}

/// The same span over and over, and as the total.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct FixedTraffic(pub Option<TrafficSpan>);

#[cfg(test)]
impl Traffic for FixedTraffic {
    fn series(&self, _: TrafficOf<'_>, window: TrafficWindow) -> Vec<TrafficSpan> {
        let (TrafficWindow::Seconds(count) | TrafficWindow::Minutes(count)) = window;
        self.0.map_or_else(Vec::new, |span| vec![span; count])
    }

    fn total(&self, _: TrafficOf<'_>, _: TrafficWindow) -> TrafficSpan {
        self.0.unwrap_or_default()
    }

    fn operations(&self) -> Vec<String> {
        self.0.map_or_else(Vec::new, |_| vec!["GetRecommendations".to_owned(), "ListSchemas".to_owned()])
    }

    fn campaigns(&self) -> Vec<String> {
        self.0.map_or_else(Vec::new, |_| vec!["arn:aws:personalize:us-east-1:000000000000:campaign/home".to_owned()])
    }

    fn event_senders(&self) -> Vec<EventSender> {
        let sender = |key: &str, milliseconds, ahead| EventSender {
            key: key.to_owned(),
            events: 10,
            milliseconds,
            ahead,
            last_ms: 1_799_999_000_000,
            ..EventSender::default()
        };
        self.0
            .map_or_else(Vec::new, |_| vec![sender("AKGOOD", 0, 0), sender("AKMILLIS", 7, 0), sender("AKAHEAD", 0, 3)])
    }

    fn refused_events(&self) -> Vec<RefusedCalls> {
        let calls = RefusedCalls {
            operation: "PutEvents".to_owned(),
            target: "9d5b-track".to_owned(),
            error: "InvalidInputException".to_owned(),
            message: "The <event> is wrong.".to_owned(),
            calls: 4,
            last_ms: 1_799_999_000_000,
        };
        self.0.map_or_else(Vec::new, |_| vec![calls])
    }

    fn received(&self, _: &str) -> Vec<ReceivedEvent> {
        let event = |user: &str, item: &str| ReceivedEvent {
            user_id: user.to_owned(),
            item_id: item.to_owned(),
            event_type: "View".to_owned(),
            timestamp_s: 1_799_999_000,
        };
        self.0.map_or_else(Vec::new, |_| vec![event("user42", "p<1>"), event("", "p2")])
    }
}
