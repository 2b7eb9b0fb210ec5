//! `DeleteDataset` removes a dataset that no job works on.

use crate::operations::{Answer, Context, Empty};
use tastemaker_service::datasets;
use tastemaker_wire::personalize::DeleteDatasetRequest as Request;

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Empty> {
    datasets::delete(context.service(), &request.dataset_arn).await?;
    Ok(Empty {})
}
