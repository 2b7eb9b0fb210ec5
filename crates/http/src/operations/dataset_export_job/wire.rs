//! Dataset export jobs as wire structures.

use crate::operations::wire::{location, members, seconds};
use tastemaker_domain::resource::DatasetExportJob;
use tastemaker_wire::personalize as wire;

/// An export job.
pub fn export_job(job: DatasetExportJob) -> wire::DatasetExportJob {
    wire::DatasetExportJob {
        creation_date_time: seconds(job.created_ms),
        dataset_arn: Some(job.dataset_arn),
        dataset_export_job_arn: Some(job.arn),
        failure_reason: job.failure_reason,
        ingestion_mode: Some(job.ingestion_mode.as_str().to_owned()),
        job_name: Some(job.job_name),
        job_output: Some(wire::DatasetExportJobOutput { s3_data_destination: location(job.output) }),
        last_updated_date_time: seconds(job.updated_ms),
        role_arn: Some(job.role_arn),
        status: Some(job.status.to_string()),
    }
}

/// An export job in a list.
pub fn export_job_summary(job: DatasetExportJob) -> wire::DatasetExportJobSummary {
    members!(export_job(job) => wire::DatasetExportJobSummary {
        creation_date_time, dataset_export_job_arn, failure_reason, job_name, last_updated_date_time, status
    })
}
