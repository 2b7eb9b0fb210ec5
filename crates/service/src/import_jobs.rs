//! Bulk imports: CREATE PENDING with a job record in the same commit.

use crate::lookup::{
    all_under, must_be_active, refuse_during_deletion, refuse_existing, require, require_here, scope_of,
};
use crate::paging::{self, Order, Query};
use crate::quotas::{self, Quota, Within};
use crate::{Caller, Ctx, Listed, Page, metric_attributions};
use tastemaker_domain::resource::{Dataset, DatasetGroup, DatasetImportJob, ImportMode, JobKind};
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{ArnKind, Error, Member, Result, Status, name};

/// The customer's part of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImportJob {
    /// Unique among the region's import jobs.
    pub job_name: String,
    /// The dataset that is filled.
    pub dataset_arn: String,
    /// `s3://bucket/key.csv` or `s3://bucket/folder/`.
    pub data_location: String,
    /// Shown again by Describe; this server's own bucket access needs no role.
    pub role_arn: Option<String>,
    /// Replace or append.
    pub import_mode: ImportMode,
    /// Whether the numbers of the group's metric attribution, which must have a destination, are written to S3.
    pub publish_attribution_metrics_to_s3: bool,
    /// The customer's own notes on it.
    pub tags: Tags,
}

/// Starts a bulk import.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewImportJob) -> Result<DatasetImportJob> {
    name::check(Member::JobName, &new.job_name)?;
    S3Path::parse(Member::DataSource.then(Member::DataLocation), &new.data_location)?;
    let new = &new;
    ctx.transact(|tx| async move {
        let (dataset_version, dataset) =
            require_here::<Dataset>(ctx, caller, Member::DatasetArn, &new.dataset_arn).await?;
        let now = ctx.now();
        let job = DatasetImportJob {
            job_name: new.job_name.clone(),
            arn: caller.scope.arn(&format!("dataset-import-job/{}", new.job_name)),
            dataset_arn: dataset.arn.clone(),
            data_location: new.data_location.clone(),
            role_arn: new.role_arn.clone(),
            import_mode: new.import_mode,
            publish_attribution_metrics_to_s3: new.publish_attribution_metrics_to_s3,
            status: Status::CreatePending,
            failure_reason: None,
            created_ms: now,
            updated_ms: now,
        };
        refuse_existing::<DatasetImportJob>(ctx, &job.arn).await?;
        must_be_active(&dataset.arn, dataset.status)?;
        let (group_version, group) =
            require::<DatasetGroup>(ctx, Member::DatasetGroupArn, &dataset.dataset_group_arn).await?;
        if new.publish_attribution_metrics_to_s3 {
            check_publication(ctx, &dataset).await?;
        }
        check_rest(ctx, &dataset, new.import_mode).await?;
        refuse_during_deletion(ctx, &group.arn).await?;
        let pending = Quota {
            key: "import_jobs_pending",
            what: "dataset import jobs in CREATE PENDING or CREATE IN_PROGRESS",
            max: ctx.quotas.import_jobs_pending,
            within: Within::Region(&job.arn),
        };
        quotas::enforce::<DatasetImportJob>(ctx, &tx, pending, |r| r.status.is_creating()).await?;
        tx.touch(dataset_version, &dataset)?;
        tx.touch(group_version, &group)?;
        tx.create_tagged(&job, &new.tags)?;
        tx.add_job(JobKind::Import, &job.arn, now)?;
        Ok(job)
    })
    .await
}

/// Numbers are published only where there are some, and where they are to go is known.
async fn check_publication(ctx: &Ctx, dataset: &Dataset) -> Result<()> {
    const MEMBER: Member = Member::PublishAttributionMetricsToS3;
    let refuse = |text: String| Err(Error::invalid(MEMBER, format!("{MEMBER}: {text}")));
    if dataset.dataset_type != DatasetType::Interactions {
        return refuse(format!("{} is no dataset of interactions.", dataset.arn));
    }
    let group_arn = &dataset.dataset_group_arn;
    match metric_attributions::of_group(ctx, group_arn).await? {
        None => refuse(format!("{group_arn} has no metric attribution.")),
        Some(attribution) if attribution.output.is_none() => refuse(format!(
            "{} has no {}.",
            attribution.arn,
            Member::MetricsOutputConfig.then(Member::S3DataDestination)
        )),
        Some(_) => Ok(()),
    }
}

/// Nothing else may work on the dataset, and there must be something to append to.
async fn check_rest(ctx: &Ctx, dataset: &Dataset, mode: ImportMode) -> Result<()> {
    let mut has_bulk_data = false;
    for (_, other) in all_under::<DatasetImportJob>(ctx, scope_of(&dataset.arn)).await? {
        if other.dataset_arn != dataset.arn {
            continue;
        }
        if other.status.is_creating() {
            return Err(Error::InUse(format!(
                "Resource {} is in use by {}, which is {}; one import of a dataset runs at a time.",
                dataset.arn, other.arn, other.status
            )));
        }
        has_bulk_data |= other.status == Status::Active;
    }
    if mode == ImportMode::Incremental && !has_bulk_data {
        let text = format!(
            "{} INCREMENTAL needs an earlier import of {} that became ACTIVE; use FULL for the first.",
            Member::ImportMode,
            dataset.arn
        );
        return Err(Error::invalid(Member::ImportMode, text));
    }
    Ok(())
}

/// The import job with this ARN.
pub async fn describe(ctx: &Ctx, dataset_import_job_arn: &str) -> Result<DatasetImportJob> {
    Ok(require(ctx, Member::DatasetImportJobArn, dataset_import_job_arn).await?.1)
}

/// The region's import jobs, or those of one dataset, newest first.
pub async fn list(
    ctx: &Ctx,
    caller: &Caller,
    dataset_arn: Option<&str>,
    page: Page,
) -> Result<Listed<DatasetImportJob>> {
    let filter = dataset_arn.map(|arn| (Member::DatasetArn, ArnKind::Dataset, arn));
    let query = Query { operation: "ListDatasetImportJobs", filter, order: Order::NewestFirst };
    paging::list(ctx, caller, query, page, |job: &DatasetImportJob| {
        dataset_arn.is_none_or(|arn| job.dataset_arn == arn)
    })
    .await
}
