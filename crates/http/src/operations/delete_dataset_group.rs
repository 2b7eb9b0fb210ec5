//! `DeleteDatasetGroup`.

use super::{Answer, Context, Empty};
use tastemaker_service::dataset_groups;
use tastemaker_wire::personalize::DeleteDatasetGroupRequest;

/// Removes an empty dataset group.
pub async fn answer(context: &Context<'_>, request: DeleteDatasetGroupRequest) -> Answer<Empty> {
    dataset_groups::delete(&context.state.service, &request.dataset_group_arn).await?;
    Ok(Empty {})
}
