//! `UpdateDataset` gives a dataset a schema with more fields.

use crate::operations::{Answer, Context};
use tastemaker_service::datasets;
use tastemaker_wire::personalize::{UpdateDatasetRequest as Request, UpdateDatasetResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let (ctx, caller) = (context.service(), context.caller);
    let dataset = datasets::update(ctx, caller, &request.dataset_arn, &request.schema_arn).await?;
    Ok(Response { dataset_arn: Some(dataset.arn) })
}
