//! The data that reaches a dataset group between two trainings: streamed events, streamed records and published tables.

pub(crate) mod dataset_group;
pub(crate) mod events;
pub(crate) mod metadata_records;
mod names;
mod stored_events;

use dataset_group::GroupData;
use events::StreamedEvents;
use hashbrown::HashMap;
use metadata_records::MetadataRecords;
use parking_lot::RwLock;
use std::sync::Arc;
use tastemaker_data::{Dataset, Table};
use tastemaker_domain::Result;
use tastemaker_domain::schema::DatasetType;

/// The data of all dataset groups of this process. A group outlives the snapshots that read it.
#[derive(Default)]
pub struct StreamedData {
    /// Dataset group ARN -> its data.
    groups: RwLock<HashMap<String, Arc<GroupData>>>,
}

impl StreamedData {
    /// Makes `table` the records of a group's Items, Users or Actions dataset. It has the dataset's stream up to and
    /// including position `upto`; rows streamed later stay in force.
    pub fn publish_table(&self, dataset_group_arn: &str, dataset_type: DatasetType, table: Arc<Table>, upto: u64) {
        if let Some(records) = self.group(dataset_group_arn).records(dataset_type) {
            records.publish(table, upto);
        }
    }

    /// Forgets the records of a dataset that was deleted.
    pub fn forget_table(&self, dataset_group_arn: &str, dataset_type: DatasetType) {
        self.publish_table(dataset_group_arn, dataset_type, Arc::default(), u64::MAX);
        self.publish_table(dataset_group_arn, dataset_type, Arc::default(), 0);
    }

    /// The records of a group's dataset as they are now; none for datasets of interactions.
    pub fn metadata_records(&self, dataset_group_arn: &str, dataset_type: DatasetType) -> Arc<MetadataRecords> {
        self.group(dataset_group_arn).records_now(dataset_type)
    }

    /// Makes `interactions` the bulk interactions of a group that filters see; without them filters see the histories beside
    /// each model, which are the ones it was trained on.
    pub fn publish_interactions(&self, dataset_group_arn: &str, interactions: Option<Arc<Dataset>>) {
        self.group(dataset_group_arn).publish_interactions(interactions);
    }

    /// Whether filters see bulk interactions of their own.
    pub fn has_interactions(&self, dataset_group_arn: &str) -> bool {
        self.group(dataset_group_arn).interactions().is_some()
    }

    /// The groups of which there is data.
    pub fn dataset_group_arns(&self) -> Vec<String> {
        self.groups.read().keys().cloned().collect()
    }

    /// The streamed events of a group with items, as bytes.
    pub fn events_to_bytes(&self, dataset_group_arn: &str) -> Result<Vec<u8>> {
        self.group(dataset_group_arn).item_events.to_bytes()
    }

    /// Has the streamed events that [`Self::events_to_bytes`] wrote, of a group that has none yet. Refused if the bytes are
    /// damaged or of another build; then nothing is changed.
    pub fn events_from_bytes(&self, dataset_group_arn: &str, bytes: &[u8]) -> Result<()> {
        let events = StreamedEvents::from_bytes(bytes)?;
        self.group(dataset_group_arn).item_events.take_over(events)
    }

    /// Forgets the data of a dataset group that was deleted.
    pub fn forget(&self, dataset_group_arn: &str) {
        self.groups.write().remove(dataset_group_arn);
    }

    /// The data of a group, empty at first.
    pub(crate) fn group(&self, dataset_group_arn: &str) -> Arc<GroupData> {
        let known = self.groups.read().get(dataset_group_arn).cloned();
        known.unwrap_or_else(|| self.groups.write().entry_ref(dataset_group_arn).or_default().clone())
    }
}
