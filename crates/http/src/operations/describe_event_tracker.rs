//! `DescribeEventTracker`.

use super::{Answer, Context, to_wire};
use tastemaker_service::event_trackers;
use tastemaker_wire::personalize::{DescribeEventTrackerRequest, DescribeEventTrackerResponse};

/// Shows an event tracker.
pub async fn answer(context: &Context<'_>, request: DescribeEventTrackerRequest) -> Answer<DescribeEventTrackerResponse> {
    let found = event_trackers::describe(&context.state.service, &request.event_tracker_arn).await?;
    Ok(DescribeEventTrackerResponse { event_tracker: Some(to_wire::event_tracker(found)) })
}
