//! `DeleteDatasetGroup` removes an empty dataset group.

use crate::operations::{Answer, Context, Empty};
use tastemaker_service::dataset_groups;
use tastemaker_wire::personalize::DeleteDatasetGroupRequest as Request;

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Empty> {
    dataset_groups::delete(context.service(), &request.dataset_group_arn).await?;
    Ok(Empty {})
}
