//! Event trackers as wire structures.

use crate::operations::wire::{members, seconds};
use tastemaker_domain::resource::EventTracker;
use tastemaker_wire::personalize as wire;

/// An event tracker.
pub fn event_tracker(tracker: EventTracker) -> wire::EventTracker {
    wire::EventTracker {
        account_id: Some(tracker.account_id),
        creation_date_time: seconds(tracker.created_ms),
        dataset_group_arn: Some(tracker.dataset_group_arn),
        event_tracker_arn: Some(tracker.arn),
        last_updated_date_time: seconds(tracker.updated_ms),
        name: Some(tracker.name),
        status: Some(tracker.status.to_string()),
        tracking_id: Some(tracker.tracking_id),
    }
}

/// An event tracker in a list.
pub fn event_tracker_summary(tracker: EventTracker) -> wire::EventTrackerSummary {
    members!(event_tracker(tracker) => wire::EventTrackerSummary {
        creation_date_time, event_tracker_arn, last_updated_date_time, name, status
    })
}
