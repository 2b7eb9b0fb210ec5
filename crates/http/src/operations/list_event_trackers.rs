//! `ListEventTrackers`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::event_trackers;
use tastemaker_wire::personalize::{ListEventTrackersRequest, ListEventTrackersResponse};

/// Lists event trackers, of one group or of all.
pub async fn answer(context: &Context<'_>, request: ListEventTrackersRequest) -> Answer<ListEventTrackersResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = event_trackers::list(&context.state.service, context.caller, request.dataset_group_arn.as_deref(), page).await?;
    Ok(ListEventTrackersResponse {
        event_trackers: listed.items.into_iter().map(to_wire::event_tracker_summary).collect(),
        next_token: listed.next_token,
    })
}
