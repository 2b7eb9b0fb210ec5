//! `CreateDatasetExportJob`.

use super::common::{location, tags};
use super::{Answer, Context};
use crate::errors::Failure;
use tastemaker_domain::resource::IngestionMode;
use tastemaker_service::export_jobs::{self, NewExportJob};
use tastemaker_wire::personalize::{CreateDatasetExportJobRequest, CreateDatasetExportJobResponse};

/// Starts an export.
pub async fn answer(
    context: &Context<'_>,
    request: CreateDatasetExportJobRequest,
) -> Answer<CreateDatasetExportJobResponse> {
    let ingestion_mode = match request.ingestion_mode.as_deref() {
        None => IngestionMode::Put,
        Some(word) => IngestionMode::parse(word)
            .ok_or_else(|| Failure::invalid(format!("ingestionMode: '{word}' is not a mode.")))?,
    };
    let new = NewExportJob {
        job_name: request.job_name,
        dataset_arn: request.dataset_arn,
        ingestion_mode,
        role_arn: request.role_arn,
        output: location(request.job_output.s3_data_destination),
        tags: tags(request.tags)?,
    };
    let job = export_jobs::create(&context.state.service, context.caller, new).await?;
    Ok(CreateDatasetExportJobResponse { dataset_export_job_arn: Some(job.arn) })
}
