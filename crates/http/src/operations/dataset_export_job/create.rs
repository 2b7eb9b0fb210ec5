//! `CreateDatasetExportJob` starts an export.

use crate::operations::wire::{read_location, read_mode, read_tags};
use crate::operations::{Answer, Context};
use tastemaker_domain::resource::IngestionMode;
use tastemaker_service::export_jobs::{self, NewExportJob};
use tastemaker_wire::personalize::{
    CreateDatasetExportJobRequest as Request, CreateDatasetExportJobResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let word = request.ingestion_mode.as_deref();
    let ingestion_mode = read_mode("ingestionMode", word, IngestionMode::Put, IngestionMode::parse)?;
    let new = NewExportJob {
        job_name: request.job_name,
        dataset_arn: request.dataset_arn,
        ingestion_mode,
        role_arn: request.role_arn,
        output: read_location(request.job_output.s3_data_destination),
        tags: read_tags(request.tags)?,
    };
    let job = export_jobs::create(context.service(), context.caller, new).await?;
    Ok(Response { dataset_export_job_arn: Some(job.arn) })
}
