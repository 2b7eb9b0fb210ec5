//! `CreateEventTracker` makes the address to which a group's events are streamed.

use crate::operations::{Answer, Context, wire::read_tags};
use tastemaker_service::event_trackers::{self, NewEventTracker};
use tastemaker_wire::personalize::{CreateEventTrackerRequest as Request, CreateEventTrackerResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let new = NewEventTracker {
        name: request.name,
        dataset_group_arn: request.dataset_group_arn,
        tags: read_tags(request.tags)?,
    };
    let tracker = event_trackers::create(context.service(), context.caller, new).await?;
    Ok(Response { event_tracker_arn: Some(tracker.arn), tracking_id: Some(tracker.tracking_id) })
}
