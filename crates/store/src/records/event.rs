//! Streamed interactions: the bodies of a dataset group's event stream.

use super::codec::One;
use super::entry_id::{entry_id, event_id};
use crate::{Error, NewEvent, Result, StoredEvent};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::resource::{InteractionEvent, TimeMs};

/// The stream that holds a dataset group's streamed interactions, in the order of their acknowledgement.
pub fn interactions_stream(dataset_group_arn: &str) -> String {
    format!("interactions/{dataset_group_arn}")
}

/// Format version 1. The event's id is in that of its entry; absent members stay out, as most events lack them.
#[derive(Serialize, Deserialize)]
struct EventV1 {
    v: One,
    user_id: String,
    session_id: String,
    item_id: String,
    event_type: String,
    timestamp_s: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_value: Option<f32>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    properties: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recommendation_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    impression: Vec<String>,
    /// When the event arrived; events of earlier builds do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    received_ms: Option<TimeMs>,
}

/// The event as it is appended to its group's stream, where events with one id are told apart by user, item and event type. A
/// value that JSON cannot hold is refused.
pub fn encode_event(event: &InteractionEvent) -> Result<NewEvent> {
    encode(event, None)
}

/// The same with the time at which it arrived.
pub fn encode_received_event(event: &InteractionEvent, received_ms: TimeMs) -> Result<NewEvent> {
    encode(event, Some(received_ms))
}

fn encode(event: &InteractionEvent, received_ms: Option<TimeMs>) -> Result<NewEvent> {
    let refuse = |reason: String| Error::backend("records", format!("event {}: {reason}", event.event_id));
    if let Some(value) = event.event_value.filter(|value| !value.is_finite()) {
        return Err(refuse(format!("value {value} is not a finite number")));
    }
    let stored = EventV1 {
        v: One,
        user_id: event.user_id.clone(),
        session_id: event.session_id.clone(),
        item_id: event.item_id.clone(),
        event_type: event.event_type.clone(),
        timestamp_s: event.timestamp_s,
        event_value: event.event_value,
        properties: event.properties.clone(),
        recommendation_id: event.recommendation_id.clone(),
        impression: event.impression.clone(),
        received_ms,
    };
    let body = serde_json::to_vec(&stored).map_err(|error| refuse(error.to_string()))?;
    let id = entry_id(&event.event_id, [&event.user_id, &event.item_id, &event.event_type]);
    Ok(NewEvent { id, body: body.into() })
}

/// The event of a stream's entry; [`Error::Corrupt`] names the stream, the position and the id.
pub fn decode_event(stream: &str, stored: &StoredEvent) -> Result<InteractionEvent> {
    let event: EventV1 = serde_json::from_slice(&stored.body).map_err(|error| corrupt(stream, stored, &error))?;
    Ok(InteractionEvent {
        event_id: event_id(&stored.id).to_owned(),
        user_id: event.user_id,
        session_id: event.session_id,
        item_id: event.item_id,
        event_type: event.event_type,
        event_value: event.event_value,
        timestamp_s: event.timestamp_s,
        properties: event.properties,
        recommendation_id: event.recommendation_id,
        impression: event.impression,
    })
}

/// When an event happened and arrived, and its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventArrival {
    /// Seconds since the Unix epoch, as the sender says.
    pub timestamp_s: i64,
    /// Absent for events of earlier builds.
    pub received_ms: Option<TimeMs>,
    /// The type of the event.
    pub event_type: String,
}

/// The times of a stream's entry; [`Error::Corrupt`] as of [`decode_event`].
pub fn decode_event_arrival(stream: &str, stored: &StoredEvent) -> Result<EventArrival> {
    let event: EventV1 = serde_json::from_slice(&stored.body).map_err(|error| corrupt(stream, stored, &error))?;
    let EventV1 { timestamp_s, received_ms, event_type, .. } = event;
    Ok(EventArrival { timestamp_s, received_ms, event_type })
}

fn corrupt(stream: &str, stored: &StoredEvent, error: &serde_json::Error) -> Error {
    Error::Corrupt(format!("{stream} at position {} (event {}): {error}", stored.position, event_id(&stored.id)))
}
