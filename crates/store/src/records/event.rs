//! Streamed interactions: the bodies of a dataset group's event stream.

use super::codec::One;
use super::entry_id::{entry_id, event_id};
use crate::{Error, NewEvent, Result, StoredEvent};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::resource::InteractionEvent;

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
}

/// The event as it is appended to its group's stream, where events with one id are told apart by user, item and event type. A
/// value that JSON cannot hold is refused.
pub fn encode_event(event: &InteractionEvent) -> Result<NewEvent> {
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
    };
    let body = serde_json::to_vec(&stored).map_err(|error| refuse(error.to_string()))?;
    let id = entry_id(&event.event_id, [&event.user_id, &event.item_id, &event.event_type]);
    Ok(NewEvent { id, body: body.into() })
}

/// The event of a stream's entry; [`Error::Corrupt`] names the stream, the position and the id.
pub fn decode_event(stream: &str, stored: &StoredEvent) -> Result<InteractionEvent> {
    let event: EventV1 = serde_json::from_slice(&stored.body).map_err(|error| {
        Error::Corrupt(format!("{stream} at position {} (event {}): {error}", stored.position, event_id(&stored.id)))
    })?;
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
