//! `CreateEventTracker`.

use super::common::tags;
use super::{Answer, Context};
use tastemaker_service::event_trackers::{self, NewEventTracker};
use tastemaker_wire::personalize::{CreateEventTrackerRequest, CreateEventTrackerResponse};

/// Makes the address to which a group's events are streamed.
pub async fn answer(context: &Context<'_>, request: CreateEventTrackerRequest) -> Answer<CreateEventTrackerResponse> {
    let new = NewEventTracker { name: request.name, dataset_group_arn: request.dataset_group_arn, tags: tags(request.tags)? };
    let tracker = event_trackers::create(&context.state.service, context.caller, new).await?;
    Ok(CreateEventTrackerResponse { event_tracker_arn: Some(tracker.arn), tracking_id: Some(tracker.tracking_id) })
}
