//! `DescribeDatasetGroup` shows a dataset group.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::dataset_groups;
use tastemaker_wire::personalize::{DescribeDatasetGroupRequest as Request, DescribeDatasetGroupResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = dataset_groups::describe(context.service(), &request.dataset_group_arn).await?;
    Ok(Response { dataset_group: Some(wire::dataset_group(found)) })
}
