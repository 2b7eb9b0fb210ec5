//! The lookup of resources that a request names, and of the work that holds them.

use crate::{Caller, Ctx};
use tastemaker_domain::arn::Scope;
use tastemaker_domain::resource::{
    BatchInferenceJob, BatchSegmentJob, Campaign, DataDeletionJob, Dataset, DatasetExportJob, DatasetGroup,
    DatasetImportJob, EventDataset, EventTracker, Filter, MetricAttribution, Recommender, SchemaResource, Solution,
    SolutionVersion, TimeMs,
};
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_domain::{ArnKind, Error, MemberPath, Result, Status};
use tastemaker_store::records::{self, Record};

/// A record that customers name by ARN.
pub(crate) trait Resource: Record {
    const ARN: ArnKind;

    fn created_ms(&self) -> TimeMs;
}

macro_rules! resources {
    ($($resource:ident: $kind:ident,)+) => {$(
        impl Resource for $resource {
            const ARN: ArnKind = ArnKind::$kind;

            fn created_ms(&self) -> TimeMs {
                self.created_ms
            }
        }
    )+};
}

resources! {
    SchemaResource: Schema,
    DatasetGroup: DatasetGroup,
    Dataset: Dataset,
    BatchInferenceJob: BatchInferenceJob,
    BatchSegmentJob: BatchSegmentJob,
    MetricAttribution: MetricAttribution,
    DatasetExportJob: DatasetExportJob,
    DatasetImportJob: DatasetImportJob,
    DataDeletionJob: DataDeletionJob,
    EventDataset: Dataset,
    EventTracker: EventTracker,
    Filter: Filter,
    Solution: Solution,
    SolutionVersion: SolutionVersion,
    Campaign: Campaign,
    Recommender: Recommender,
}

/// The resource with this ARN and its version, if there is one.
pub(crate) async fn find<R: Resource>(ctx: &Ctx, arn: &str) -> Result<Option<(u64, R)>> {
    Ok(records::load(&*ctx.stores.records, arn).await?)
}

/// The resource that the request's `member` names, and its version.
pub(crate) async fn require<R: Resource>(ctx: &Ctx, member: impl Into<MemberPath>, arn: &str) -> Result<(u64, R)> {
    R::ARN.check(member, arn)?;
    find(ctx, arn).await?.ok_or_else(|| Error::unknown(arn))
}

/// As [`require`], for resources that the new one will belong to: those of another region are unknown in the caller's.
pub(crate) async fn require_here<R: Resource>(
    ctx: &Ctx,
    caller: &Caller,
    member: impl Into<MemberPath>,
    arn: &str,
) -> Result<(u64, R)> {
    R::ARN.check(member, arn)?;
    if let Some(hint) = caller.scope.elsewhere(arn) {
        return Err(Error::NotFound(format!("Resource {arn} does not exist here: {hint}.")));
    }
    if !arn.starts_with(&caller.scope.arn("")) {
        return Err(Error::unknown(arn));
    }
    find(ctx, arn).await?.ok_or_else(|| Error::unknown(arn))
}

/// Refuses to make a resource that exists.
pub(crate) async fn refuse_existing<R: Resource>(ctx: &Ctx, arn: &str) -> Result<()> {
    match find::<R>(ctx, arn).await? {
        Some(_) => Err(Error::exists(arn)),
        None => Ok(()),
    }
}

/// Every resource whose ARN starts with `arn_prefix`, with its version.
pub(crate) async fn all_under<R: Resource>(ctx: &Ctx, arn_prefix: &str) -> Result<Vec<(u64, R)>> {
    Ok(records::list_under(&*ctx.stores.records, arn_prefix).await?)
}

/// `arn:<partition>:personalize:<region>:<account>:` of a resource's ARN.
pub(crate) fn scope_of(arn: &str) -> &str {
    let end = arn.match_indices(':').nth(4).map_or(arn.len(), |(at, _)| at + 1);
    &arn[..end]
}

/// On whose behalf the server itself works on the resource with this ARN.
pub(crate) fn owner_of(arn: &str) -> Caller {
    let account = arn.split(':').nth(4).unwrap_or_default();
    Caller { scope: Scope::new(tastemaker_domain::arn::region(arn).unwrap_or_default(), account) }
}

/// The common start of the ARNs of a group's datasets.
pub(crate) fn dataset_prefix(dataset_group_arn: &str) -> String {
    dataset_group_arn.replacen(":dataset-group/", ":dataset/", 1) + "/"
}

/// The schema of a group's dataset of a type, if there are such a dataset and its schema.
pub(crate) async fn schema_of(ctx: &Ctx, group_arn: &str, dataset_type: DatasetType) -> Result<Option<Schema>> {
    let arn = dataset_prefix(group_arn) + dataset_type.as_str();
    let Some((_, dataset)) = find::<Dataset>(ctx, &arn).await? else { return Ok(None) };
    let schema = find::<SchemaResource>(ctx, &dataset.schema_arn).await?;
    schema.map(|(_, schema)| schema.parsed()).transpose()
}

/// The schema of a dataset, which must be there.
pub(crate) async fn require_schema(ctx: &Ctx, dataset: &Dataset) -> Result<(u64, Schema)> {
    match find::<SchemaResource>(ctx, &dataset.schema_arn).await? {
        Some((version, schema)) => Ok((version, schema.parsed()?)),
        None => Err(Error::Internal(format!("dataset {} has lost its schema {}", dataset.arn, dataset.schema_arn))),
    }
}

pub(crate) fn must_be_active(arn: &str, status: Status) -> Result<()> {
    match status {
        Status::Active => Ok(()),
        other => Err(Error::InUse(format!("Resource {arn} must be ACTIVE; it is {other}."))),
    }
}

pub(crate) fn must_be_deletable(arn: &str, status: Status) -> Result<()> {
    if status.is_deletable() {
        return Ok(());
    }
    Err(Error::InUse(format!("Resource {arn} is {status}; it can be deleted when it is ACTIVE or CREATE FAILED.")))
}

/// The refusal to delete `arn` while `user` needs it.
pub(crate) fn in_use_by(arn: &str, user: &str) -> Error {
    Error::InUse(format!("Resource {arn} is in use by {user}."))
}

/// A solution version of the group that is being trained.
pub(crate) async fn training_in(ctx: &Ctx, dataset_group_arn: &str) -> Result<Option<SolutionVersion>> {
    let versions = all_under::<SolutionVersion>(ctx, scope_of(dataset_group_arn)).await?;
    let mut versions = versions.into_iter().map(|(_, version)| version);
    Ok(versions.find(|v| v.dataset_group_arn == dataset_group_arn && v.status.is_creating()))
}

/// An import into a dataset of the group that is under way.
pub(crate) async fn importing_in(ctx: &Ctx, dataset_group_arn: &str) -> Result<Option<DatasetImportJob>> {
    let prefix = dataset_prefix(dataset_group_arn);
    let jobs = all_under::<DatasetImportJob>(ctx, scope_of(dataset_group_arn)).await?;
    let mut jobs = jobs.into_iter().map(|(_, job)| job);
    Ok(jobs.find(|job| job.status.is_creating() && job.dataset_arn.starts_with(&prefix)))
}

/// A batch job of the group that is under way, for those that change what it reads.
pub(crate) async fn batch_job_in(ctx: &Ctx, scope: &str, dataset_group_arn: &str) -> Result<Option<String>> {
    running_batch_job(ctx, scope, |group, _| group == dataset_group_arn).await
}

/// A batch job under way that uses a filter.
pub(crate) async fn batch_job_filtering_by(ctx: &Ctx, scope: &str, filter_arn: &str) -> Result<Option<String>> {
    running_batch_job(ctx, scope, |_, filter| filter == Some(filter_arn)).await
}

/// The ARN of a batch job under way whose dataset group and filter fit.
async fn running_batch_job(
    ctx: &Ctx,
    scope: &str,
    fits: impl Fn(&str, Option<&str>) -> bool,
) -> Result<Option<String>> {
    for (_, job) in all_under::<BatchInferenceJob>(ctx, scope).await? {
        if job.status.is_creating() && fits(&job.dataset_group_arn, job.filter_arn.as_deref()) {
            return Ok(Some(job.arn));
        }
    }
    for (_, job) in all_under::<BatchSegmentJob>(ctx, scope).await? {
        if job.status.is_creating() && fits(&job.dataset_group_arn, job.filter_arn.as_deref()) {
            return Ok(Some(job.arn));
        }
    }
    Ok(None)
}

/// Refuses work on a group's data while users are deleted from it.
pub(crate) async fn refuse_during_deletion(ctx: &Ctx, dataset_group_arn: &str) -> Result<()> {
    let jobs = all_under::<DataDeletionJob>(ctx, scope_of(dataset_group_arn)).await?;
    let mut jobs = jobs.into_iter().map(|(_, job)| job);
    match jobs.find(|job| job.status.is_open() && job.dataset_group_arn == dataset_group_arn) {
        Some(job) => Err(Error::InUse(format!(
            "Resource {dataset_group_arn} is in use by {}, which is {}; try again when the deletion has ended.",
            job.arn, job.status
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        let group = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/a";
        assert_eq!(scope_of(group), "arn:aws:personalize:eu-west-1:123456789012:");
        assert_eq!(dataset_prefix(group), "arn:aws:personalize:eu-west-1:123456789012:dataset/a/");
    }
}
