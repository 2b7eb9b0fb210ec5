//! Batch segment jobs as wire structures.

use crate::operations::wire::{location, members, seconds};
use tastemaker_domain::resource::BatchSegmentJob;
use tastemaker_wire::personalize as wire;

/// A batch segment job.
pub fn segment_job(job: BatchSegmentJob) -> wire::BatchSegmentJob {
    wire::BatchSegmentJob {
        batch_segment_job_arn: Some(job.arn),
        creation_date_time: seconds(job.created_ms),
        failure_reason: job.failure_reason,
        filter_arn: job.filter_arn,
        job_input: Some(wire::BatchSegmentJobInput { s3_data_source: location(job.input) }),
        job_name: Some(job.job_name),
        job_output: Some(wire::BatchSegmentJobOutput { s3_data_destination: location(job.output) }),
        last_updated_date_time: seconds(job.updated_ms),
        num_results: i32::try_from(job.num_results).ok(),
        role_arn: Some(job.role_arn),
        solution_version_arn: Some(job.solution_version_arn),
        status: Some(job.status.to_string()),
    }
}

/// A batch segment job in a list.
pub fn segment_job_summary(job: BatchSegmentJob) -> wire::BatchSegmentJobSummary {
    members!(segment_job(job) => wire::BatchSegmentJobSummary {
        batch_segment_job_arn, creation_date_time, failure_reason, job_name, last_updated_date_time,
        solution_version_arn, status
    })
}
