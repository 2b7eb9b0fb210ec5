//! The numbers of an import into an Interactions dataset.

use super::items::ItemNumbers;
use super::{EVENT_AGE_S_MAX, Tally, csv, merge};
use crate::blobs::blocking;
use crate::leased_job::LeasedJob;
use crate::s3_files::{OutputFile, deliver, folder, publish_objects, remove_unpublished};
use crate::stop::Stop;
use std::io::Write;
use tastemaker_compute::{BlobParquet, ImportError, ParquetRows};
use tastemaker_domain::resource::{Dataset, DatasetImportJob, ImportMode, MetricAttribution};
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_domain::{Member, Status};
use tastemaker_store::objects::ObjectRecord;
use tastemaker_store::{BlobFile, Error, Precondition, Transaction, records};
use tokio::runtime::Handle;

/// The contribution of an import to its group's metric attribution.
pub(crate) struct ImportNumbers {
    attribution: MetricAttribution,
    /// For the running numbers: those of an INCREMENTAL import that are not too old.
    running: super::Windows,
    /// The file of all its numbers, if it was asked for, and its folder.
    published: Option<(S3Path, ObjectRecord)>,
}

/// The metric attribution of a dataset group, if it has one that counts.
async fn attribution_of(work: &LeasedJob, group_arn: &str) -> Result<Option<MetricAttribution>, Error> {
    let all = records::list::<MetricAttribution>(&*work.ctx.stores.records).await?;
    let mut all = all.into_iter().map(|(_, attribution)| attribution);
    Ok(all.find(|a| a.dataset_group_arn == group_arn && a.status == Status::Active))
}

impl ImportNumbers {
    /// Counts the rows of an import's files, if there is a metric attribution that wants them.
    pub async fn of(
        work: &LeasedJob,
        import: &DatasetImportJob,
        dataset: &Dataset,
        schema: &Schema,
        files: &[String],
    ) -> Result<Option<Self>, Stop> {
        let wanted = import.publish_attribution_metrics_to_s3 || import.import_mode == ImportMode::Incremental;
        if !wanted || dataset.dataset_type != DatasetType::Interactions {
            return Ok(None);
        }
        let Some(attribution) = attribution_of(work, &dataset.dataset_group_arn).await? else {
            if !import.publish_attribution_metrics_to_s3 {
                return Ok(None);
            }
            return Err(Stop::Failed(format!(
                "{}: {} has no metric attribution any more.",
                Member::PublishAttributionMetricsToS3,
                dataset.dataset_group_arn
            )));
        };
        let mut items = ItemNumbers::default();
        items.refresh(&work.ctx, &attribution).await?;
        let folder = match &attribution.output {
            Some(output) if import.publish_attribution_metrics_to_s3 => Some(folder(work, &output.path).await?),
            _ => None,
        };
        let now_ms = work.ctx.now();
        let since_s = match import.import_mode {
            ImportMode::Incremental => now_ms / 1000 - EVENT_AGE_S_MAX,
            ImportMode::Full => i64::MAX,
        };
        let role_arn = attribution.role_arn.clone();
        let blob = format!("{}/metrics", work.blob_folder("s3"));
        let (ctx, schema, files, metrics) =
            (work.ctx.clone(), schema.clone(), files.to_vec(), attribution.metrics.clone());
        let (handle, arn) = (Handle::current(), attribution.arn.clone());
        let counted = blocking(move || {
            let open = || {
                let file =
                    |key: &String| Ok(BlobFile::open_blocking(ctx.stores.blobs.clone(), key, handle.clone())?.into());
                files.iter().map(file).collect()
            };
            let mut rows = ParquetRows::<BlobParquet> { schema: &schema, files: Box::new(open) };
            let (mut running, mut all) = (Tally::new(&metrics), Tally::new(&metrics));
            if since_s < i64::MAX {
                running.rows(&mut rows, &schema, &items, since_s)?;
            }
            let Some(folder) = folder else { return Ok((running.into_windows(), None)) };
            all.rows(&mut rows, &schema, &items, i64::MIN)?;
            let key = format!("{}AggregatedAttributionMetrics - BULK - {}.csv", folder.key, now_ms / 1000);
            let mut file = OutputFile::create(&*ctx.stores.blobs, key, blob, handle.clone())?;
            file.write_all(csv(all.windows()).as_bytes())?;
            Ok::<_, ImportError>((running.into_windows(), Some((folder, file.finish("text/csv", &arn, now_ms)?))))
        });
        let (running, published) = counted.await??;
        if let Some((folder, file)) = &published {
            deliver(work, folder, std::slice::from_ref(file), None, &role_arn).await?;
        }
        Ok(Some(Self { attribution, running, published }))
    }

    /// Adds to the import's last commit what it holds beside the import's own part; returns the blobs that are replaced.
    pub async fn publish(&self, work: &LeasedJob, tx: &Transaction) -> Result<Vec<String>, Stop> {
        let replaced = match &self.published {
            Some((folder, file)) => publish_objects(work, tx, &folder.bucket, std::slice::from_ref(file)).await?,
            None => Vec::new(),
        };
        let arn = &self.attribution.arn;
        let cursor = records::load_attribution_cursor(&*work.ctx.stores.records, arn).await?;
        if let Some((at, mut cursor)) = cursor.filter(|_| !self.running.is_empty()) {
            tx.require(Precondition::Version(records::attribution_cursor_key(arn), at));
            let writes = merge(&work.ctx, &self.attribution, &mut cursor, &self.running).await?;
            writes.into_iter().for_each(|write| tx.write(write));
        }
        Ok(replaced)
    }
}

/// Deletes a file of numbers that its import did not come to publish.
pub(crate) async fn clean_up(work: &LeasedJob, import: &DatasetImportJob) -> Result<(), Error> {
    if !import.publish_attribution_metrics_to_s3 {
        return Ok(());
    }
    let group = records::load::<Dataset>(&*work.ctx.stores.records, &import.dataset_arn).await?;
    let Some((_, dataset)) = group else { return Ok(()) };
    let output = attribution_of(work, &dataset.dataset_group_arn).await?.and_then(|a| a.output);
    match output.map(|output| S3Path::parse_folder(Member::Path, &output.path)) {
        Some(Ok(folder)) => remove_unpublished(work, &folder).await,
        _ => Ok(()),
    }
}
