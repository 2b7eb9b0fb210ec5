//! Recommendations from an immutable snapshot plus the user's recent events; never waits on storage.
//!
//! A [`Snapshot`] is everything a campaign needs to answer: scorer, popularity, catalogue, histories and item columns.
//! It is pushed in with [`Serving::publish`] and never changes. Streamed events arrive through [`Serving::observe`] and
//! are part of the very next answer for their user. Everything is synchronous, and no lock is held while scoring.

mod actions;
mod allowed;
mod explore;
mod filters;
mod histories;
mod live;
mod metadata;
mod popular;
mod random;
mod rank;
mod recommend;
mod rows;
mod shown;
mod snapshot;
mod states;
#[cfg(test)]
mod testing;
mod view;

pub use filters::HeldFilter;
pub use histories::{Histories, HistoryColumns};
pub use live::LIVE_EVENTS_PER_USER_MAX;
pub use rows::{Rows, STREAMED_ROWS_MAX, empty_columns};
pub use shown::{SHOWN_BYTES_MAX, Shown};
pub use snapshot::{Snapshot, SnapshotParts, Tastes};
pub use view::{Extra, View};

use hashbrown::HashMap;
use live::LiveGroup;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tastemaker_data::{Dataset, Table};
use tastemaker_domain::resource::{InteractionEvent, Streamed};
use tastemaker_domain::schema::DatasetType;
use tastemaker_learn::Scratch;

/// All campaigns of this process and the streamed events of their dataset groups.
#[derive(Default)]
pub struct Serving {
    /// Campaign ARN -> what answers for it. Replaced as a whole by `publish`; readers clone the `Arc` and let go.
    campaigns: RwLock<HashMap<String, Arc<Snapshot>>>,
    /// Campaign ARN -> requests a second that it is promised.
    min_tps: RwLock<HashMap<String, u32>>,
    /// Dataset group ARN -> its streamed events. A group outlives the snapshots that read it.
    groups: RwLock<HashMap<String, Arc<LiveGroup>>>,
    /// What requests may filter by.
    filters: filters::Filters,
    /// What was answered, for events that name it.
    shown: shown::ShownLists,
    /// Campaign or recommender ARN -> events that named one of its answers.
    attributed: Mutex<HashMap<Arc<str>, u64>>,
    /// Buffers of finished requests, for the next ones.
    scratches: Mutex<Vec<Scratch>>,
}

impl Serving {
    /// A server without campaigns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes `snapshot` answer for the campaign from the next request on. Requests under way finish on the old one.
    pub fn publish(&self, campaign_arn: &str, snapshot: Snapshot) {
        let mut campaigns = self.campaigns.write().unwrap_or_else(PoisonError::into_inner);
        campaigns.insert(campaign_arn.to_owned(), Arc::new(snapshot));
    }

    /// Promises the campaign this many requests a second, whatever the others get.
    pub fn provision(&self, campaign_arn: &str, min_tps: u32) {
        let mut promised = self.min_tps.write().unwrap_or_else(PoisonError::into_inner);
        promised.insert(campaign_arn.to_owned(), min_tps);
    }

    /// Requests a second that the campaign is promised; 1 if nobody said.
    pub fn min_tps(&self, campaign_arn: &str) -> u32 {
        self.min_tps.read().unwrap_or_else(PoisonError::into_inner).get(campaign_arn).copied().unwrap_or(1)
    }

    /// Stops answering for the campaign. Unknown campaigns are ignored.
    pub fn retire(&self, campaign_arn: &str) {
        self.campaigns.write().unwrap_or_else(PoisonError::into_inner).remove(campaign_arn);
        self.min_tps.write().unwrap_or_else(PoisonError::into_inner).remove(campaign_arn);
    }

    /// What answers for the campaign now.
    pub fn held(&self, campaign_arn: &str) -> Option<Arc<Snapshot>> {
        self.campaigns.read().unwrap_or_else(PoisonError::into_inner).get(campaign_arn).cloned()
    }

    /// The ARNs of all published campaigns, sorted.
    pub fn campaign_arns(&self) -> Vec<String> {
        let campaigns = self.campaigns.read().unwrap_or_else(PoisonError::into_inner);
        let mut arns: Vec<_> = campaigns.keys().cloned().collect();
        arns.sort();
        arns
    }

    /// Takes in streamed events of a dataset group, in order. An event id seen among the user's recent events is
    /// ignored, so a replay does no harm.
    pub fn observe(&self, dataset_group_arn: &str, events: &[InteractionEvent]) {
        let group = self.group(dataset_group_arn);
        for event in events {
            let shown_by = || self.shown.source_of(event.recommendation_id.as_deref()?);
            if group.push(event)
                && let Some(source_arn) = shown_by()
            {
                *self.attributed.lock().unwrap_or_else(PoisonError::into_inner).entry(source_arn).or_default() += 1;
            }
        }
    }

    /// How many events of a user were streamed to a dataset group: while it stays, nothing new is known of the user.
    pub fn events_seen(&self, dataset_group_arn: &str, user_id: &str) -> u64 {
        self.group(dataset_group_arn).since(user_id, u64::MAX).1
    }

    /// Takes in what was streamed to a dataset group, in order; a replay does no harm.
    pub fn take_in(&self, dataset_group_arn: &str, streamed: Streamed<'_>) {
        match streamed {
            Streamed::Interactions(events) => self.observe(dataset_group_arn, events),
            Streamed::ActionInteractions(events) => {
                let group = self.group(dataset_group_arn).responses();
                for event in events {
                    group.push(&actions::as_interaction(event));
                }
            }
            Streamed::Rows { dataset_type, schema, rows } => {
                if let Some(live) = self.group(dataset_group_arn).rows(dataset_type) {
                    live.push(schema, rows);
                }
            }
        }
    }

    /// Makes `table` the records of a group's Items, Users or Actions dataset. It has the dataset's stream up to and
    /// including position `upto`; rows streamed later stay in force.
    pub fn publish_table(&self, dataset_group_arn: &str, dataset_type: DatasetType, table: Arc<Table>, upto: u64) {
        if let Some(live) = self.group(dataset_group_arn).rows(dataset_type) {
            live.publish(table, upto);
        }
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

    /// Forgets the records of a dataset that was deleted.
    pub fn forget_table(&self, dataset_group_arn: &str, dataset_type: DatasetType) {
        self.publish_table(dataset_group_arn, dataset_type, Arc::default(), u64::MAX);
        self.publish_table(dataset_group_arn, dataset_type, Arc::default(), 0);
    }

    /// The groups of which something is held.
    pub fn dataset_group_arns(&self) -> Vec<String> {
        self.groups.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// The records of a group's dataset as they are now; none for datasets of interactions.
    pub fn rows(&self, dataset_group_arn: &str, dataset_type: DatasetType) -> Arc<Rows> {
        self.group(dataset_group_arn).rows(dataset_type).map(rows::LiveRows::now).unwrap_or_default()
    }

    /// Forgets the streamed events of a dataset group that was deleted.
    pub fn forget(&self, dataset_group_arn: &str) {
        self.groups.write().unwrap_or_else(PoisonError::into_inner).remove(dataset_group_arn);
    }

    /// Forgets what was streamed about users of a dataset group. Histories beside models are part of the snapshots, which are
    /// published anew without these users before this is called.
    pub fn forget_users(&self, dataset_group_arn: &str, users: &HashSet<Box<str>>) {
        self.group(dataset_group_arn).forget(users);
        let campaigns = self.campaigns.read().unwrap_or_else(PoisonError::into_inner);
        for snapshot in campaigns.values().filter(|s| s.parts.dataset_group_arn == dataset_group_arn) {
            snapshot.states.forget(users);
        }
    }

    /// How many events named an answer of each campaign or recommender, since this process began.
    pub fn attributed(&self) -> Vec<(Arc<str>, u64)> {
        let attributed = self.attributed.lock().unwrap_or_else(PoisonError::into_inner);
        attributed.iter().map(|(arn, count)| (arn.clone(), *count)).collect()
    }

    /// Remembers the list that was answered with a recommendation id.
    pub fn remember(&self, recommendation_id: &str, shown: Shown) {
        self.shown.keep(recommendation_id, shown);
    }

    /// The list that was answered with a recommendation id, if it is remembered.
    pub fn recall(&self, recommendation_id: &str) -> Option<Shown> {
        self.shown.recall(recommendation_id)
    }

    /// The snapshot's items with their records as they are now.
    pub fn view(&self, snapshot: &Snapshot) -> Arc<View> {
        snapshot.view.with(snapshot, self.rows(&snapshot.parts.dataset_group_arn, snapshot.records()))
    }

    /// The streamed events that the snapshot's histories go on with.
    pub(crate) fn live(&self, snapshot: &Snapshot) -> Arc<LiveGroup> {
        let group = self.group(&snapshot.parts.dataset_group_arn);
        if snapshot.is_about_actions() { group.responses() } else { group }
    }

    fn group(&self, dataset_group_arn: &str) -> Arc<LiveGroup> {
        let known = self.groups.read().unwrap_or_else(PoisonError::into_inner).get(dataset_group_arn).cloned();
        known.unwrap_or_else(|| {
            let mut groups = self.groups.write().unwrap_or_else(PoisonError::into_inner);
            groups.entry_ref(dataset_group_arn).or_default().clone()
        })
    }

    fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let spare = self.scratches.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = spare.unwrap_or_default();
        let result = work(&mut scratch);
        self.scratches.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        result
    }
}
