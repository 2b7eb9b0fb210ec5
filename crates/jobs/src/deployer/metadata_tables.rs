//! The tables of Items, Users and Actions datasets that serving has.

use crate::context::JobsCtx;
use crate::stop::Stop;
use crate::tables;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tastemaker_domain::resource::{Dataset, DatasetGroup};
use tastemaker_domain::schema::DatasetType;
use tastemaker_serving::STREAMED_ROWS_MAX;
use tastemaker_store::{Error, records};

/// The types of datasets that hold records.
const RECORDS: &[DatasetType] = &[DatasetType::Items, DatasetType::Users, DatasetType::Actions];

/// The sources of the tables that serving has, by dataset ARN.
#[derive(Debug, Default)]
pub(crate) struct Published(Mutex<HashMap<String, TableSources>>);

impl Published {
    /// Has every table published again.
    pub fn clear(&self) {
        self.0.lock().clear();
    }
}

#[derive(Debug, Clone, PartialEq)]
struct TableSources {
    schema_arn: String,
    files: Vec<String>,
    /// A dataset that is deleted and made again is another one.
    created_ms: i64,
}

/// Gives serving the tables of every dataset that changed: other files, another schema, or many streamed rows. Returns the
/// datasets that cannot be read, with the reason.
pub(crate) async fn publish(ctx: &JobsCtx, published: &Published) -> Result<Vec<(String, String)>, Error> {
    let mut failed = Vec::new();
    let datasets = records::list::<Dataset>(&*ctx.stores.records).await?;
    let arns: Vec<&str> = datasets.iter().map(|(_, dataset)| dataset.arn.as_str()).collect();
    let gone = |published: &mut HashMap<String, TableSources>| -> Vec<String> {
        let gone = published.keys().filter(|arn| !arns.contains(&arn.as_str())).cloned().collect::<Vec<_>>();
        gone.iter().for_each(|arn| drop(published.remove(arn)));
        gone
    };
    for arn in gone(&mut published.0.lock()) {
        let group = arn.replacen(":dataset/", ":dataset-group/", 1);
        let (group, name) = group.rsplit_once('/').unwrap_or_default();
        if let Some(dataset_type) = RECORDS.iter().find(|t| t.as_str() == name) {
            ctx.serving.streamed.forget_table(group, *dataset_type);
        }
    }
    for (_, dataset) in datasets.iter().filter(|(_, d)| RECORDS.contains(&d.dataset_type) && !d.status.is_deleting()) {
        let wanted = TableSources {
            schema_arn: dataset.schema_arn.clone(),
            files: dataset.bulk_files.clone(),
            created_ms: dataset.created_ms,
        };
        let held = published.0.lock().get(&dataset.arn).cloned();
        let rows = ctx.serving.streamed.metadata_records(&dataset.dataset_group_arn, dataset.dataset_type);
        if held.as_ref() == Some(&wanted) && rows.streamed_len() <= STREAMED_ROWS_MAX {
            continue;
        }
        match tables::read(ctx, dataset).await {
            Ok(Some(records)) => {
                let (group, table) = (&dataset.dataset_group_arn, Arc::new(records.table));
                ctx.serving.streamed.publish_table(group, dataset.dataset_type, table, records.upto);
                let mut published = published.0.lock();
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
    let groups = records::list::<DatasetGroup>(&*ctx.stores.records).await?;
    for arn in known.iter().filter(|arn| !groups.iter().any(|(_, group)| group.arn == **arn)) {
        ctx.serving.streamed.forget(arn);
    }
    Ok(())
}
