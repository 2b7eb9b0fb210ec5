//! `DeleteDataset`.

use super::{Answer, Context, Empty};
use tastemaker_service::datasets;
use tastemaker_wire::personalize::DeleteDatasetRequest;

/// Removes a dataset that no job works on.
pub async fn answer(context: &Context<'_>, request: DeleteDatasetRequest) -> Answer<Empty> {
    datasets::delete(&context.state.service, &request.dataset_arn).await?;
    Ok(Empty {})
}
