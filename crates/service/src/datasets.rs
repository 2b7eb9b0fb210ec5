//! Datasets: one of each type in a group, ACTIVE from the commit that makes them.

use crate::batch::{Attempts, Batch, storage};
use crate::lookup::{
    all_under, find, in_use_by, must_be_active, must_be_deletable, refuse_existing, require, require_here, scope_of,
    training_in,
};
use crate::paging::{self, Order, Query};
use crate::{Caller, Ctx, Listed, Page};
use tastemaker_domain::resource::{Dataset, DatasetExportJob, DatasetGroup, DatasetImportJob, SchemaResource};
use tastemaker_domain::schema::{DatasetDomain, DatasetType};
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{ArnKind, Error, Result, Status, name};
use tastemaker_store::records;

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
    name::check("name", &new.name)?;
    let mut attempts = Attempts::new();
    loop {
        let group_arn = &new.dataset_group_arn;
        let (group_version, group) = require_here::<DatasetGroup>(ctx, caller, "datasetGroupArn", group_arn).await?;
        must_be_active(&group.arn, group.status)?;
        let (schema_version, schema) =
            require_here::<SchemaResource>(ctx, caller, "schemaArn", &new.schema_arn).await?;
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
            created_ms: now,
            updated_ms: now,
        };
        refuse_existing::<Dataset>(ctx, &dataset.arn).await?;
        let mut batch = Batch::new();
        batch.touch(group_version, &group)?;
        batch.touch(schema_version, &schema)?;
        batch.create_tagged(&dataset, &new.tags)?;
        if attempts.commit(ctx, batch).await? {
            return Ok(dataset);
        }
    }
}

fn check_fit(group: &DatasetGroup, schema: &SchemaResource, dataset_type: DatasetType) -> Result<()> {
    let word =
        |domain: Option<DatasetDomain>| domain.map_or("no domain".to_owned(), |d| format!("domain {}", d.as_str()));
    if group.domain != schema.domain {
        return Err(Error::InvalidInput(format!(
            "schemaArn: schema {} has {}, but dataset group {} has {}.",
            schema.arn,
            word(schema.domain),
            group.arn,
            word(group.domain)
        )));
    }
    let described = schema.parsed()?.dataset_type;
    if described != dataset_type {
        return Err(Error::InvalidInput(format!(
            "schemaArn: schema {} describes {}, but datasetType is {}.",
            schema.arn,
            described.as_str(),
            dataset_type.as_str()
        )));
    }
    if group.domain.is_some() && matches!(dataset_type, DatasetType::Actions | DatasetType::ActionInteractions) {
        return Err(Error::InvalidInput(format!(
            "datasetType {} is for custom dataset groups; {} has {}.",
            dataset_type.as_str(),
            group.arn,
            word(group.domain)
        )));
    }
    Ok(())
}

/// The dataset with this ARN.
pub async fn describe(ctx: &Ctx, dataset_arn: &str) -> Result<Dataset> {
    Ok(require(ctx, "datasetArn", dataset_arn).await?.1)
}

/// The region's datasets, or those of one group, oldest first.
pub async fn list(ctx: &Ctx, caller: &Caller, dataset_group_arn: Option<&str>, page: Page) -> Result<Listed<Dataset>> {
    let filter = dataset_group_arn.map(|arn| ("datasetGroupArn", ArnKind::DatasetGroup, arn));
    let query = Query { operation: "ListDatasets", filter, order: Order::OldestFirst };
    paging::list(ctx, caller, query, page, |d: &Dataset| dataset_group_arn.is_none_or(|arn| d.dataset_group_arn == arn))
        .await
}

/// Removes a dataset with its bulk data, its streamed events, its export jobs and its finished import jobs. Refused while an import of it, or
/// a training in its group, is under way. Campaigns keep serving what they learned.
pub async fn delete(ctx: &Ctx, dataset_arn: &str) -> Result<()> {
    let mut attempts = Attempts::new();
    loop {
        let (version, mut dataset) = require::<Dataset>(ctx, "datasetArn", dataset_arn).await?;
        if dataset.status.is_deleting() {
            return finish_deletion(ctx, &dataset).await;
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
        let mut batch = Batch::new();
        batch.replace(version, &dataset)?;
        if let Some((group_version, group)) = group {
            batch.unchanged(group_version, &group);
        }
        if attempts.commit(ctx, batch).await? {
            return finish_deletion(ctx, &dataset).await;
        }
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
    ctx.events.delete_stream(&stream).await.map_err(storage)?;
    for key in &dataset.bulk_files {
        ctx.blobs.delete(key).await.map_err(storage)?;
    }
    let mut attempts = Attempts::new();
    loop {
        let Some((version, found)) = find::<Dataset>(ctx, &dataset.arn).await? else { return Ok(()) };
        if !found.status.is_deleting() {
            return Ok(());
        }
        let mut batch = Batch::new();
        for (job_version, job) in all_under::<DatasetImportJob>(ctx, scope_of(&dataset.arn)).await? {
            if job.dataset_arn == dataset.arn {
                batch.remove(job_version, &job);
            }
        }
        for (job_version, job) in all_under::<DatasetExportJob>(ctx, scope_of(&dataset.arn)).await? {
            if job.dataset_arn == dataset.arn {
                batch.remove(job_version, &job);
            }
        }
        batch.remove(version, &found);
        if attempts.commit(ctx, batch).await? {
            return Ok(());
        }
    }
}

/// An import of the dataset that is under way.
async fn importing(ctx: &Ctx, dataset_arn: &str) -> Result<Option<DatasetImportJob>> {
    let mut jobs = all_under::<DatasetImportJob>(ctx, scope_of(dataset_arn)).await?.into_iter().map(|(_, job)| job);
    Ok(jobs.find(|job| job.dataset_arn == dataset_arn && job.status.is_creating()))
}
