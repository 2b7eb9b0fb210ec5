//! Events that are sent from the page: one for a card of a list, and a whole history for a visitor without an id.

use super::address::Address;
use super::request::ids;
use crate::cx::{ApiCall, Cx};
use crate::page::PageError;
use crate::pages::form::Sent;
use axum::extract::{Form, Path, Query};
use axum::response::Redirect;
use tastemaker_domain::schema::DatasetType;
use tastemaker_wire::Operation;
use tastemaker_wire::events::{Event, PutEventsRequest};
use tastemaker_wire::personalize::{
    DescribeEventTrackerRequest, DescribeEventTrackerResponse, ListEventTrackersRequest, ListEventTrackersResponse,
};

/// The beginning of the names of a card's buttons; the type of the event follows.
pub(super) const BUTTON: &str = "event.";
/// The session of events of users who are named without one.
const SESSION: &str = "console";
/// Types of events that have buttons.
const BUTTONS_MAX: usize = 3;
/// Types of events that the form of histories offers.
const TYPES_MAX: usize = 50;
/// Events that one call takes.
const CALL_MAX: usize = 10;
/// Events of a history that is typed in.
pub(super) const HISTORY_MAX: usize = 100;

/// The tracker and the types of the events that the page sends.
#[derive(Debug, Clone, Default)]
pub(super) struct Events {
    /// The ARN of the group's event tracker; a group without one takes no events.
    pub tracker: Option<String>,
    /// The types of the events in the data, the most frequent first.
    pub types: Vec<String>,
}

impl Events {
    pub(super) async fn of(cx: &Cx, group: &str, group_arn: &str) -> Result<Self, PageError> {
        let arn = cx.arn("dataset", &format!("{group}/{}", DatasetType::Interactions.as_str()));
        let statistics = cx.console.ports.datasets.statistics(&arn).await;
        let known = statistics.as_deref().and_then(|found| found.interactions.as_ref());
        let names = known.map_or(&[][..], |found| &found.event_types).iter().map(|event| event.name.clone());
        let mut types: Vec<String> = names.filter(|name| !name.is_empty()).take(TYPES_MAX).collect();
        if types.is_empty() {
            // Data without types; the API wants one.
            types.push("View".to_owned());
        }
        Ok(Self { tracker: tracker_arn(cx, group_arn).await?, types })
    }

    /// The types that have buttons.
    pub(super) fn buttons(&self) -> &[String] {
        &self.types[..self.types.len().min(BUTTONS_MAX)]
    }

    /// The call that sent the event which the address names, for "the same by API".
    pub(super) async fn call(&self, cx: &Cx, sent: &Sent) -> Option<ApiCall> {
        let (event_type, item) = (sent.get("did")?, sent.get("on")?);
        let tracking_id = tracking_id(cx, self.tracker.clone()?).await.ok()?;
        let input = request(tracking_id, sent, vec![event(cx, event_type, item)]);
        Some(ApiCall { operation: Operation::PutEvents, input: serde_json::to_value(input).ok()? })
    }
}

async fn tracker_arn(cx: &Cx, group_arn: &str) -> Result<Option<String>, PageError> {
    let input = ListEventTrackersRequest {
        dataset_group_arn: Some(group_arn.to_owned()),
        ..ListEventTrackersRequest::default()
    };
    let listed: ListEventTrackersResponse = cx.call_unseen(Operation::ListEventTrackers, &input).await?;
    Ok(listed.event_trackers.into_iter().find_map(|tracker| tracker.event_tracker_arn))
}

async fn tracking_id(cx: &Cx, event_tracker_arn: String) -> Result<String, PageError> {
    let input = DescribeEventTrackerRequest { event_tracker_arn };
    let described: DescribeEventTrackerResponse = cx.call_unseen(Operation::DescribeEventTracker, &input).await?;
    described.event_tracker.and_then(|tracker| tracker.tracking_id).ok_or(PageError::NotFound)
}

/// The tracking id of a group; a sentence where it has no event tracker.
async fn of_group(cx: &Cx, group: &str) -> Result<String, PageError> {
    match tracker_arn(cx, &cx.arn("dataset-group", group)).await? {
        Some(arn) => tracking_id(cx, arn).await,
        None => Err(PageError::BadInput(cx.text("try-no-tracker"))),
    }
}

fn event(cx: &Cx, event_type: &str, item: &str) -> Event {
    Event {
        event_type: event_type.to_owned(),
        item_id: Some(item.to_owned()),
        sent_at: cx.console.now_s() as f64,
        ..Event::default()
    }
}

/// Events of the user of the page; without one they are those of its session.
fn request(tracking_id: String, sent: &Sent, event_list: Vec<Event>) -> PutEventsRequest {
    PutEventsRequest {
        tracking_id,
        session_id: sent.get("session").unwrap_or(SESSION).to_owned(),
        user_id: sent.get("user").map(str::to_owned),
        event_list,
    }
}

/// Answers `POST /g/{group}/try/event`: sends the event of the button that was pressed, and leads back to the lists, which then say
/// what it changed.
pub(super) async fn send(
    cx: Cx,
    Path(group): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Redirect, PageError> {
    let (asked, address) = (Sent::new(query.clone()), Address::new(&group, &query));
    let pressed = fields.iter().find_map(|(name, item)| Some((name.strip_prefix(BUTTON)?.to_owned(), item.clone())));
    let Some((event_type, item)) = pressed else { return Err(PageError::BadInput(cx.text("try-no-event"))) };
    if asked.get("user").or(asked.get("session")).is_none() {
        return Err(PageError::BadInput(cx.text("try-event-of-nobody")));
    }
    let sent = Sent::new(fields);
    let tracking_id = of_group(&cx, &group).await?;
    let recommendation_id = sent.get("recommendation").map(str::to_owned);
    let event = Event { recommendation_id, ..event(&cx, &event_type, &item) };
    let _: serde_json::Value = cx.call(Operation::PutEvents, &request(tracking_id, &asked, vec![event])).await?;
    let seen =
        [("was", sent.typed("was")), ("was2", sent.typed("was2")), ("did", event_type.as_str()), ("on", item.as_str())];
    Ok(Redirect::to(&format!("{}#lists", address.with(&seen).link(&cx))))
}

/// Answers `POST /g/{group}/try/history`: sends a history for a visitor without an id, and leads to the visitor's list.
pub(super) async fn send_history(
    cx: Cx,
    Path(group): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Redirect, PageError> {
    let sent = Sent::new(fields);
    let items = ids(sent.typed("history"));
    if items.is_empty() || items.len() > HISTORY_MAX {
        let values = [("max", HISTORY_MAX.into()), ("count", items.len().into())];
        return Err(PageError::BadInput(cx.text_with("try-history-length", &values)));
    }
    let event_type = sent.get("type").unwrap_or("View").to_owned();
    let made = format!("visitor-{}", (cx.console.ports.clock)());
    let visitor = sent.get("visitor").unwrap_or(&made).to_owned();
    let tracking_id = of_group(&cx, &group).await?;
    let asked = Sent::new(vec![("session".to_owned(), visitor.clone())]);
    let count = items.len();
    // A second apart, the last one now.
    let at = |(place, item): (usize, &String)| {
        let event = event(&cx, &event_type, item);
        Event { sent_at: event.sent_at - (count - 1 - place) as f64, ..event }
    };
    let events: Vec<Event> = items.iter().enumerate().map(at).collect();
    for part in events.chunks(CALL_MAX) {
        let input = request(tracking_id.clone(), &asked, part.to_vec());
        let _: serde_json::Value = cx.call(Operation::PutEvents, &input).await?;
    }
    let address = Address::new(&group, &query).fresh().with(&[("user", ""), ("session", &visitor)]);
    Ok(Redirect::to(&format!("{}#lists", address.link(&cx))))
}
