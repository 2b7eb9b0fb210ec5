//! Exports of datasets: CREATE PENDING with a job record in the same commit.

use crate::lookup::{must_be_active, refuse_existing, require, require_here};
use crate::paging::{self, Order, Query};
use crate::quotas::{self, Quota, Within};
use crate::{Caller, Ctx, Listed, Page};
use tastemaker_domain::resource::{Dataset, DatasetExportJob, IngestionMode, JobKind, S3Location};
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{ArnKind, Member, Result, Status, name};

/// The customer's part of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExportJob {
    /// Unique among the region's export jobs.
    pub job_name: String,
    /// The dataset that is written.
    pub dataset_arn: String,
    /// Which of its records.
    pub ingestion_mode: IngestionMode,
    /// Shown again by Describe; this server's own bucket access needs no role.
    pub role_arn: String,
    /// The folder of the files.
    pub output: S3Location,
    /// The customer's own notes on it.
    pub tags: Tags,
}

/// Starts an export.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewExportJob) -> Result<DatasetExportJob> {
    name::check(Member::JobName, &new.job_name)?;
    S3Path::parse_folder(Member::JobOutput.then(Member::S3DataDestination).then(Member::Path), &new.output.path)?;
    let new = &new;
    ctx.transact(|tx| async move {
        let (dataset_version, dataset) =
            require_here::<Dataset>(ctx, caller, Member::DatasetArn, &new.dataset_arn).await?;
        let now = ctx.now();
        let job = DatasetExportJob {
            job_name: new.job_name.clone(),
            arn: caller.scope.arn(&format!("dataset-export-job/{}", new.job_name)),
            dataset_arn: dataset.arn.clone(),
            ingestion_mode: new.ingestion_mode,
            role_arn: new.role_arn.clone(),
            output: new.output.clone(),
            status: Status::CreatePending,
            failure_reason: None,
            created_ms: now,
            updated_ms: now,
        };
        refuse_existing::<DatasetExportJob>(ctx, &job.arn).await?;
        must_be_active(&dataset.arn, dataset.status)?;
        let pending = Quota {
            key: "export_jobs_pending",
            what: "dataset export jobs in CREATE PENDING or CREATE IN_PROGRESS",
            max: ctx.quotas.export_jobs_pending,
            within: Within::Region(&job.arn),
        };
        quotas::enforce::<DatasetExportJob>(ctx, &tx, pending, |r| r.status.is_creating()).await?;
        tx.touch(dataset_version, &dataset)?;
        tx.create_tagged(&job, &new.tags)?;
        tx.add_job(JobKind::Export, &job.arn, now)?;
        Ok(job)
    })
    .await
}

/// The export job with this ARN.
pub async fn describe(ctx: &Ctx, dataset_export_job_arn: &str) -> Result<DatasetExportJob> {
    Ok(require(ctx, Member::DatasetExportJobArn, dataset_export_job_arn).await?.1)
}

/// The region's export jobs, or those of one dataset, newest first.
pub async fn list(
    ctx: &Ctx,
    caller: &Caller,
    dataset_arn: Option<&str>,
    page: Page,
) -> Result<Listed<DatasetExportJob>> {
    let filter = dataset_arn.map(|arn| (Member::DatasetArn, ArnKind::Dataset, arn));
    let query = Query { operation: "ListDatasetExportJobs", filter, order: Order::NewestFirst };
    paging::list(ctx, caller, query, page, |job: &DatasetExportJob| {
        dataset_arn.is_none_or(|arn| job.dataset_arn == arn)
    })
    .await
}
