//! The records of Items, Users and Actions datasets: what was imported and what was streamed, the newest of each id.

use crate::JobsCtx;
use crate::kinds::{blocking, dataset_arn, parquet_files};
use crate::work::Stop;
use futures::TryStreamExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tastemaker_compute::{add_to_table, table_builder};
use tastemaker_data::{Table, TableBuilder};
use tastemaker_domain::resource::{Dataset, DatasetGroup, SchemaResource, StreamedRow};
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_serving::STREAMED_ROWS_MAX;
use tastemaker_store::records::{self, decode_row, rows_stream};
use tastemaker_store::{Error, EventsExt};

/// The types of datasets that hold records.
const RECORDS: &[DatasetType] = &[DatasetType::Items, DatasetType::Users, DatasetType::Actions];

/// All records of a dataset.
pub struct Records {
    /// By id, with the schema's columns.
    pub table: Table,
    /// The dataset's schema.
    pub schema: Schema,
    /// The position in the dataset's stream up to which streamed rows are in the table.
    pub upto: u64,
}

/// The records of a group's dataset; `None` if the group has no such dataset.
///
/// Of two records of an id the newer one counts: a streamed row is older than an imported one if it was received before the
/// import job was created.
pub async fn load(ctx: &JobsCtx, group_arn: &str, dataset_type: DatasetType) -> Result<Option<Records>, Stop> {
    let found = records::load::<Dataset>(&*ctx.records, &dataset_arn(group_arn, dataset_type)).await?;
    match found {
        Some((_, dataset)) => read(ctx, &dataset).await,
        None => Ok(None),
    }
}

async fn read(ctx: &JobsCtx, dataset: &Dataset) -> Result<Option<Records>, Stop> {
    let Some((_, schema)) = records::load::<SchemaResource>(&*ctx.records, &dataset.schema_arn).await? else {
        return Ok(None);
    };
    let schema = schema.parsed().map_err(|error| Stop::Failed(error.to_string()))?;
    let (rows, upto) = streamed(ctx, &dataset.arn).await?;
    let files = parquet_files(ctx, &dataset.bulk_files).await?;
    let imported_ms = dataset.bulk_imported_ms.clone();
    let built = blocking(move || {
        let mut builder = table_builder(&schema);
        let mut rows = rows.into_iter().peekable();
        for (index, file) in files.into_iter().enumerate() {
            let file_ms = imported_ms.get(index).copied().unwrap_or(0);
            while let Some(row) = rows.next_if(|row| row.received_ms < file_ms) {
                set(&mut builder, &row);
            }
            add_to_table(file, &schema, &mut builder)?;
        }
        rows.for_each(|row| set(&mut builder, &row));
        Ok::<_, Error>(Records { table: builder.build(), schema, upto })
    });
    Ok(Some(built.await??))
}

fn set(builder: &mut TableBuilder, row: &StreamedRow) {
    builder.set_texts(&row.id, |name| row.columns.get(name).map(String::as_str));
}

async fn streamed(ctx: &JobsCtx, dataset_arn: &str) -> Result<(Vec<StreamedRow>, u64), Error> {
    let stream = rows_stream(dataset_arn);
    let (mut rows, mut upto) = (Vec::new(), 0);
    let mut pages = EventsExt::pages(&*ctx.events, &stream, 0);
    while let Some(page) = pages.try_next().await? {
        for stored in &page {
            rows.push(decode_row(&stream, stored)?);
            upto = stored.position;
        }
    }
    Ok((rows, upto))
}

/// What the tables that serving has were made from, by dataset ARN.
#[derive(Debug, Default)]
pub(crate) struct Published(Mutex<HashMap<String, Ingredients>>);

#[derive(Debug, Clone, PartialEq)]
struct Ingredients {
    schema_arn: String,
    files: Vec<String>,
    /// A dataset that is deleted and made again is another one.
    created_ms: i64,
}

/// Gives serving the tables of every dataset that changed: other files, another schema, or many streamed rows. Returns the
/// datasets that cannot be read, with the reason.
pub(crate) async fn publish(ctx: &JobsCtx, published: &Published) -> Result<Vec<(String, String)>, Error> {
    let mut failed = Vec::new();
    let datasets = records::list::<Dataset>(&*ctx.records).await?;
    let arns: Vec<&str> = datasets.iter().map(|(_, dataset)| dataset.arn.as_str()).collect();
    let gone = |published: &mut HashMap<String, Ingredients>| -> Vec<String> {
        let gone = published.keys().filter(|arn| !arns.contains(&arn.as_str())).cloned().collect::<Vec<_>>();
        gone.iter().for_each(|arn| drop(published.remove(arn)));
        gone
    };
    for arn in gone(&mut published.0.lock().unwrap_or_else(PoisonError::into_inner)) {
        let group = arn.replacen(":dataset/", ":dataset-group/", 1);
        let (group, name) = group.rsplit_once('/').unwrap_or_default();
        if let Some(dataset_type) = RECORDS.iter().find(|t| t.as_str() == name) {
            ctx.serving.streamed.forget_table(group, *dataset_type);
        }
    }
    for (_, dataset) in datasets.iter().filter(|(_, d)| RECORDS.contains(&d.dataset_type) && !d.status.is_deleting()) {
        let wanted = Ingredients {
            schema_arn: dataset.schema_arn.clone(),
            files: dataset.bulk_files.clone(),
            created_ms: dataset.created_ms,
        };
        let held = published.0.lock().unwrap_or_else(PoisonError::into_inner).get(&dataset.arn).cloned();
        let rows = ctx.serving.streamed.metadata_records(&dataset.dataset_group_arn, dataset.dataset_type);
        if held.as_ref() == Some(&wanted) && rows.streamed_len() <= STREAMED_ROWS_MAX {
            continue;
        }
        match read(ctx, dataset).await {
            Ok(Some(records)) => {
                let (group, table) = (&dataset.dataset_group_arn, Arc::new(records.table));
                ctx.serving.streamed.publish_table(group, dataset.dataset_type, table, records.upto);
                let mut published = published.0.lock().unwrap_or_else(PoisonError::into_inner);
                published.insert(dataset.arn.clone(), wanted);
            }
            Ok(None) => {}
            Err(Stop::Failed(reason)) => failed.push((dataset.arn.clone(), reason)),
            Err(Stop::Retry(error)) => failed.push((dataset.arn.clone(), error.to_string())),
            // Read again at the next round.
            Err(_) => {}
        }
    }
    Ok(failed)
}

/// Forgets what was streamed to groups that are gone.
pub(crate) async fn forget_gone(ctx: &JobsCtx) -> Result<(), Error> {
    // Before the groups are read, so that one made meanwhile is not taken for gone.
    let known = ctx.serving.streamed.dataset_group_arns();
    let groups = records::list::<DatasetGroup>(&*ctx.records).await?;
    for arn in known.iter().filter(|arn| !groups.iter().any(|(_, group)| group.arn == **arn)) {
        ctx.serving.streamed.forget(arn);
    }
    Ok(())
}
