//! Bulk import: CSV objects in S3 become Parquet blobs, visible all at once.
//!
//! 1. `start`: CREATE IN_PROGRESS
//! 2. resolve: the objects that the data location names
//! 3. copy: each object through `compute::import_file` into a blob of this attempt
//! 4. publish: one commit replaces or extends the dataset's files, makes the import ACTIVE and ends the job

use super::Kind;
use crate::attribution::{self, ImportNumbers};
use crate::blobs::blob_segment;
use crate::blobs::blocking;
use crate::buckets::Bucket;
use crate::context::Settings;
use crate::data_objects::{DataObjects, data_objects};
use crate::leased_job::LeasedJob;
use crate::orphans::{self, DATASETS};
use crate::stop::Stop;
use async_trait::async_trait;
use std::sync::Arc;
use tastemaker_compute::{BlobParquet, FileImport, ImportError, ImportRules, Totals, check_totals, import_file};
use tastemaker_domain::import_report::ImportReport;
use tastemaker_domain::resource::{Dataset, DatasetImportJob, ImportMode, JobKind, SchemaResource};
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::schema::Schema;
use tastemaker_domain::{Member, Status};
use tastemaker_learn::Progress;
use tastemaker_learn::sentences::FILE_ROWS;
use tastemaker_store::objects::ObjectRecord;
use tastemaker_store::records::STATISTICS_CHANNEL;
use tastemaker_store::{BlobFile, BlobSink, Transaction, records};

pub(super) struct Import;

#[async_trait]
impl Kind for Import {
    fn kind(&self) -> JobKind {
        JobKind::Import
    }

    fn concurrency(&self, _: &Settings) -> usize {
        2
    }

    async fn run(&self, work: &LeasedJob) -> Result<(), Stop> {
        let import = work.transact(|tx| start(work, tx)).await?;
        let (dataset, schema) = target(work, &import).await?;
        let sources = resolve(work, &import.data_location, import.role_arn.as_deref()).await?;
        let prefix = work.blob_folder(&root(&dataset));
        let mut totals = Totals::default();
        let mut files = Vec::with_capacity(sources.len());
        let schema = Arc::new(schema);
        let rules = ImportRules { until_s: Some(work.ctx.until_s()), strict: work.ctx.settings.strict_imports };
        for (n, (name, object)) in sources.into_iter().enumerate() {
            let key = format!("{prefix}/{n}.parquet");
            totals += copy(work, &name, &object, &key, schema.clone(), rules, totals.rows).await?;
            files.push(key);
        }
        check_totals(dataset.dataset_type, &totals)?;
        let numbers = ImportNumbers::of(work, &import, &dataset, &schema, &files).await?;
        let left_out = totals.warning();
        if let Some(text) = &left_out {
            tracing::warn!(import = import.arn, "{text}");
        }
        let report = report(&import, &totals);
        let published = Published { files: &files, rows: totals.rows, left_out, report, numbers: numbers.as_ref() };
        let replaced = work.transact(|tx| publish(work, tx, &published)).await?;
        for key in replaced {
            if let Err(error) = work.ctx.stores.blobs.delete(&key).await {
                tracing::warn!(key, %error, "a replaced file remains until the next start");
            }
        }
        Ok(())
    }

    async fn fail(&self, work: &LeasedJob, tx: Transaction, reason: &str) -> Result<(), Stop> {
        let Some((at, mut import)) = work.load::<DatasetImportJob>(&work.job.resource_arn).await? else {
            return work.finish(tx).await;
        };
        import.status = Status::CreateFailed;
        import.failure_reason = Some(reason.to_owned());
        import.updated_ms = work.ctx.now();
        tx.replace(at, &import)?;
        work.finish(tx).await
    }

    async fn clean_up(&self, work: &LeasedJob) {
        let removed = async {
            let import = records::load::<DatasetImportJob>(&*work.ctx.stores.records, &work.job.resource_arn).await?;
            let Some((_, import)) = import else { return Ok(0) };
            attribution::clean_up(work, &import).await?;
            let root = root_of(&import.dataset_arn);
            orphans::remove_unnamed_of(work, &root).await
        };
        if let Err(error) = removed.await {
            tracing::warn!(job = work.job.id, %error, "files of the import remain until the next start");
        }
    }
}

fn root(dataset: &Dataset) -> String {
    root_of(&dataset.arn)
}

/// `datasets/<group>/<TYPE>`.
fn root_of(dataset_arn: &str) -> String {
    let mut tail = dataset_arn.rsplit('/').map(blob_segment);
    let dataset_type = tail.next().unwrap_or_default();
    format!("{DATASETS}{}/{dataset_type}", tail.next().unwrap_or_default())
}

async fn start(work: &LeasedJob, tx: Transaction) -> Result<DatasetImportJob, Stop> {
    let Some((at, mut import)) = work.load::<DatasetImportJob>(&work.job.resource_arn).await? else {
        work.finish(tx).await?;
        return Err(Stop::Lost);
    };
    import.status = Status::CreateInProgress;
    import.updated_ms = work.ctx.now();
    tx.replace(at, &import)?;
    work.step("start", tx).await?;
    Ok(import)
}

async fn target(work: &LeasedJob, import: &DatasetImportJob) -> Result<(Dataset, Schema), Stop> {
    let gone = |what: &str| Stop::Failed(format!("{what} does not exist any more."));
    let found = work.load::<Dataset>(&import.dataset_arn).await?.filter(|(_, d)| !d.status.is_deleting());
    let (_, dataset) = found.ok_or_else(|| gone(&import.dataset_arn))?;
    let schema = work.load::<SchemaResource>(&dataset.schema_arn).await?;
    let (_, schema) = schema.ok_or_else(|| gone(&dataset.schema_arn))?;
    let schema = schema.parsed().map_err(|error| Stop::Failed(error.to_string()))?;
    Ok((dataset, schema))
}

/// The objects of a data location with their names for messages, in key order.
pub(super) async fn resolve(
    work: &LeasedJob,
    location: &str,
    role_arn: Option<&str>,
) -> Result<Vec<(String, ObjectRecord)>, Stop> {
    let path = S3Path::parse(Member::DataLocation, location).map_err(|error| Stop::Failed(error.to_string()))?;
    let bucket = Bucket::find(work, &path.bucket, role_arn).await?.ok_or_else(|| {
        Stop::Failed(format!(
            "The bucket '{}' of {location} does not exist. Create it and upload the data, or correct {}.",
            path.bucket,
            Member::DataLocation
        ))
    })?;
    if path.is_folder() {
        let DataObjects { data, skipped } = data_objects(&path.key, bucket.list(work, &path).await?);
        if !data.is_empty() {
            bucket.may_read(&data)?;
            return Ok(named(&path.bucket, data));
        }
        let found = match skipped {
            0 => String::new(),
            1 => " but an empty or hidden object".to_owned(),
            more => format!(" but {more} empty or hidden objects"),
        };
        return Err(Stop::Failed(format!(
            "There is nothing under {location}{found}. Upload CSV files there, or correct {}.",
            Member::DataLocation
        )));
    }
    match bucket.object(work, &path.key).await? {
        Some(object) => Ok(named(&path.bucket, vec![object])),
        None => Err(Stop::Failed(format!(
            "There is no object {location}. Upload it, end the location of a folder with '/', or correct {}.",
            Member::DataLocation
        ))),
    }
}

/// Objects with their names for messages.
fn named(bucket: &str, objects: Vec<ObjectRecord>) -> Vec<(String, ObjectRecord)> {
    objects.into_iter().map(|object| (format!("s3://{bucket}/{}", object.key), object)).collect()
}

async fn copy(
    work: &LeasedJob,
    name: &str,
    object: &ObjectRecord,
    key: &str,
    schema: Arc<Schema>,
    rules: ImportRules,
    rows_before: u64,
) -> Result<Totals, Stop> {
    let source = BlobFile::open(work.ctx.sources(), &object.blob).await?;
    let mut sink = BlobSink::create(&*work.ctx.stores.blobs, key).await?;
    let (name, size) = (name.to_owned(), object.size_bytes);
    let (cancel, progress) = (work.cancel.clone(), work.ctx.progress.clone());
    let resource = work.job.resource_arn.clone();
    let copied = blocking(move || {
        let report = |rows: u64, bytes: u64| {
            let note = FILE_ROWS.with(&[&name, &(rows_before + rows)]);
            progress(&resource, &Progress { stage: "import", done: bytes, total: size.max(bytes), note, epoch: None });
        };
        let again = source.reopen();
        let again = || Ok(BlobParquet::from(again));
        let import = FileImport {
            file_name: &name,
            schema: &schema,
            rules: &rules,
            progress: &report,
            cancelled: &|| cancel.is_cancelled(),
        };
        let totals = import_file(source, again, &mut sink, &import)?;
        sink.finish()?;
        Ok::<_, ImportError>(totals)
    });
    Ok(copied.await??)
}

/// The result of an import.
struct Published<'a> {
    files: &'a [String],
    rows: u64,
    /// The sentence on rows and values that were left out.
    left_out: Option<String>,
    report: ImportReport,
    numbers: Option<&'a ImportNumbers>,
}

/// The report of an import with these totals.
fn report(import: &DatasetImportJob, totals: &Totals) -> ImportReport {
    let mut report = ImportReport {
        import_arn: import.arn.clone(),
        dataset_arn: import.dataset_arn.clone(),
        rows: totals.rows,
        files: totals.files as u64,
        bytes: totals.bytes_in,
        rows_left_out: totals.later_rows,
        values_left_out: totals.left_out.count(),
        refused: totals.refused(),
    };
    report.limit();
    report
}

/// Makes the files visible; returns those they replace.
async fn publish(work: &LeasedJob, tx: Transaction, published: &Published<'_>) -> Result<Vec<String>, Stop> {
    let Published { files, rows, left_out, report, numbers } = published;
    let Some((import_at, mut import)) = work.load::<DatasetImportJob>(&work.job.resource_arn).await? else {
        work.finish(tx).await?;
        return Err(Stop::Lost);
    };
    let found = work.load::<Dataset>(&import.dataset_arn).await?.filter(|(_, d)| !d.status.is_deleting());
    let Some((dataset_at, mut dataset)) = found else {
        return Err(Stop::Failed(format!("{} does not exist any more.", import.dataset_arn)));
    };
    let mut replaced = match import.import_mode {
        ImportMode::Full => {
            dataset.bulk_rows = 0;
            dataset.bulk_imported_ms.clear();
            std::mem::take(&mut dataset.bulk_files)
        }
        ImportMode::Incremental => Vec::new(),
    };
    dataset.bulk_imported_ms.resize(dataset.bulk_files.len(), 0);
    dataset.bulk_files.extend_from_slice(files);
    // The clock may have run ahead when the job was created.
    let imported_ms = if import.created_ms > 1000 * work.ctx.until_s() { work.ctx.now() } else { import.created_ms };
    dataset.bulk_imported_ms.resize(dataset.bulk_files.len(), imported_ms);
    dataset.bulk_rows += rows;
    dataset.updated_ms = work.ctx.now();
    import.status = Status::Active;
    // The API has no other place for it.
    import.failure_reason.clone_from(left_out);
    import.updated_ms = work.ctx.now();
    if let Some(numbers) = numbers {
        replaced.extend(numbers.publish(work, &tx).await?);
    }
    tx.replace(import_at, &import)?;
    tx.replace(dataset_at, &dataset)?;
    tx.write(records::put(report)?);
    tx.notify(STATISTICS_CHANNEL);
    work.finish(tx).await?;
    Ok(replaced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_domain::schema::DatasetType;

    #[test]
    fn blob_folders_follow_the_dataset() {
        let arn = "arn:aws:personalize:eu-west-1:123456789012:dataset/my shop/INTERACTIONS";
        assert_eq!(root_of(arn), "datasets/my_shop/INTERACTIONS");
        let interactions = crate::blobs::dataset_arn(
            "arn:aws:personalize:eu-west-1:123456789012:dataset-group/g",
            DatasetType::Interactions,
        );
        assert_eq!(interactions, "arn:aws:personalize:eu-west-1:123456789012:dataset/g/INTERACTIONS");
    }
}
