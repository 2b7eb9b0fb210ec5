//! Streamed rows of items, users and actions, and streamed interactions with actions.
//!
//! Whoever wants all data of a dataset reads its imported files and then its stream from position 0
//! ([`EventsExt::pages`](crate::EventsExt::pages) with [`decode_row`], [`decode_event`](super::decode_event) or
//! [`decode_action_interaction`]). Interactions add up. Of rows with the same id the newest is the record: the later one in
//! the stream, and between a streamed and an imported one the streamed one, unless the file was imported
//! (`Dataset::bulk_imported_ms`) after the row was received.

use super::codec::One;
use super::entry_id::{entry_id, event_id};
use crate::{Error, NewEvent, Result, StoredEvent};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::resource::{ActionInteraction, StreamedRow, TimeMs};

/// The stream that holds the streamed rows of an Items, Users or Actions dataset, in the order of their acknowledgement.
pub fn rows_stream(dataset_arn: &str) -> String {
    format!("rows/{dataset_arn}")
}

/// The stream that holds a dataset group's streamed interactions with actions, in the order of their acknowledgement.
pub fn action_interactions_stream(dataset_group_arn: &str) -> String {
    format!("action-interactions/{dataset_group_arn}")
}

#[derive(Serialize, Deserialize)]
struct RowV1 {
    v: One,
    id: String,
    received_ms: TimeMs,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    columns: BTreeMap<String, String>,
}

/// The row as it is appended under `entry_id`, which must be new: every streamed row is kept, also one like another.
pub fn encode_row(entry_id: String, row: &StreamedRow) -> Result<NewEvent> {
    let stored = RowV1 { v: One, id: row.id.clone(), received_ms: row.received_ms, columns: row.columns.clone() };
    let body = serde_json::to_vec(&stored).map_err(|error| Error::backend("records", format!("row: {error}")))?;
    Ok(NewEvent { id: entry_id, body: body.into() })
}

/// The row of a stream's entry; [`Error::Corrupt`] names the stream and the position.
pub fn decode_row(stream: &str, stored: &StoredEvent) -> Result<StreamedRow> {
    let row: RowV1 = serde_json::from_slice(&stored.body).map_err(|error| corrupt(stream, stored, error))?;
    Ok(StreamedRow { id: row.id, columns: row.columns, received_ms: row.received_ms })
}

#[derive(Serialize, Deserialize)]
struct ActionInteractionV1 {
    v: One,
    user_id: String,
    session_id: String,
    action_id: String,
    event_type: String,
    timestamp_s: i64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    properties: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recommendation_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    impression: Vec<String>,
}

/// The interaction as it is appended to its group's stream, where those with one event id are told apart by user, action and
/// event type.
pub fn encode_action_interaction(event: &ActionInteraction) -> Result<NewEvent> {
    let stored = ActionInteractionV1 {
        v: One,
        user_id: event.user_id.clone(),
        session_id: event.session_id.clone(),
        action_id: event.action_id.clone(),
        event_type: event.event_type.clone(),
        timestamp_s: event.timestamp_s,
        properties: event.properties.clone(),
        recommendation_id: event.recommendation_id.clone(),
        impression: event.impression.clone(),
    };
    let body = serde_json::to_vec(&stored);
    let body = body.map_err(|error| Error::backend("records", format!("event {}: {error}", event.event_id)))?;
    let id = entry_id(&event.event_id, [&event.user_id, &event.action_id, &event.event_type]);
    Ok(NewEvent { id, body: body.into() })
}

/// The interaction of a stream's entry; [`Error::Corrupt`] names the stream and the position.
pub fn decode_action_interaction(stream: &str, stored: &StoredEvent) -> Result<ActionInteraction> {
    let event: ActionInteractionV1 =
        serde_json::from_slice(&stored.body).map_err(|error| corrupt(stream, stored, error))?;
    Ok(ActionInteraction {
        event_id: event_id(&stored.id).to_owned(),
        user_id: event.user_id,
        session_id: event.session_id,
        action_id: event.action_id,
        event_type: event.event_type,
        timestamp_s: event.timestamp_s,
        properties: event.properties,
        recommendation_id: event.recommendation_id,
        impression: event.impression,
    })
}

fn corrupt(stream: &str, stored: &StoredEvent, error: serde_json::Error) -> Error {
    Error::Corrupt(format!("{stream} at position {} ({}): {error}", stored.position, stored.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"v":1,"id":"i1","received_ms":1700000000000,"columns":{"GENRES":"a|b","PRICE":"12.5"}}"#;
    const ACTION: &str = r#"{"v":1,"user_id":"u","session_id":"s","action_id":"a","event_type":"TAKEN","timestamp_s":1700000000,"properties":{"DEVICE":"phone"},"recommendation_id":"RID-1","impression":["a","b"]}"#;

    fn stored(body: &str) -> StoredEvent {
        StoredEvent { position: 7, id: "e".into(), body: body.as_bytes().to_vec().into() }
    }

    #[test]
    fn what_released_versions_wrote_is_read_and_written_again() {
        let row = decode_row("rows/d", &stored(ROW)).expect("a row");
        assert_eq!((row.id.as_str(), row.columns["PRICE"].as_str()), ("i1", "12.5"));
        assert_eq!(encode_row("e".into(), &row).expect("written").body, ROW);
        let action = decode_action_interaction("action-interactions/g", &stored(ACTION)).expect("an interaction");
        let again = encode_action_interaction(&action).expect("written");
        assert_eq!((event_id(&again.id), &again.body[..]), ("e", ACTION.as_bytes()));
        let other = encode_action_interaction(&ActionInteraction { action_id: "b".into(), ..action }).expect("written");
        assert!(other.id != again.id && event_id(&other.id) == "e", "{}", other.id);
    }

    #[test]
    fn damage_is_named() {
        let error = decode_row("rows/d", &stored("{\"v\":2}")).expect_err("a newer format");
        assert!(error.to_string().contains("rows/d at position 7 (e)"), "{error}");
        assert!(decode_action_interaction("x", &stored("{}")).is_err());
    }
}
