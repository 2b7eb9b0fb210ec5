//! Exports and deletions.

use crate::operations::common::seconds;
use tastemaker_domain::resource::{DataDeletionJob, DatasetExportJob, DeletionStatus, S3Location};
use tastemaker_wire::personalize as wire;

/// Where a job reads or writes.
pub fn location(location: S3Location) -> wire::S3DataConfig {
    wire::S3DataConfig { kms_key_arn: location.kms_key_arn, path: location.path }
}

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
    wire::DatasetExportJobSummary {
        creation_date_time: seconds(job.created_ms),
        dataset_export_job_arn: Some(job.arn),
        failure_reason: job.failure_reason,
        job_name: Some(job.job_name),
        last_updated_date_time: seconds(job.updated_ms),
        status: Some(job.status.to_string()),
    }
}

/// A data deletion job.
pub fn deletion_job(job: DataDeletionJob) -> wire::DataDeletionJob {
    let num_deleted = job.num_deleted.filter(|_| job.status == DeletionStatus::Completed);
    wire::DataDeletionJob {
        creation_date_time: seconds(job.created_ms),
        data_deletion_job_arn: Some(job.arn),
        data_source: Some(wire::DataSource { data_location: Some(job.data_location) }),
        dataset_group_arn: Some(job.dataset_group_arn),
        failure_reason: job.failure_reason,
        job_name: Some(job.job_name),
        last_updated_date_time: seconds(job.updated_ms),
        num_deleted: num_deleted.map(|n| i32::try_from(n).unwrap_or(i32::MAX)),
        role_arn: Some(job.role_arn),
        status: Some(job.status.to_string()),
    }
}

/// A data deletion job in a list.
pub fn deletion_job_summary(job: DataDeletionJob) -> wire::DataDeletionJobSummary {
    wire::DataDeletionJobSummary {
        creation_date_time: seconds(job.created_ms),
        data_deletion_job_arn: Some(job.arn),
        dataset_group_arn: Some(job.dataset_group_arn),
        failure_reason: job.failure_reason,
        job_name: Some(job.job_name),
        last_updated_date_time: seconds(job.updated_ms),
        status: Some(job.status.to_string()),
    }
}
