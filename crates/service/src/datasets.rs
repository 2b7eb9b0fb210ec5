//! Datasets: one of each type in a group, ACTIVE from the commit that makes them.

use crate::lookup::{
    all_under, find, in_use_by, must_be_active, must_be_deletable, refuse_existing, require, require_here, scope_of,
    training_in,
};
use crate::paging::{self, Order, Query};
use crate::{Caller, Ctx, Listed, Page, event_datasets, tombstones};
use tastemaker_domain::dataset_statistics::DatasetStatistics;
use tastemaker_domain::import_report::ImportReport;
use tastemaker_domain::resource::{
    Dataset, DatasetExportJob, DatasetGroup, DatasetImportJob, DatasetUpdate, EventDataset, SchemaResource,
};
use tastemaker_domain::schema::{DatasetDomain, DatasetType, check_successor};
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{ArnKind, Error, Member, Result, Status, name};
use tastemaker_store::records::{self, JOBS_CHANNEL};
use tastemaker_store::{Precondition, Write};
use uuid::Uuid;

/// The customer's part of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDataset {
    /// For people; identity is the group and the type.
    pub name: String,
    /// A schema of the same type and domain.
    pub schema_arn: String,
    /// The group it belongs to.
    pub dataset_group_arn: String,
    /// A type that the group has no dataset of.
    pub dataset_type: DatasetType,
    /// The customer's own notes on it.
    pub tags: Tags,
}

/// Makes an empty dataset with a schema.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewDataset) -> Result<Dataset> {
    name::check(Member::Name, &new.name)?;
    let new = &new;
    ctx.transact(|tx| async move {
        let group_arn = &new.dataset_group_arn;
        let (group_version, group) =
            require_here::<DatasetGroup>(ctx, caller, Member::DatasetGroupArn, group_arn).await?;
        must_be_active(&group.arn, group.status)?;
        let (schema_version, schema) =
            require_here::<SchemaResource>(ctx, caller, Member::SchemaArn, &new.schema_arn).await?;
        check_fit(&group, &schema, new.dataset_type)?;
        let now = ctx.now();
        let dataset = Dataset {
            name: new.name.clone(),
            arn: caller.scope.arn(&format!("dataset/{}/{}", group.name, new.dataset_type.as_str())),
            dataset_group_arn: group.arn.clone(),
            dataset_type: new.dataset_type,
            schema_arn: schema.arn.clone(),
            status: Status::Active,
            bulk_files: Vec::new(),
            bulk_imported_ms: Vec::new(),
            bulk_rows: 0,
            tracking_id: (new.dataset_type == DatasetType::ActionInteractions).then(|| Uuid::new_v4().to_string()),
            latest_update: None,
            created_ms: now,
            updated_ms: now,
        };
        refuse_existing::<Dataset>(ctx, &dataset.arn).await?;
        tx.touch(group_version, &group)?;
        tx.touch(schema_version, &schema)?;
        tx.create_tagged(&dataset, &new.tags)?;
        if let Some(id) = &dataset.tracking_id {
            tx.require(Precondition::Absent(records::action_tracking_id_key(id)));
            tx.write(records::put_action_tracking_id(id, &dataset.arn)?);
        }
        Ok(dataset)
    })
    .await
}

fn check_fit(group: &DatasetGroup, schema: &SchemaResource, dataset_type: DatasetType) -> Result<()> {
    let word =
        |domain: Option<DatasetDomain>| domain.map_or("no domain".to_owned(), |d| format!("domain {}", d.as_str()));
    if group.domain != schema.domain {
        return Err(Error::InvalidInput(format!(
            "{}: schema {} has {}, but dataset group {} has {}.",
            Member::SchemaArn,
            schema.arn,
            word(schema.domain),
            group.arn,
            word(group.domain)
        )));
    }
    let described = schema.parsed()?.dataset_type;
    if described != dataset_type {
        return Err(Error::InvalidInput(format!(
            "{}: schema {} describes {}, but {} is {}.",
            Member::SchemaArn,
            schema.arn,
            described.as_str(),
            Member::DatasetType,
            dataset_type.as_str()
        )));
    }
    if group.domain.is_some() && matches!(dataset_type, DatasetType::Actions | DatasetType::ActionInteractions) {
        return Err(Error::InvalidInput(format!(
            "{} {} is for custom dataset groups; {} has {}.",
            Member::DatasetType,
            dataset_type.as_str(),
            group.arn,
            word(group.domain)
        )));
    }
    Ok(())
}

/// Gives an Items or Users dataset another schema, which keeps every field and adds fields that may be null. Data imported
/// so far has nulls there. Refused while an import of the dataset, or a training in its group, is under way.
pub async fn update(ctx: &Ctx, caller: &Caller, dataset_arn: &str, schema_arn: &str) -> Result<Dataset> {
    ctx.transact(|tx| async move {
        if event_datasets::is_arn(dataset_arn) {
            return Err(not_updatable(dataset_arn, event_datasets::EVENT_INTERACTIONS));
        }
        let (version, mut dataset) = require_here::<Dataset>(ctx, caller, Member::DatasetArn, dataset_arn).await?;
        must_be_active(&dataset.arn, dataset.status)?;
        if !matches!(dataset.dataset_type, DatasetType::Items | DatasetType::Users) {
            return Err(not_updatable(dataset_arn, dataset.dataset_type.as_str()));
        }
        let (group_version, group) =
            require::<DatasetGroup>(ctx, Member::DatasetGroupArn, &dataset.dataset_group_arn).await?;
        let (schema_version, schema) =
            require_here::<SchemaResource>(ctx, caller, Member::SchemaArn, schema_arn).await?;
        check_fit(&group, &schema, dataset.dataset_type)?;
        if let Some((_, old)) = find::<SchemaResource>(ctx, &dataset.schema_arn).await? {
            check_successor(&old.parsed()?, &schema.parsed()?)?;
        }
        if let Some(job) = importing(ctx, &dataset.arn).await? {
            return Err(in_use_by(&dataset.arn, &job.arn));
        }
        if let Some(training) = training_in(ctx, &group.arn).await? {
            return Err(in_use_by(&dataset.arn, &training.arn));
        }
        let now = ctx.now();
        dataset.schema_arn = schema.arn.clone();
        dataset.updated_ms = now;
        dataset.latest_update = Some(DatasetUpdate {
            schema_arn: schema.arn.clone(),
            status: Status::Active,
            failure_reason: None,
            created_ms: now,
            updated_ms: now,
        });
        tx.touch(group_version, &group)?;
        tx.touch(schema_version, &schema)?;
        tx.replace(version, &dataset)?;
        // Those who serve metadata of the dataset look at it anew.
        tx.notify(JOBS_CHANNEL);
        Ok(dataset)
    })
    .await
}

fn not_updatable(dataset_arn: &str, dataset_type: &str) -> Error {
    Error::InvalidInput(format!(
        "{}: {dataset_arn} is of type {dataset_type}; only datasets of type ITEMS and USERS can get another schema.",
        Member::DatasetArn
    ))
}

/// A dataset as customers see it.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// A dataset of their own making.
    Table(Dataset),
    /// The dataset of their event tracker.
    Events(EventDataset),
}

/// The dataset with this ARN, of whatever making.
pub async fn show(ctx: &Ctx, dataset_arn: &str) -> Result<Shown> {
    if event_datasets::is_arn(dataset_arn) {
        return Ok(Shown::Events(tombstones::describe(ctx, Member::DatasetArn, dataset_arn).await?));
    }
    Ok(Shown::Table(describe(ctx, dataset_arn).await?))
}

/// The dataset of a customer's own making with this ARN.
pub async fn describe(ctx: &Ctx, dataset_arn: &str) -> Result<Dataset> {
    tombstones::describe(ctx, Member::DatasetArn, dataset_arn).await
}

/// The region's datasets, or those of one group, oldest first.
pub async fn list(ctx: &Ctx, caller: &Caller, dataset_group_arn: Option<&str>, page: Page) -> Result<Listed<Shown>> {
    let filter = dataset_group_arn.map(|arn| (Member::DatasetGroupArn, ArnKind::DatasetGroup, arn));
    let query = Query { operation: "ListDatasets", filter, order: Order::OldestFirst };
    let of_group = |arn: &str| dataset_group_arn.is_none_or(|group| arn == group);
    let tables = paging::placed(ctx, caller, |d: &Dataset| of_group(&d.dataset_group_arn)).await?;
    let events = paging::placed(ctx, caller, |d: &EventDataset| of_group(&d.dataset_group_arn)).await?;
    if tables.is_empty() && events.is_empty() {
        paging::tell_of_other_regions::<Dataset>(ctx, caller, &query).await?;
    }
    let tables = tables.into_iter().map(|(place, d)| (place, Shown::Table(d)));
    let events = events.into_iter().map(|(place, d)| (place, Shown::Events(d)));
    paging::page_of(caller, query, page, tables.chain(events).collect())
}

/// Removes a dataset with its bulk data, its streamed events, its export jobs and its finished import jobs. Refused while an import of it, or
/// a training in its group, is under way. Campaigns keep serving what they learned.
pub async fn delete(ctx: &Ctx, dataset_arn: &str) -> Result<()> {
    if event_datasets::is_arn(dataset_arn) {
        return event_datasets::delete(ctx, dataset_arn).await;
    }
    let deleted = ctx.transact(|tx| async move {
        let Some((version, mut dataset)) =
            tombstones::deletable::<Dataset>(ctx, Member::DatasetArn, dataset_arn).await?
        else {
            return Ok(None);
        };
        if dataset.status.is_deleting() {
            return Ok(Some(dataset));
        }
        must_be_deletable(&dataset.arn, dataset.status)?;
        if let Some(job) = importing(ctx, &dataset.arn).await? {
            return Err(in_use_by(&dataset.arn, &job.arn));
        }
        let group = find::<DatasetGroup>(ctx, &dataset.dataset_group_arn).await?;
        if let Some(training) = training_in(ctx, &dataset.dataset_group_arn).await? {
            return Err(in_use_by(&dataset.arn, &training.arn));
        }
        dataset.status = Status::DeletePending;
        dataset.updated_ms = ctx.now();
        tx.replace(version, &dataset)?;
        if let Some((group_version, group)) = group {
            tx.unchanged(group_version, &group);
        }
        Ok(Some(dataset))
    });
    match deleted.await? {
        Some(dataset) => finish_deletion(ctx, &dataset).await,
        None => Ok(()),
    }
}

/// Ends the deletions that a crash cut short; for the start of the server. Returns how many there were.
pub async fn finish_deletions(ctx: &Ctx) -> Result<usize> {
    let mut finished = 0;
    for (_, dataset) in all_under::<Dataset>(ctx, "").await? {
        if dataset.status.is_deleting() {
            finish_deletion(ctx, &dataset).await?;
            finished += 1;
        }
    }
    Ok(finished)
}

/// Removes the data of a dataset that nobody may use any more, and only then its record: a name that is free again has no
/// data of its former life.
pub(crate) async fn finish_deletion(ctx: &Ctx, dataset: &Dataset) -> Result<()> {
    let stream = match dataset.dataset_type {
        DatasetType::Interactions => records::interactions_stream(&dataset.dataset_group_arn),
        DatasetType::ActionInteractions => records::action_interactions_stream(&dataset.dataset_group_arn),
        DatasetType::Items | DatasetType::Users | DatasetType::Actions => records::rows_stream(&dataset.arn),
    };
    ctx.stores.events.delete_stream(&stream).await?;
    for key in &dataset.bulk_files {
        ctx.stores.blobs.delete(key).await?;
    }
    ctx.transact(|tx| async move {
        let Some((version, found)) = find::<Dataset>(ctx, &dataset.arn).await? else { return Ok(()) };
        if !found.status.is_deleting() {
            return Ok(());
        }
        for (job_version, job) in all_under::<DatasetImportJob>(ctx, scope_of(&dataset.arn)).await? {
            if job.dataset_arn == dataset.arn {
                tx.remove(job_version, &job);
                tx.write(records::delete::<ImportReport>(&job.arn));
            }
        }
        tx.write(records::delete::<DatasetStatistics>(&dataset.arn));
        if dataset.dataset_type == DatasetType::Interactions {
            tx.write(records::delete_streamed_statistics(&dataset.dataset_group_arn));
        }
        for (job_version, job) in all_under::<DatasetExportJob>(ctx, scope_of(&dataset.arn)).await? {
            if job.dataset_arn == dataset.arn {
                tx.remove(job_version, &job);
            }
        }
        tombstones::remove(ctx, &tx, version, &found).await?;
        if let Some(id) = &found.tracking_id {
            tx.write(Write::Delete { key: records::action_tracking_id_key(id) });
        }
        Ok(())
    })
    .await
}

/// An import of the dataset that is under way.
async fn importing(ctx: &Ctx, dataset_arn: &str) -> Result<Option<DatasetImportJob>> {
    let mut jobs = all_under::<DatasetImportJob>(ctx, scope_of(dataset_arn)).await?.into_iter().map(|(_, job)| job);
    Ok(jobs.find(|job| job.dataset_arn == dataset_arn && job.status.is_creating()))
}
