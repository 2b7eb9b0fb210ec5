//! Data deletion jobs as wire structures.

use crate::operations::wire::{members, seconds};
use tastemaker_domain::resource::{DataDeletionJob, DeletionStatus};
use tastemaker_wire::personalize as wire;

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
    members!(deletion_job(job) => wire::DataDeletionJobSummary {
        creation_date_time, data_deletion_job_arn, dataset_group_arn, failure_reason, job_name, last_updated_date_time,
        status
    })
}
