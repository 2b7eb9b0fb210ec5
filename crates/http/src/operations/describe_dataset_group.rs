//! `DescribeDatasetGroup`.

use super::{Answer, Context, to_wire};
use tastemaker_service::dataset_groups;
use tastemaker_wire::personalize::{DescribeDatasetGroupRequest, DescribeDatasetGroupResponse};

/// Shows a dataset group.
pub async fn answer(context: &Context<'_>, request: DescribeDatasetGroupRequest) -> Answer<DescribeDatasetGroupResponse> {
    let found = dataset_groups::describe(&context.state.service, &request.dataset_group_arn).await?;
    Ok(DescribeDatasetGroupResponse { dataset_group: Some(to_wire::dataset_group(found)) })
}
