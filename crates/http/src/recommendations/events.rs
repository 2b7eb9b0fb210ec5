//! `POST /events`: what users did, for senders without an AWS SDK. The body is PutEvents' own; the tracking id, the session
//! and the time may be left out.

use super::dataset_group::events_dataset_group;
use super::{Refusal, finish, options, respond};
use crate::operations::streamed_event;
use crate::reply::{self, JSON};
use crate::request_facts;
use crate::state::HttpState;
use axum::body::Body;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use serde_json::Value;
use tastemaker_service::events::{PutEvents, put, put_to_group};
use tastemaker_wire::events::PutEventsRequest;
use tastemaker_wire::{Operation, codec};

/// The methods of the path.
const METHODS: &str = "POST, OPTIONS";

/// The path, as it stands among the senders of events.
const EVENTS_PATH: &str = "/events";

/// Stands where the wire's shape wants a tracking id and there is none.
const UNTRACKED: &str = "-";

/// Keeps the events of a caller who may send them durably and shows them to the recommender, before it answers.
pub async fn answer(state: &HttpState, parts: &Parts, body: Body, request_id: &str) -> Response<Body> {
    let response = match parts.method {
        Method::OPTIONS => options(METHODS),
        Method::POST => match take(state, parts, body).await {
            Ok(()) => reply::with_body(StatusCode::OK, JSON, "{}"),
            Err(refusal) => {
                let call = [EVENTS_PATH, "", refusal.code, &refusal.message];
                state.traffic.refused_events(call, (state.service.clock)());
                refusal.response(request_id)
            }
        },
        _ => respond::not_allowed(&parts.method, METHODS, request_id),
    };
    finish(response, request_id)
}

async fn take(state: &HttpState, parts: &Parts, body: Body) -> Result<(), Refusal> {
    let held = state.read_body(parts, body).await?;
    let request = decode(&held.bytes, (state.service.clock)())?;
    request_facts::user(request.user_id.as_deref());
    let sent_at: Vec<f64> = request.event_list.iter().map(|event| event.sent_at).collect();
    let put_events = PutEvents {
        tracking_id: request.tracking_id,
        user_id: request.user_id,
        session_id: request.session_id,
        events: request.event_list.into_iter().map(streamed_event).collect(),
    };
    match put_events.tracking_id.as_str() {
        UNTRACKED => put_to_group(&state.service, &events_dataset_group(state).await?, put_events).await?,
        _ => put(&state.service, put_events).await?,
    }
    state.traffic.sent(EVENTS_PATH, &sent_at, (state.service.clock)());
    Ok(())
}

/// PutEvents' shape, with what may be left out put in.
fn decode(bytes: &[u8], now_ms: i64) -> Result<PutEventsRequest, Refusal> {
    let mut json: Value =
        serde_json::from_slice(bytes).map_err(|error| Refusal::invalid(format!("The body is not JSON: {error}.")))?;
    let Some(members) = json.as_object_mut() else {
        return Err(Refusal::invalid("The body must be a JSON object."));
    };
    for (alias, name) in [("user_id", "userId"), ("userID", "userId"), ("session_id", "sessionId")] {
        if let Some(value) = members.remove(alias) {
            members.entry(name).or_insert(value);
        }
    }
    if let Some(user) = members.get("userId").filter(|user| user.as_str().is_some_and(|u| !u.is_empty())).cloned() {
        members.entry("sessionId").or_insert(user);
    }
    members.entry("trackingId").or_insert_with(|| UNTRACKED.into());
    for event in members.get_mut("eventList").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(event) = event.as_object_mut() {
            event.entry("sentAt").or_insert_with(|| (now_ms / 1000).into());
        }
    }
    let decoded = codec::decode(Operation::PutEvents, json.to_string().as_bytes());
    decoded.map_err(|error| Refusal::invalid(error.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_put_in() {
        let body = br#"{"user_id":"u","eventList":[{"eventType":"Click","itemId":"i"}]}"#;
        let request = decode(body, 5_000).expect("fits");
        assert_eq!((request.tracking_id.as_str(), request.session_id.as_str()), (UNTRACKED, "u"));
        assert_eq!(request.event_list[0].sent_at, 5.0);
        for (body, word) in [
            (&b"{"[..], "not JSON"),
            (b"[]", "JSON object"),
            (br#"{"eventList":[]}"#, "sessionId"),
            (br#"{"userId":"u","eventList":[{"itemId":"i"}]}"#, "eventType"),
        ] {
            let refusal = decode(body, 0).expect_err(word);
            assert!(refusal.message.contains(word), "{}", refusal.message);
        }
    }
}
