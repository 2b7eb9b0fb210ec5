//! Dataset groups: ACTIVE from the commit that makes them.

use crate::lookup::{all_under, dataset_prefix, find, in_use_by, must_be_deletable, refuse_existing, scope_of};
use crate::paging::{self, Order, Query};
use crate::quotas::{self, Quota, Within};
use crate::{Caller, Ctx, Listed, Page, datasets, event_datasets, metric_attributions, tombstones};
use tastemaker_domain::resource::{
    DataDeletionJob, Dataset, DatasetGroup, EventDataset, EventTracker, Filter, Recommender, Solution,
};
use tastemaker_domain::schema::DatasetDomain;
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{Error, Member, Result, Status, name};

/// The customer's part of a dataset group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDatasetGroup {
    /// Unique among the region's dataset groups.
    pub name: String,
    /// Given together with `kms_key_arn`.
    pub role_arn: Option<String>,
    /// Given together with `role_arn`.
    pub kms_key_arn: Option<String>,
    /// Absent for a custom group.
    pub domain: Option<DatasetDomain>,
    /// The customer's own notes on it.
    pub tags: Tags,
}

/// Makes an empty dataset group.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewDatasetGroup) -> Result<DatasetGroup> {
    name::check(Member::Name, &new.name)?;
    match (&new.role_arn, &new.kms_key_arn) {
        (Some(role), None) => {
            return Err(Error::InvalidInput(format!(
                "{} '{role}' was given without {}; give both or none.",
                Member::RoleArn,
                Member::KmsKeyArn
            )));
        }
        (None, Some(key)) => {
            return Err(Error::InvalidInput(format!(
                "{} '{key}' was given without {}; give both or none.",
                Member::KmsKeyArn,
                Member::RoleArn
            )));
        }
        _ => {}
    }
    let now = ctx.now();
    let group = DatasetGroup {
        arn: caller.scope.arn(&format!("dataset-group/{}", new.name)),
        name: new.name,
        status: Status::Active,
        role_arn: new.role_arn,
        kms_key_arn: new.kms_key_arn,
        domain: new.domain,
        failure_reason: None,
        created_ms: now,
        updated_ms: now,
    };
    let (made, tags) = (&group, &new.tags);
    ctx.transact(|tx| async move {
        refuse_existing::<DatasetGroup>(ctx, &made.arn).await?;
        let within = Within::Region(&made.arn);
        let quota = Quota { key: "dataset_groups", what: "dataset groups", max: ctx.quotas.dataset_groups, within };
        quotas::enforce::<DatasetGroup>(ctx, &tx, quota, |group| !group.status.is_deleting()).await?;
        Ok(tx.create_tagged(made, tags)?)
    })
    .await?;
    Ok(group)
}

/// The dataset group with this ARN.
pub async fn describe(ctx: &Ctx, dataset_group_arn: &str) -> Result<DatasetGroup> {
    tombstones::describe(ctx, Member::DatasetGroupArn, dataset_group_arn).await
}

/// The region's dataset groups, oldest first.
pub async fn list(ctx: &Ctx, caller: &Caller, page: Page) -> Result<Listed<DatasetGroup>> {
    let query = Query { operation: "ListDatasetGroups", filter: None, order: Order::OldestFirst };
    paging::list(ctx, caller, query, page, |_| true).await
}

/// Removes a dataset group without event tracker, filter, solution, recommender and dataset, and the records of its data
/// deletion jobs.
pub async fn delete(ctx: &Ctx, dataset_group_arn: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let Some((version, group)) =
            tombstones::deletable::<DatasetGroup>(ctx, Member::DatasetGroupArn, dataset_group_arn).await?
        else {
            return Ok(());
        };
        must_be_deletable(&group.arn, group.status)?;
        if let Some(user) = user_of(ctx, dataset_group_arn).await? {
            return Err(in_use_by(dataset_group_arn, &user));
        }
        for (job_version, job) in all_under::<DataDeletionJob>(ctx, scope_of(dataset_group_arn)).await? {
            if job.dataset_group_arn == dataset_group_arn {
                tx.remove(job_version, &job);
            }
        }
        if let Some((at, events)) = find::<EventDataset>(ctx, &event_datasets::arn_of(dataset_group_arn)).await? {
            tx.remove(at, &events);
        }
        tombstones::remove(ctx, &tx, version, &group).await?;
        Ok(())
    })
    .await
}

/// The ARN of something that belongs to the group. Datasets whose deletion was cut short are removed on the way.
async fn user_of(ctx: &Ctx, group_arn: &str) -> Result<Option<String>> {
    let scope = scope_of(group_arn);
    let trackers = all_under::<EventTracker>(ctx, scope).await?.into_iter().map(|(_, t)| t);
    let tracker = trackers.filter(|t| !t.status.is_deleting()).find(|t| t.dataset_group_arn == group_arn);
    if let Some(tracker) = tracker {
        return Ok(Some(tracker.arn));
    }
    let filters = all_under::<Filter>(ctx, scope).await?.into_iter().map(|(_, f)| f);
    let filter = filters.filter(|f| !f.status.is_deleting()).find(|f| f.dataset_group_arn == group_arn);
    if let Some(filter) = filter {
        return Ok(Some(filter.arn));
    }
    let solutions = all_under::<Solution>(ctx, scope).await?.into_iter().map(|(_, s)| s);
    let solution = solutions.filter(|s| !s.status.is_deleting()).find(|s| s.dataset_group_arn == group_arn);
    if let Some(solution) = solution {
        return Ok(Some(solution.arn));
    }
    if let Some(attribution) = metric_attributions::of_group(ctx, group_arn).await? {
        return Ok(Some(attribution.arn));
    }
    let recommenders = all_under::<Recommender>(ctx, scope).await?.into_iter().map(|(_, r)| r);
    if let Some(recommender) = recommenders.into_iter().find(|r| r.dataset_group_arn == group_arn) {
        return Ok(Some(recommender.arn));
    }
    for (_, dataset) in all_under::<Dataset>(ctx, &dataset_prefix(group_arn)).await? {
        if !dataset.status.is_deleting() {
            return Ok(Some(dataset.arn));
        }
        datasets::finish_deletion(ctx, &dataset).await?;
    }
    Ok(None)
}
