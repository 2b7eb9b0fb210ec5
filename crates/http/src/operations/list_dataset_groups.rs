//! `ListDatasetGroups`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::dataset_groups;
use tastemaker_wire::personalize::{ListDatasetGroupsRequest, ListDatasetGroupsResponse};

/// Lists the region's dataset groups.
pub async fn answer(context: &Context<'_>, request: ListDatasetGroupsRequest) -> Answer<ListDatasetGroupsResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = dataset_groups::list(&context.state.service, context.caller, page).await?;
    Ok(ListDatasetGroupsResponse {
        dataset_groups: listed.items.into_iter().map(to_wire::dataset_group_summary).collect(),
        next_token: listed.next_token,
    })
}
