//! `ListEventTrackers` lists event trackers, of one group or of all.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::event_trackers;
use tastemaker_wire::personalize::{ListEventTrackersRequest as Request, ListEventTrackersResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let group = request.dataset_group_arn.as_deref();
    let listed = event_trackers::list(context.service(), context.caller, group, page).await?;
    let event_trackers = listed.items.into_iter().map(wire::event_tracker_summary).collect();
    Ok(Response { event_trackers, next_token: listed.next_token })
}
