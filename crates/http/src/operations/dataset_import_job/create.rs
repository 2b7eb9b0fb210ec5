//! `CreateDatasetImportJob` starts a bulk import.

use crate::operations::wire::{read_mode, read_tags, required};
use crate::operations::{Answer, Context};
use tastemaker_domain::resource::ImportMode;
use tastemaker_service::import_jobs::{self, NewImportJob};
use tastemaker_wire::personalize::{
    CreateDatasetImportJobRequest as Request, CreateDatasetImportJobResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let import_mode = read_mode("importMode", request.import_mode.as_deref(), ImportMode::Full, ImportMode::parse)?;
    let new = NewImportJob {
        job_name: request.job_name,
        dataset_arn: request.dataset_arn,
        data_location: required("dataSource.dataLocation", request.data_source.data_location)?,
        role_arn: request.role_arn,
        import_mode,
        publish_attribution_metrics_to_s3: request.publish_attribution_metrics_to_s3.unwrap_or(false),
        tags: read_tags(request.tags)?,
    };
    let job = import_jobs::create(context.service(), context.caller, new).await?;
    Ok(Response { dataset_import_job_arn: Some(job.arn) })
}
