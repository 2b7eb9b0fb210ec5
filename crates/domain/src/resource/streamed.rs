//! Streamed data: rows of items, users and actions, and interactions with actions. Interactions with items are in the parent
//! module.

use super::{InteractionEvent, TimeMs};
use crate::schema::{DatasetType, Schema};
use std::collections::{BTreeMap, HashMap};

/// A record of an Items, Users or Actions dataset, streamed by PutItems, PutUsers or PutActions. It replaces every older
/// record of the same id as a whole, whether that was streamed or imported.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct StreamedRow {
    /// The item, user or action.
    pub id: String,
    /// Values of the schema's other columns by column name, as text. Nulls stay out.
    pub columns: BTreeMap<String, String>,
    pub received_ms: TimeMs,
}

/// A streamed interaction with an action.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ActionInteraction {
    pub event_id: String,
    /// The user, or the session for an anonymous visitor.
    pub user_id: String,
    pub session_id: String,
    pub action_id: String,
    /// `TAKEN`, `NOT_TAKEN` or `VIEWED`.
    pub event_type: String,
    /// Seconds since the Unix epoch.
    pub timestamp_s: i64,
    /// Values of the schema's other columns by column name, as text.
    pub properties: BTreeMap<String, String>,
    pub recommendation_id: Option<String>,
    pub impression: Vec<String>,
}

/// A row and its place in its dataset's stream.
pub type PlacedRow = (u64, StreamedRow);

/// Data that has become durable, in the order of its stream.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub enum Streamed<'a> {
    Interactions(&'a [InteractionEvent]),
    ActionInteractions(&'a [ActionInteraction]),
    Rows {
        dataset_type: DatasetType,
        /// Of the dataset at that time.
        schema: &'a Schema,
        rows: &'a [PlacedRow],
    },
}

/// Gives the events of anonymous sessions to the users who named themselves later in the same session. An anonymous event
/// (its user is its session) goes to the first user named after it.
pub fn name_sessions(events: &mut [InteractionEvent]) {
    let mut named: HashMap<&str, &str> = HashMap::new();
    let mut owners: Vec<Option<String>> = vec![None; events.len()];
    for (event, owner) in events.iter().zip(&mut owners).rev() {
        if event.user_id == event.session_id {
            *owner = named.get(event.session_id.as_str()).map(|user| (*user).to_owned());
        } else {
            named.insert(&event.session_id, &event.user_id);
        }
    }
    for (event, owner) in events.iter_mut().zip(owners) {
        if let Some(user) = owner {
            event.user_id = user;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anonymous_events_go_to_the_next_named_user() {
        let event = |user: &str, session: &str| InteractionEvent {
            event_id: String::new(),
            user_id: user.into(),
            session_id: session.into(),
            item_id: "i".into(),
            event_type: "View".into(),
            event_value: None,
            timestamp_s: 1,
            properties: BTreeMap::new(),
            recommendation_id: None,
            impression: vec![],
        };
        let mut events = [("s", "s"), ("t", "t"), ("u", "s"), ("s", "s"), ("v", "s"), ("s", "s")]
            .map(|(user, session)| event(user, session));
        name_sessions(&mut events);
        assert_eq!(events.map(|e| e.user_id), ["u", "t", "u", "v", "v", "s"]);
    }
}
