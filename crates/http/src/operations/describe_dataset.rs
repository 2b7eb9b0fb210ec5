//! `DescribeDataset`.

use super::{Answer, Context, to_wire};
use tastemaker_service::datasets;
use tastemaker_wire::personalize::{DescribeDatasetRequest, DescribeDatasetResponse};

/// Shows a dataset.
pub async fn answer(context: &Context<'_>, request: DescribeDatasetRequest) -> Answer<DescribeDatasetResponse> {
    let found = datasets::show(&context.state.service, &request.dataset_arn).await?;
    Ok(DescribeDatasetResponse { dataset: Some(to_wire::dataset(found)) })
}
