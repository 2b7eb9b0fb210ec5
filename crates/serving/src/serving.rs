//! The serving state of a process: campaigns, the data of their dataset groups, filters, and what was answered.

use crate::filters::registry::FilterRegistry;
use crate::impressions::Impressions;
use crate::registry::CampaignRegistry;
use crate::scratch_pool::ScratchPool;
use crate::snapshot_handle::SnapshotHandle;
use crate::streamed::StreamedData;
use std::collections::HashSet;
use std::sync::Arc;
use tastemaker_domain::resource::{InteractionEvent, Streamed};
use tastemaker_domain::{Error, Result};

/// All campaigns of this process and what they answer with.
#[derive(Default)]
pub struct Serving {
    /// The snapshots that answer for campaigns.
    pub campaigns: CampaignRegistry,
    /// The data of dataset groups.
    pub streamed: StreamedData,
    /// The filters that requests may name.
    pub filters: Arc<FilterRegistry>,
    /// Answers that were given, for events that name them.
    pub impressions: Impressions,
    scratch: Arc<ScratchPool>,
}

impl Serving {
    /// A server without campaigns.
    pub fn new() -> Self {
        Self::default()
    }

    /// The model that answers for the campaign now. As long as the handle is kept, all requests to it are answered by that
    /// model, whatever is published in the meantime.
    ///
    /// Errors: [`Error::NotFound`] when no snapshot answers for the campaign.
    pub fn snapshot(&self, campaign_arn: &str) -> Result<SnapshotHandle> {
        let (campaign_arn, snapshot) = self.campaigns.get(campaign_arn).ok_or_else(|| Error::unknown(campaign_arn))?;
        Ok(SnapshotHandle {
            campaign_arn,
            group: self.streamed.group(snapshot.dataset_group_arn()),
            snapshot,
            filters: self.filters.clone(),
            scratch: self.scratch.clone(),
        })
    }

    /// Takes in streamed events of a dataset group, in order. An event id seen among the user's recent events is
    /// ignored, so a replay does no harm.
    pub fn observe(&self, dataset_group_arn: &str, events: &[InteractionEvent]) {
        let group = self.streamed.group(dataset_group_arn);
        for event in events {
            if group.item_events.push(event)
                && let Some(recommendation_id) = event.recommendation_id.as_deref()
            {
                self.impressions.attribute(recommendation_id);
            }
        }
    }

    /// Takes in what was streamed to a dataset group, in order; a replay does no harm.
    pub fn ingest(&self, dataset_group_arn: &str, streamed: Streamed<'_>) {
        match streamed {
            Streamed::Interactions(events) => self.observe(dataset_group_arn, events),
            Streamed::ActionInteractions(responses) => {
                self.streamed.group(dataset_group_arn).ingest_action_interactions(responses);
            }
            Streamed::Rows { dataset_type, schema, rows } => {
                self.streamed.group(dataset_group_arn).ingest_rows(dataset_type, schema, rows);
            }
        }
    }

    /// Forgets what was streamed about users of a dataset group. Histories beside models are part of the snapshots, which are
    /// published anew without these users before this is called.
    pub fn forget_users(&self, dataset_group_arn: &str, users: &HashSet<Box<str>>) {
        self.streamed.group(dataset_group_arn).forget(users);
        for snapshot in self.campaigns.of_group(dataset_group_arn) {
            snapshot.user_states.forget(users);
        }
    }
}
