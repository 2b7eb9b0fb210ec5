//! The event tracker of a dataset group: its tracking id, the calls that send an event, the events that came last and their number
//! by the hour.

use super::deletion::{Ended, Kind};
use crate::chart::{Bar, Texts, bars};
use crate::cx::{ApiCall, Cx};
use crate::examples;
use crate::format;
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::pages::form::{Field, FieldErrors, Sent};
use crate::pages::resources::dataset_group;
use crate::ports::{ApiError, ReceivedEvent, TrafficOf, TrafficWindow};
use crate::topic::{Part, Subject};
use axum::extract::{Form, Path};
use axum::response::{IntoResponse, Redirect, Response};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::StatusCode;
use maud::{Markup, html};
use tastemaker_wire::Operation;
use tastemaker_wire::events::{Event, PutEventsRequest};
use tastemaker_wire::personalize::{
    CreateEventTrackerRequest, CreateEventTrackerResponse, DeleteEventTrackerRequest, DescribeEventTrackerRequest,
    DescribeEventTrackerResponse, EventTracker, ListEventTrackersRequest, ListEventTrackersResponse,
};

const DELETION: Kind =
    Kind { delete: "tracker-delete", sure: "tracker-delete-sure", other_name: "tracker-delete-other-name" };

/// The hours of the picture.
const HOURS: usize = 24;
const HOUR_MINUTES: usize = 60;
/// The seconds of the present number.
const PRESENT_SECONDS: usize = 60;
/// Characters of an id in the list of events.
const ID_CHARS_MAX: usize = 40;

/// The event tracker of a group; a group has one at most.
async fn tracker(cx: &Cx, group_arn: &str) -> Result<Option<EventTracker>, PageError> {
    let input = ListEventTrackersRequest {
        dataset_group_arn: Some(group_arn.to_owned()),
        ..ListEventTrackersRequest::default()
    };
    let listed: ListEventTrackersResponse = cx.call(Operation::ListEventTrackers, &input).await?;
    let Some(arn) = listed.event_trackers.into_iter().find_map(|tracker| tracker.event_tracker_arn) else {
        return Ok(None);
    };
    let input = DescribeEventTrackerRequest { event_tracker_arn: arn };
    let described: Result<DescribeEventTrackerResponse, ApiError> =
        cx.call(Operation::DescribeEventTracker, &input).await;
    match described {
        Ok(described) => Ok(described.event_tracker),
        // It was deleted meanwhile.
        Err(error) if error.name == "ResourceNotFoundException" => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn show(cx: Cx, Path(group): Path<String>) -> Result<Page, PageError> {
    page(&cx, &group, &Sent::default(), &FieldErrors::default()).await
}

async fn page(cx: &Cx, group: &str, sent: &Sent, errors: &FieldErrors) -> Result<Page, PageError> {
    let group_arn = dataset_group(cx, group).await?.dataset_group_arn.unwrap_or_default();
    let tracker = tracker(cx, &group_arn).await?;
    let events = received(cx, &group_arn).await;
    let body = html! {
        (errors.summary(cx))
        p { (cx.text("tracker-purpose")) }
        @match &tracker {
            Some(tracker) => {
                (facts(cx, tracker))
                h2 { (cx.text("tracker-send")) }
                p.hint { (cx.text("tracker-send-help")) }
                (examples::snippet(cx, "put-events", &example(cx, &group_arn, tracker)))
            }
            None => (form(cx, group, sent, errors)),
        }
        div id="events" { (events) }
        @if let Some(tracker) = &tracker { (end(cx, group, tracker, errors)) }
    };
    let page = Page::new(Menu::Deploy, cx.text("tracker-title"), body).group(group).examples(examples::of_page(cx));
    let page = match tracker {
        Some(tracker) => page
            .state(tracker.status.unwrap_or_default())
            .arn(tracker.event_tracker_arn.unwrap_or_default())
            .changed(tracker.last_updated_date_time.unwrap_or(0.0)),
        None => page,
    };
    let page = page.live("events");
    Ok(if errors.is_empty() { page } else { page.status(StatusCode::UNPROCESSABLE_ENTITY) })
}

/// The topic of a group's events.
pub(crate) fn live<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let Some(group) = subject.group else { return Vec::new() };
        vec![Part { id: "events", content: received(cx, &cx.arn("dataset-group", group)).await }]
    }
    .boxed()
}

/// The line about the events of a group on the list of campaigns, with the way to this page.
pub(super) fn in_short(cx: &Cx, group: &str, group_arn: &str) -> Markup {
    let hour = cx.console.ports.traffic.total(TrafficOf::DatasetGroup(group_arn), TrafficWindow::Minutes(HOUR_MINUTES));
    html! {
        h2 { (cx.text("tracker-title")) }
        p {
            a href=(cx.group_link(group, "/event-tracker")) { (cx.text("tracker-open")) } " · "
            (cx.text_with("tracker-hour", &[("count", format::counted(hour.events))]))
        }
    }
}

fn facts(cx: &Cx, tracker: &EventTracker) -> Markup {
    let tracking_id = tracker.tracking_id.as_deref().unwrap_or_default();
    html! {
        dl.facts {
            dt { (cx.text("create-name")) } dd { (tracker.name.as_deref().unwrap_or_default()) }
            dt { (cx.text("tracker-tracking-id")) }
            dd { code id="tracking-id" { (tracking_id) } " " button.copy type="button" data-copy=(tracking_id) hidden { (cx.text("copy")) } }
            @if let Some(made) = tracker.creation_date_time { dt { (cx.text("train-made")) } dd { (format::time(made)) } }
        }
    }
}

/// A PutEvents with the user and the item of the last event, so that it can be run as it stands.
fn example(cx: &Cx, group_arn: &str, tracker: &EventTracker) -> ApiCall {
    let last = cx.console.ports.traffic.received(group_arn).into_iter().find(|event| !event.user_id.is_empty());
    let last = last.unwrap_or_else(|| ReceivedEvent {
        user_id: "user-1".to_owned(),
        item_id: "item-1".to_owned(),
        event_type: "View".to_owned(),
        timestamp_s: 0,
    });
    let event = Event {
        event_type: last.event_type,
        item_id: (!last.item_id.is_empty()).then_some(last.item_id),
        sent_at: cx.console.now_s() as f64,
        ..Event::default()
    };
    let input = PutEventsRequest {
        tracking_id: tracker.tracking_id.clone().unwrap_or_default(),
        session_id: "session-1".to_owned(),
        user_id: Some(last.user_id),
        event_list: vec![event],
    };
    ApiCall { operation: Operation::PutEvents, input: serde_json::to_value(input).unwrap_or_default() }
}

/// The events that came: how many by the hour, and the last ones.
async fn received(cx: &Cx, group_arn: &str) -> Markup {
    let (traffic, of) = (&cx.console.ports.traffic, TrafficOf::DatasetGroup(group_arn));
    let minutes: Vec<u64> =
        traffic.series(of, TrafficWindow::Minutes(HOURS * HOUR_MINUTES)).iter().map(|span| span.events).collect();
    let now = traffic.total(of, TrafficWindow::Seconds(PRESENT_SECONDS)).events;
    let counted = cx.console.ports.datasets.streamed(group_arn).await;
    let last = traffic.received(group_arn);
    let day: u64 = minutes.iter().sum();
    let title = cx.text_with("tracker-hours-title", &[("count", format::counted(day))]);
    html! {
        h2 { (cx.text("tracker-received")) }
        dl.facts {
            dt { (cx.text("tracker-minute")) } dd { (format::count(now)) }
            @if let Some(counted) = &counted {
                dt { (cx.text("tracker-all")) } dd { (format::count(counted.events)) }
                @if let Some(received_ms) = counted.last_received_ms { dt { (cx.text("tracker-last")) } dd { (format::time(received_ms as f64 / 1e3)) } }
            }
        }
        @if last.is_empty() {
            p.hint { (cx.text("tracker-none")) }
        } @else {
            (bars(
                &Texts {
                    id: "events-by-hour",
                    title: &title,
                    description: &cx.text("tracker-hours-description"),
                    horizontal: &cx.text("tracker-hours-ago"),
                    vertical: &cx.text("tracker-events"),
                    numbers: &cx.text("numbers"),
                },
                &by_hour(&minutes),
            ))
            (list(cx, &last))
        }
    }
}

/// The counts of the hours, the last of which ends now.
fn by_hour(minutes: &[u64]) -> Vec<Bar> {
    let hours: Vec<u64> = minutes.rchunks(HOUR_MINUTES).take(HOURS).map(|hour| hour.iter().sum()).collect();
    let bar = |(ago, events): (usize, &u64)| Bar { label: ago.to_string(), value: *events as f64 };
    let mut bars: Vec<Bar> = hours.iter().enumerate().map(bar).collect();
    bars.reverse();
    bars
}

fn list(cx: &Cx, events: &[ReceivedEvent]) -> Markup {
    let id = |text: &str| if text.is_empty() { "–".to_owned() } else { format::shortened(text, ID_CHARS_MAX) };
    html! {
        h3 { (cx.text("tracker-last-events")) }
        p.hint { (cx.text("tracker-last-help")) }
        div.scroll tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { (cx.text("tracker-time")) }
                    th scope="col" { (cx.text("tracker-user")) }
                    th scope="col" { (cx.text("tracker-type")) }
                    th scope="col" { (cx.text("tracker-item")) }
                } }
                tbody {
                    @for event in events {
                        tr {
                            td { (format::time(event.timestamp_s as f64)) }
                            td { code { (id(&event.user_id)) } }
                            td { (id(&event.event_type)) }
                            td { code { (id(&event.item_id)) } }
                        }
                    }
                }
            }
        }
    }
}

fn form(cx: &Cx, group: &str, sent: &Sent, errors: &FieldErrors) -> Markup {
    html! {
        form.stacked method="post" action=(cx.group_link(group, "/event-tracker")) novalidate {
            (Field { name: "name", label: &cx.text("create-name"), value: sent.typed("name"), required: true,
                help: &cx.text("create-name-help"), ..Field::default() }.markup(errors))
            p.actions { button.primary type="submit" disabled[!cx.may_edit()] { (cx.text("tracker-create")) } }
        }
    }
}

fn end(cx: &Cx, group: &str, tracker: &EventTracker, errors: &FieldErrors) -> Markup {
    let name = tracker.name.as_deref().unwrap_or_default();
    html! {
        @if cx.may_edit() {
            @let what = cx.text("tracker-delete-help");
            (DELETION.form(cx, name, &cx.group_link(group, "/event-tracker/delete"), Some(&what), errors))
        }
    }
}

pub(super) async fn create(
    cx: Cx,
    Path(group): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = Sent::new(pairs);
    let input = CreateEventTrackerRequest {
        name: sent.get("name").unwrap_or_default().to_owned(),
        dataset_group_arn: cx.arn("dataset-group", &group),
        tags: None,
    };
    let made: Result<CreateEventTrackerResponse, ApiError> = cx.call(Operation::CreateEventTracker, &input).await;
    match made {
        Ok(_) => Ok(Redirect::to(&cx.group_link(&group, "/event-tracker")).into_response()),
        Err(error) => {
            let mut errors = FieldErrors::default();
            errors.at("name", error.message);
            Ok(page(&cx, &group, &sent, &errors).await?.into_response())
        }
    }
}

pub(super) async fn delete(
    cx: Cx,
    Path(group): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let here = cx.group_link(&group, "/event-tracker");
    let Some(tracker) = tracker(&cx, &cx.arn("dataset-group", &group)).await? else {
        // Somebody else was quicker.
        return Ok(Redirect::to(&here).into_response());
    };
    let input = DeleteEventTrackerRequest { event_tracker_arn: tracker.event_tracker_arn.unwrap_or_default() };
    let (sent, name) = (Sent::new(pairs), tracker.name.unwrap_or_default());
    let typed = (sent.get("confirm"), name.as_str());
    match DELETION.delete(&cx, typed, Operation::DeleteEventTracker, &input, place).await {
        Ended::Now | Ended::Before => Ok(Redirect::to(&here).into_response()),
        Ended::Refused(errors) => Ok(page(&cx, &group, &Sent::default(), &errors).await?.into_response()),
    }
}

/// A refusal of the API, which no field of the page is about.
fn place(errors: &mut FieldErrors, error: &ApiError) {
    errors.general.push(format!("{}: {}", error.name, error.message));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_end_now() {
        let mut minutes = vec![0; 61];
        minutes[0] = 5;
        minutes[1] = 2;
        minutes[60] = 1;
        let bars: Vec<(String, f64)> = by_hour(&minutes).into_iter().map(|bar| (bar.label, bar.value)).collect();
        assert_eq!(bars, [("1".to_owned(), 5.0), ("0".to_owned(), 3.0)]);
        assert_eq!(by_hour(&vec![1; 24 * 60 + 7]).len(), HOURS);
        assert!(by_hour(&[]).is_empty());
    }
}
