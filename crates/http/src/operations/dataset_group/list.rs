//! `ListDatasetGroups` lists the region's dataset groups.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::dataset_groups;
use tastemaker_wire::personalize::{ListDatasetGroupsRequest as Request, ListDatasetGroupsResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let listed = dataset_groups::list(context.service(), context.caller, page).await?;
    let dataset_groups = listed.items.into_iter().map(wire::dataset_group_summary).collect();
    Ok(Response { dataset_groups, next_token: listed.next_token })
}
