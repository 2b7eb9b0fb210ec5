//! `UpdateDataset`.

use super::{Answer, Context};
use tastemaker_service::datasets;
use tastemaker_wire::personalize::{UpdateDatasetRequest, UpdateDatasetResponse};

/// Gives a dataset a schema with more fields.
pub async fn answer(context: &Context<'_>, request: UpdateDatasetRequest) -> Answer<UpdateDatasetResponse> {
    let (ctx, caller) = (&context.state.service, context.caller);
    let dataset = datasets::update(ctx, caller, &request.dataset_arn, &request.schema_arn).await?;
    Ok(UpdateDatasetResponse { dataset_arn: Some(dataset.arn) })
}
