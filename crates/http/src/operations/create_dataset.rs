//! `CreateDataset`.

use super::common::tags;
use super::{Answer, Context};
use crate::errors::Failure;
use tastemaker_domain::schema::DatasetType;
use tastemaker_service::datasets::{self, NewDataset};
use tastemaker_wire::personalize::{CreateDatasetRequest, CreateDatasetResponse};

/// Makes an empty dataset with a schema.
pub async fn answer(context: &Context<'_>, request: CreateDatasetRequest) -> Answer<CreateDatasetResponse> {
    let dataset_type = DatasetType::parse(&request.dataset_type).ok_or_else(|| {
        let types: Vec<_> = DatasetType::ALL.iter().map(|t| t.as_str()).collect();
        Failure::invalid(format!("datasetType '{}' is none of [{}].", request.dataset_type, types.join(", ")))
    })?;
    let new = NewDataset {
        name: request.name,
        schema_arn: request.schema_arn,
        dataset_group_arn: request.dataset_group_arn,
        dataset_type,
        tags: tags(request.tags)?,
    };
    let dataset = datasets::create(&context.state.service, context.caller, new).await?;
    Ok(CreateDatasetResponse { dataset_arn: Some(dataset.arn) })
}
