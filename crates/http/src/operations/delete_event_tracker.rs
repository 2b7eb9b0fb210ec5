//! `DeleteEventTracker`.

use super::{Answer, Context, Empty};
use tastemaker_service::event_trackers;
use tastemaker_wire::personalize::DeleteEventTrackerRequest;

/// Removes an event tracker.
pub async fn answer(context: &Context<'_>, request: DeleteEventTrackerRequest) -> Answer<Empty> {
    event_trackers::delete(&context.state.service, &request.event_tracker_arn).await?;
    Ok(Empty {})
}
