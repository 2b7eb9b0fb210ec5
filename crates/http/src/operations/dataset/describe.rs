//! `DescribeDataset` shows a dataset.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::datasets;
use tastemaker_wire::personalize::{DescribeDatasetRequest as Request, DescribeDatasetResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = datasets::show(context.service(), &request.dataset_arn).await?;
    Ok(Response { dataset: Some(wire::dataset(found)) })
}
