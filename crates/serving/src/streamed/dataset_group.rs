//! The data of one dataset group: its streamed events, its metadata records, and the bulk interactions that filters see.

use super::events::StreamedEvents;
use super::metadata_records::{CurrentRecords, MetadataRecords};
use parking_lot::RwLock;
use std::collections::HashSet;
use std::sync::Arc;
use tastemaker_data::Dataset;
use tastemaker_domain::resource::{ActionInteraction, InteractionEvent, PlacedRow};
use tastemaker_domain::schema::{DatasetType, Schema};

/// The streamed state of a dataset group: what is known of it besides its models.
#[derive(Default)]
pub(crate) struct GroupData {
    /// Events with items.
    pub item_events: StreamedEvents,
    /// Responses to actions, as events whose items are actions.
    pub action_events: StreamedEvents,
    items: CurrentRecords,
    users: CurrentRecords,
    actions: CurrentRecords,
    interactions: RwLock<Option<Arc<Dataset>>>,
}

impl GroupData {
    /// Takes in responses to actions, in order.
    pub fn ingest_action_interactions(&self, responses: &[ActionInteraction]) {
        for response in responses {
            self.action_events.push(&as_interaction(response));
        }
    }

    /// Takes in rows of a dataset; those of interactions are none of its records.
    pub fn ingest_rows(&self, dataset_type: DatasetType, schema: &Schema, rows: &[PlacedRow]) {
        if let Some(records) = self.records(dataset_type) {
            records.push(schema, rows);
        }
    }

    /// The records of the group's dataset of that type; `None` for interactions, which are no records.
    pub fn records(&self, dataset_type: DatasetType) -> Option<&CurrentRecords> {
        match dataset_type {
            DatasetType::Items => Some(&self.items),
            DatasetType::Users => Some(&self.users),
            DatasetType::Actions => Some(&self.actions),
            DatasetType::Interactions | DatasetType::ActionInteractions => None,
        }
    }

    /// The records of the group's dataset of that type as they are now; none for interactions.
    pub fn records_now(&self, dataset_type: DatasetType) -> Arc<MetadataRecords> {
        self.records(dataset_type).map(CurrentRecords::now).unwrap_or_default()
    }

    /// The group's bulk interactions, if filters are to see them.
    pub fn interactions(&self) -> Option<Arc<Dataset>> {
        self.interactions.read().clone()
    }

    pub fn publish_interactions(&self, interactions: Option<Arc<Dataset>>) {
        *self.interactions.write() = interactions;
    }

    /// Forgets users with their events and records, and the bulk interactions, which have them too.
    pub fn forget(&self, users: &HashSet<Box<str>>) {
        self.item_events.forget(users);
        self.users.forget(users);
        self.action_events.forget(users);
        self.publish_interactions(None);
    }
}

/// A response to an action as an event whose item is the action.
fn as_interaction(event: &ActionInteraction) -> InteractionEvent {
    InteractionEvent {
        event_id: event.event_id.clone(),
        user_id: event.user_id.clone(),
        session_id: event.session_id.clone(),
        item_id: event.action_id.clone(),
        event_type: event.event_type.clone(),
        event_value: None,
        timestamp_s: event.timestamp_s,
        properties: Default::default(),
        recommendation_id: None,
        impression: Vec::new(),
    }
}
