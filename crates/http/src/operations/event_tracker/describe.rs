//! `DescribeEventTracker` shows an event tracker.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::event_trackers;
use tastemaker_wire::personalize::{DescribeEventTrackerRequest as Request, DescribeEventTrackerResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = event_trackers::describe(context.service(), &request.event_tracker_arn).await?;
    Ok(Response { event_tracker: Some(wire::event_tracker(found)) })
}
