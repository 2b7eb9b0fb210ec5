//! Dataset import jobs as wire structures.

use crate::operations::wire::{members, seconds};
use tastemaker_domain::resource::DatasetImportJob;
use tastemaker_wire::personalize as wire;

/// An import job.
pub fn import_job(job: DatasetImportJob) -> wire::DatasetImportJob {
    wire::DatasetImportJob {
        creation_date_time: seconds(job.created_ms),
        data_source: Some(wire::DataSource { data_location: Some(job.data_location) }),
        dataset_arn: Some(job.dataset_arn),
        dataset_import_job_arn: Some(job.arn),
        failure_reason: job.failure_reason,
        import_mode: Some(job.import_mode.as_str().to_owned()),
        job_name: Some(job.job_name),
        last_updated_date_time: seconds(job.updated_ms),
        publish_attribution_metrics_to_s3: Some(job.publish_attribution_metrics_to_s3),
        role_arn: job.role_arn,
        status: Some(job.status.to_string()),
    }
}

/// An import job in a list.
pub fn import_job_summary(job: DatasetImportJob) -> wire::DatasetImportJobSummary {
    members!(import_job(job) => wire::DatasetImportJobSummary {
        creation_date_time, dataset_import_job_arn, failure_reason, import_mode, job_name, last_updated_date_time,
        status
    })
}
