//! `CreateEventTracker`.

use super::common::given;
use super::{Answer, Context};
use crate::errors::refuse_unavailable;
use tastemaker_service::event_trackers::{self, NewEventTracker};
use tastemaker_wire::personalize::{CreateEventTrackerRequest, CreateEventTrackerResponse};

/// Makes the address to which a group's events are streamed.
pub async fn answer(context: &Context<'_>, request: CreateEventTrackerRequest) -> Answer<CreateEventTrackerResponse> {
    refuse_unavailable(&[("tags", given(&request.tags))])?;
    let new = NewEventTracker { name: request.name, dataset_group_arn: request.dataset_group_arn };
    let tracker = event_trackers::create(&context.state.service, context.caller, new).await?;
    Ok(CreateEventTrackerResponse { event_tracker_arn: Some(tracker.arn), tracking_id: Some(tracker.tracking_id) })
}
