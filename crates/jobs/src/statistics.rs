//! The statistics of datasets, kept equal to their rows: made anew after each import and each deletion of users, and once for
//! data that an earlier build imported.
//!
//! They are made after the commit that makes the rows visible and at the lowest priority, so that no import waits for them. The
//! statistics name their source, a fingerprint of the files and schemas that they were made from; whichever differ are made.

use crate::context::JobsCtx;
use crate::low_priority::at_low_priority;
use crate::stop::Stop;
use crate::streamed_statistics::count_streamed;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tastemaker_compute::{BlobParquet, ReadLimits, StatisticsSource, group_statistics};
use tastemaker_domain::dataset_statistics::DatasetStatistics;
use tastemaker_domain::resource::{Dataset, DatasetImportJob, SchemaResource};
use tastemaker_domain::schema::Schema;
use tastemaker_store::records::{self, STATISTICS_CHANNEL};
use tastemaker_store::{BlobFile, Error, Precondition};
use tokio::runtime::Handle;
use tokio::sync::watch;

/// Time between looks at the datasets when no notification comes.
const POLL: Duration = Duration::from_secs(15);

/// Bytes that the statistics of a dataset may have as a record.
const RECORD_BYTES_MAX: usize = 256 << 10;

/// Changes with every build that counts otherwise, so that its statistics replace those of earlier builds.
const EDITION: u32 = 1;

/// Keeps the statistics of all datasets until `shutdown` becomes true.
pub async fn keep_statistics(ctx: JobsCtx, mut shutdown: watch::Receiver<bool>) {
    let mut keeper = Keeper::default();
    while !*shutdown.borrow() {
        let made = tokio::select! {
            made = keeper.refresh_if_leading(&ctx) => made,
            _ = shutdown.changed() => break,
        };
        if let Err(error) = made {
            tracing::warn!(%error, "statistics of datasets cannot be made");
        }
        tokio::select! {
            () = ctx.stores.wakeups.wait(STATISTICS_CHANNEL, POLL) => {}
            _ = shutdown.changed() => break,
        }
    }
}

/// The sources of the statistics that there are.
#[derive(Default)]
pub(crate) struct Keeper {
    /// By the ARN of the dataset; of those that were looked at.
    sources: HashMap<String, Option<String>>,
    /// Groups whose files cannot be read, with the source.
    failed: HashMap<String, String>,
}

/// The datasets of a group with their schemas.
struct Group {
    arn: String,
    datasets: Vec<(Dataset, Schema)>,
}

impl Keeper {
    /// Makes them in one process of all that share the storage.
    async fn refresh_if_leading(&mut self, ctx: &JobsCtx) -> Result<usize, Error> {
        if ctx.nodes.leads() { self.refresh(ctx).await } else { Ok(0) }
    }

    /// Makes the statistics of every group whose data they are not of; returns how many groups there were.
    pub async fn refresh(&mut self, ctx: &JobsCtx) -> Result<usize, Error> {
        let mut made = 0;
        for group in groups(ctx).await? {
            for (dataset, _) in &group.datasets {
                count_streamed(ctx, dataset).await?;
            }
            let source = group.source();
            if self.failed.get(&group.arn) == Some(&source) || !self.is_stale(ctx, &group, &source).await? {
                continue;
            }
            match make(ctx, &group, &source).await {
                Ok(statistics) => {
                    for (dataset, statistics) in group.datasets.iter().map(|(dataset, _)| dataset).zip(statistics) {
                        self.put(ctx, dataset, statistics).await?;
                    }
                    made += 1;
                }
                Err(Stop::Failed(reason)) => {
                    tracing::warn!(group = group.arn, reason, "the group's data has no statistics");
                    self.failed.insert(group.arn, source);
                }
                Err(Stop::Retry(error)) => return Err(error),
                Err(Stop::Conflict | Stop::Lost | Stop::Shutdown) => {}
            }
        }
        Ok(made)
    }

    async fn is_stale(&mut self, ctx: &JobsCtx, group: &Group, source: &str) -> Result<bool, Error> {
        let mut stale = false;
        for (dataset, _) in &group.datasets {
            let found = match self.sources.entry(dataset.arn.clone()) {
                Entry::Occupied(found) => found.into_mut(),
                Entry::Vacant(empty) => {
                    // Statistics that cannot be read are made anew.
                    let found = records::load::<DatasetStatistics>(&*ctx.stores.records, &dataset.arn).await;
                    empty.insert(found.ok().flatten().map(|(_, statistics)| statistics.source))
                }
            };
            // A dataset without rows has none, until it had some.
            stale |= found.as_deref() != Some(source) && (found.is_some() || !dataset.bulk_files.is_empty());
        }
        Ok(stale)
    }

    async fn put(&mut self, ctx: &JobsCtx, dataset: &Dataset, statistics: DatasetStatistics) -> Result<(), Error> {
        let found = records::load::<Dataset>(&*ctx.stores.records, &dataset.arn).await?;
        let same = found.filter(|(_, now)| now.bulk_files == dataset.bulk_files && !now.status.is_deleting());
        if same.is_none() {
            return Ok(());
        }
        let statistics = fitting(statistics)?;
        let exists = Precondition::Exists(records::key::<Dataset>(&dataset.arn));
        match ctx.stores.records.commit(vec![exists], vec![records::put(&statistics)?]).await {
            Err(Error::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
            Ok(()) => {
                self.sources.insert(dataset.arn.clone(), Some(statistics.source));
                Ok(())
            }
        }
    }
}

impl Group {
    fn source(&self) -> String {
        let mut hasher = DefaultHasher::new();
        EDITION.hash(&mut hasher);
        for (dataset, _) in &self.datasets {
            (&dataset.arn, &dataset.schema_arn, &dataset.bulk_files).hash(&mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }
}

/// The groups with datasets, but those with an import under way, after which they will be other ones.
async fn groups(ctx: &JobsCtx) -> Result<Vec<Group>, Error> {
    let records = &*ctx.stores.records;
    let mut groups: BTreeMap<String, Vec<Dataset>> = BTreeMap::new();
    for (_, dataset) in records::list::<Dataset>(records).await? {
        if !dataset.status.is_deleting() {
            groups.entry(dataset.dataset_group_arn.clone()).or_default().push(dataset);
        }
    }
    for (_, import) in records::list::<DatasetImportJob>(records).await? {
        if import.status.is_creating() {
            groups.retain(|_, datasets| !datasets.iter().any(|dataset| dataset.arn == import.dataset_arn));
        }
    }
    let mut found = Vec::with_capacity(groups.len());
    for (arn, datasets) in groups {
        let mut group = Group { arn, datasets: Vec::with_capacity(datasets.len()) };
        for dataset in datasets {
            let schema = records::load::<SchemaResource>(records, &dataset.schema_arn).await?;
            if let Some(schema) = schema.and_then(|(_, schema)| schema.parsed().ok()) {
                group.datasets.push((dataset, schema));
            }
        }
        found.push(group);
    }
    Ok(found)
}

/// Throws the switch of a reading that nobody waits for any more.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn make(ctx: &JobsCtx, group: &Group, source: &str) -> Result<Vec<DatasetStatistics>, Stop> {
    let now_ms = ctx.now();
    let (blobs, handle) = (ctx.stores.blobs.clone(), Handle::current());
    let datasets: Vec<_> = group
        .datasets
        .iter()
        .map(|(dataset, schema)| (dataset.arn.clone(), schema.clone(), dataset.bulk_files.clone()))
        .collect();
    let cancelled = Arc::new(AtomicBool::new(false));
    let _cancel = CancelOnDrop(cancelled.clone());
    let made = at_low_priority(move || {
        let files = |keys: &Vec<String>| {
            let open = |key: &String| Ok(BlobFile::open_blocking(blobs.clone(), key, handle.clone())?.into());
            keys.iter().map(open).collect::<Result<Vec<BlobParquet>, Error>>()
        };
        let sources: Vec<_> = datasets
            .iter()
            .map(|(arn, schema, keys)| StatisticsSource {
                dataset_arn: arn.clone(),
                schema,
                files: Box::new(move || files(keys)),
            })
            .collect();
        let limits = ReadLimits { until_s: None, cancelled: &|| cancelled.load(Ordering::Relaxed) };
        group_statistics(&sources, now_ms / 1000, &limits)
    });
    let mut made = made.await??;
    for statistics in &mut made {
        statistics.made_ms = now_ms;
        statistics.source = source.to_owned();
    }
    Ok(made)
}

/// The statistics with fewer values where a schema has so many columns that they would be too large.
fn fitting(mut statistics: DatasetStatistics) -> Result<DatasetStatistics, Error> {
    for values in [10, 5, 2, 0] {
        if records::encode(&statistics)?.len() <= RECORD_BYTES_MAX {
            break;
        }
        for column in &mut statistics.columns {
            column.top.truncate(values);
            column.samples.truncate(values.min(1));
        }
    }
    Ok(statistics)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{World, arn, ring_csv};
    use tastemaker_domain::dataset_statistics::{ColumnStatistics, ValueCount};
    use tastemaker_domain::import_report::{ImportReport, RefusalReason};
    use tastemaker_domain::resource::ImportMode;
    use tastemaker_domain::schema::{DatasetType, FieldType};

    async fn statistics(world: &World, dataset: &str) -> Option<DatasetStatistics> {
        records::load(&*world.records, &arn(dataset)).await.unwrap().map(|(_, statistics)| statistics)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn statistics_follow_imports_and_deletions() {
        let world = World::new().await;
        let ctx = world.process("p");
        let mut keeper = Keeper::default();
        assert_eq!(keeper.refresh(&ctx).await.unwrap(), 0, "there is no data yet");
        world.upload("a.csv", &ring_csv(100, 11)).await;
        world.import("one", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
        assert_eq!(keeper.refresh(&ctx).await.unwrap(), 0, "an import is under way");
        world.run(&ctx).await;
        assert_eq!(keeper.refresh(&ctx).await.unwrap(), 1);
        let made = statistics(&world, "dataset/shop/INTERACTIONS").await.unwrap();
        let found = made.interactions.clone().unwrap();
        assert_eq!((made.rows, found.users, found.users_with_two, made.is_estimate), (1100, 100, 100, false));
        assert_eq!(found.length_percentiles, [11; 101]);
        assert_eq!(keeper.refresh(&ctx).await.unwrap(), 0, "they are of this data");
        assert_eq!(Keeper::default().refresh(&ctx).await.unwrap(), 0, "another process sees it, too");

        world.upload("users.csv", "USER_ID\nu1\nu2\n").await;
        world.delete_users("d", "s3://bucket/users.csv").await;
        world.run(&ctx).await;
        assert_eq!(keeper.refresh(&ctx).await.unwrap(), 1);
        let after = statistics(&world, "dataset/shop/INTERACTIONS").await.unwrap();
        assert_eq!((after.rows, after.interactions.unwrap().users), (1078, 98));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn damaged_files_are_told_once() {
        let world = World::new().await;
        let ctx = world.process("p");
        world.upload("a.csv", &ring_csv(100, 11)).await;
        world.import("one", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
        world.run(&ctx).await;
        let key = world.interactions().await.bulk_files[0].clone();
        ctx.stores.blobs.delete(&key).await.unwrap();
        ctx.stores.blobs.put(&key, "PAR1 no".into()).await.unwrap();
        let mut keeper = Keeper::default();
        let _ = keeper.refresh(&ctx).await;
        assert!(statistics(&world, "dataset/shop/INTERACTIONS").await.is_none());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_import_reports_what_it_left_out() {
        let world = World::new().await;
        let text = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},{"name":"PRICE","type":"float"}]}"#;
        let mut things: SchemaResource = world.get(&arn("schema/things")).await;
        things.text = text.to_owned();
        world.put(&things).await;
        world.upload("items.csv", "ITEM_ID,PRICE\na,12.5\nb,free\nc,\nd,x\n").await;
        let import = world.import("one", DatasetType::Items, "s3://bucket/items.csv", ImportMode::Full).await;
        world.run(&world.process("p")).await;
        let (_, report) = records::load::<ImportReport>(&*world.records, &import).await.unwrap().unwrap();
        assert_eq!((report.rows, report.values_left_out, report.rows_left_out), (4, 3, 0));
        let found: Vec<_> = report.refused.iter().map(|of| (of.reason, of.count, of.lines[0].line)).collect();
        assert_eq!(found, [(RefusalReason::NotANumber, 2, 3), (RefusalReason::Empty, 1, 4)]);
        let line = &report.refused[0].lines[1];
        assert_eq!((line.file.as_str(), line.line, line.value.as_str()), ("s3://bucket/items.csv", 5, "'x'"));
    }

    #[test]
    fn wide_statistics_are_cut_to_their_size() {
        let column = |n: usize| ColumnStatistics {
            name: format!("C{n}"),
            field_type: FieldType::String,
            nullable: true,
            categorical: true,
            textual: false,
            empty: 0,
            distinct: 20,
            distinct_is_estimate: false,
            top: (0..20).map(|_| ValueCount { value: "가".repeat(80), rows: 5 }).collect(),
            joined: 0,
            numbers: None,
            text: None,
            samples: vec!["가".repeat(80); 3],
        };
        let wide = DatasetStatistics {
            dataset_arn: "a".into(),
            dataset_type: DatasetType::Items,
            made_ms: 0,
            source: String::new(),
            rows: 100,
            rows_with_missing: 0,
            is_estimate: false,
            columns: (0..100).map(column).collect(),
            interactions: None,
            metadata: None,
        };
        assert!(records::encode(&wide).unwrap().len() > RECORD_BYTES_MAX);
        let cut = fitting(wide).unwrap();
        assert!(records::encode(&cut).unwrap().len() <= RECORD_BYTES_MAX);
        assert_eq!((cut.columns.len(), cut.columns[0].top.len()), (100, 5));
    }
}
