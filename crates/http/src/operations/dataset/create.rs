//! `CreateDataset` makes an empty dataset with a schema.

use crate::errors::Failure;
use crate::operations::{Answer, Context, wire::read_tags};
use tastemaker_domain::schema::DatasetType;
use tastemaker_service::datasets::{self, NewDataset};
use tastemaker_wire::personalize::{CreateDatasetRequest as Request, CreateDatasetResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let dataset_type = DatasetType::parse(&request.dataset_type).ok_or_else(|| {
        let types: Vec<_> = DatasetType::ALL.iter().map(|t| t.as_str()).collect();
        Failure::invalid(format!("datasetType '{}' is none of [{}].", request.dataset_type, types.join(", ")))
    })?;
    let new = NewDataset {
        name: request.name,
        schema_arn: request.schema_arn,
        dataset_group_arn: request.dataset_group_arn,
        dataset_type,
        tags: read_tags(request.tags)?,
    };
    let dataset = datasets::create(context.service(), context.caller, new).await?;
    Ok(Response { dataset_arn: Some(dataset.arn) })
}
