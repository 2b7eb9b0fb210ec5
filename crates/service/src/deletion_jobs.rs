//! Deletions of users from all datasets of a group: PENDING with a job record in the same commit.
//!
//! A deletion rewrites the bulk data and the histories beside the models, so it excludes imports and trainings of its
//! group, and they exclude it.

use crate::lookup::{
    batch_job_in, importing_in, in_use_by, must_be_active, refuse_existing, require, require_here, scope_of,
    training_in,
};
use crate::paging::{self, Order, Query};
use crate::quotas::{self, Quota, Within};
use crate::{Caller, Ctx, Listed, Page};
use tastemaker_domain::resource::{DataDeletionJob, DatasetGroup, DeletionStatus, JobKind};
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{ArnKind, Member, Result, name};

/// The customer's part of a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeletionJob {
    /// Unique among the region's data deletion jobs.
    pub job_name: String,
    /// The dataset group that the users are deleted from.
    pub dataset_group_arn: String,
    /// `s3://bucket/key.csv` or `s3://bucket/folder/`.
    pub data_location: String,
    /// Shown again by Describe; this server's own bucket access needs no role.
    pub role_arn: String,
    /// The customer's own notes on it.
    pub tags: Tags,
}

/// Starts a deletion of users.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewDeletionJob) -> Result<DataDeletionJob> {
    name::check(Member::JobName, &new.job_name)?;
    S3Path::parse(Member::DataSource.then(Member::DataLocation), &new.data_location)?;
    let new = &new;
    ctx.transact(|tx| async move {
        let group_arn = &new.dataset_group_arn;
        let (group_version, group) =
            require_here::<DatasetGroup>(ctx, caller, Member::DatasetGroupArn, group_arn).await?;
        let now = ctx.now();
        let job = DataDeletionJob {
            job_name: new.job_name.clone(),
            arn: caller.scope.arn(&format!("data-deletion-job/{}", new.job_name)),
            dataset_group_arn: group.arn.clone(),
            data_location: new.data_location.clone(),
            role_arn: new.role_arn.clone(),
            status: DeletionStatus::Pending,
            failure_reason: None,
            num_deleted: None,
            users_blob: None,
            streams: Default::default(),
            created_ms: now,
            updated_ms: now,
        };
        refuse_existing::<DataDeletionJob>(ctx, &job.arn).await?;
        must_be_active(&group.arn, group.status)?;
        if let Some(training) = training_in(ctx, group_arn).await? {
            return Err(in_use_by(group_arn, &training.arn));
        }
        if let Some(import) = importing_in(ctx, group_arn).await? {
            return Err(in_use_by(group_arn, &import.arn));
        }
        if let Some(batch_job) = batch_job_in(ctx, scope_of(group_arn), group_arn).await? {
            return Err(in_use_by(group_arn, &batch_job));
        }
        let pending = Quota {
            key: "data_deletion_jobs_pending",
            what: "PENDING data deletion jobs",
            max: ctx.quotas.data_deletion_jobs_pending,
            within: Within::Group(group_arn),
        };
        let counts = |j: &DataDeletionJob| j.dataset_group_arn == *group_arn && j.status == DeletionStatus::Pending;
        quotas::enforce(ctx, &tx, pending, counts).await?;
        tx.touch(group_version, &group)?;
        tx.create_tagged(&job, &new.tags)?;
        tx.add_job(JobKind::DeleteUsers, &job.arn, now)?;
        Ok(job)
    })
    .await
}

/// The data deletion job with this ARN.
pub async fn describe(ctx: &Ctx, data_deletion_job_arn: &str) -> Result<DataDeletionJob> {
    Ok(require(ctx, Member::DataDeletionJobArn, data_deletion_job_arn).await?.1)
}

/// The region's data deletion jobs, or those of one group, newest first.
pub async fn list(
    ctx: &Ctx,
    caller: &Caller,
    dataset_group_arn: Option<&str>,
    page: Page,
) -> Result<Listed<DataDeletionJob>> {
    let filter = dataset_group_arn.map(|arn| (Member::DatasetGroupArn, ArnKind::DatasetGroup, arn));
    let query = Query { operation: "ListDataDeletionJobs", filter, order: Order::NewestFirst };
    paging::list(ctx, caller, query, page, |job: &DataDeletionJob| {
        dataset_group_arn.is_none_or(|arn| job.dataset_group_arn == arn)
    })
    .await
}
