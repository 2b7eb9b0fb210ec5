//! `CreateDatasetImportJob`.

use super::common::tags;
use super::{Answer, Context};
use crate::errors::Failure;
use tastemaker_domain::resource::ImportMode;
use tastemaker_service::import_jobs::{self, NewImportJob};
use tastemaker_wire::personalize::{CreateDatasetImportJobRequest, CreateDatasetImportJobResponse};

/// Starts a bulk import.
pub async fn answer(
    context: &Context<'_>,
    request: CreateDatasetImportJobRequest,
) -> Answer<CreateDatasetImportJobResponse> {
    let mode = match request.import_mode.as_deref() {
        None => ImportMode::Full,
        Some(word) => {
            ImportMode::parse(word).ok_or_else(|| Failure::invalid(format!("importMode: '{word}' is not a mode.")))?
        }
    };
    let new = NewImportJob {
        job_name: request.job_name,
        dataset_arn: request.dataset_arn,
        data_location: request
            .data_source
            .data_location
            .ok_or_else(|| Failure::invalid("dataSource.dataLocation is required."))?,
        role_arn: request.role_arn,
        import_mode: mode,
        publish_attribution_metrics_to_s3: request.publish_attribution_metrics_to_s3.unwrap_or(false),
        tags: tags(request.tags)?,
    };
    let job = import_jobs::create(&context.state.service, context.caller, new).await?;
    Ok(CreateDatasetImportJobResponse { dataset_import_job_arn: Some(job.arn) })
}
