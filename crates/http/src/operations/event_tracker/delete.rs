//! `DeleteEventTracker` removes an event tracker.

use crate::operations::{Answer, Context, Empty};
use tastemaker_service::event_trackers;
use tastemaker_wire::personalize::DeleteEventTrackerRequest as Request;

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Empty> {
    event_trackers::delete(context.service(), &request.event_tracker_arn).await?;
    Ok(Empty {})
}
