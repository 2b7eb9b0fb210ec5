//! Export of a dataset: its imported and streamed records become CSV objects, visible all at once.
//!
//! 1. `start`: CREATE IN_PROGRESS
//! 2. write: `compute::export_csv` over both sources, which are read once, into blobs of this attempt
//! 3. publish: one commit makes the objects visible, the export ACTIVE and ends the job

use super::Kind;
use crate::blobs::blocking;
use crate::context::{JobsCtx, Settings};
use crate::leased_job::LeasedJob;
use crate::orphans::{remove_of_ended_jobs, unfinished};
use crate::s3_files::{
    Older, OutputFile, delete_replaced, deliver, folder, publish_objects, remove_older, remove_unpublished,
    writable_folder,
};
use crate::stop::Stop;
use crate::streamed::{AllRows, extent, stream_of};
use async_trait::async_trait;
use std::io::Read;
use tastemaker_compute::{Export as Request, ImportError, Keep, ROWS_IN_MEMORY, SetAside, Watch, export_csv};
use tastemaker_domain::limits::EXPORT_FILE_BYTES_MAX;
use tastemaker_domain::resource::{Dataset, DatasetExportJob, IngestionMode, JobKind, SchemaResource};
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_domain::{Member, Status};
use tastemaker_learn::Progress;
use tastemaker_learn::sentences::RECORDS;
use tastemaker_store::objects::ObjectRecord;
use tastemaker_store::{BlobFile, BlobSink, Error, Transaction, records};
use tokio::runtime::Handle;

pub(super) struct Export;

#[async_trait]
impl Kind for Export {
    fn kind(&self) -> JobKind {
        JobKind::Export
    }

    fn concurrency(&self, _: &Settings) -> usize {
        1
    }

    async fn run(&self, work: &LeasedJob) -> Result<(), Stop> {
        let export = work.transact(|tx| start(work, tx)).await?;
        let folder = writable_folder(work, &export.output.path).await?;
        let (dataset, schema) = source(work, &export).await?;
        let prefix = format!("{}{}-", folder.key, dataset.name);
        let files = write(work, &export, dataset, schema, &prefix).await?;
        let older = Older { prefix: &prefix, suffix: ".csv", written_for: &export.dataset_arn };
        deliver(work, &folder, &files, Some(&older), &export.role_arn).await?;
        let replaced = work.transact(|tx| publish(work, tx, &folder, &prefix, &files)).await?;
        delete_replaced(work, &replaced).await;
        Ok(())
    }

    async fn fail(&self, work: &LeasedJob, tx: Transaction, reason: &str) -> Result<(), Stop> {
        let Some((at, mut export)) = work.load::<DatasetExportJob>(&work.job.resource_arn).await? else {
            return work.finish(tx).await;
        };
        export.status = Status::CreateFailed;
        export.failure_reason = Some(reason.to_owned());
        export.updated_ms = work.ctx.now();
        tx.replace(at, &export)?;
        work.finish(tx).await
    }

    async fn clean_up(&self, work: &LeasedJob) {
        let removed = async {
            remove_of_ended_jobs(&work.ctx, &unfinished(&work.job.id)).await?;
            let export = records::load::<DatasetExportJob>(&*work.ctx.stores.records, &work.job.resource_arn).await?;
            match export.map(|(_, export)| S3Path::parse_folder(Member::Path, &export.output.path)) {
                Some(Ok(folder)) => remove_unpublished(work, &folder).await,
                _ => Ok(()),
            }
        };
        if let Err(error) = removed.await {
            tracing::warn!(job = work.job.id, %error, "files of the export remain until the next start");
        }
    }
}

async fn start(work: &LeasedJob, tx: Transaction) -> Result<DatasetExportJob, Stop> {
    let Some((at, mut export)) = work.load::<DatasetExportJob>(&work.job.resource_arn).await? else {
        work.finish(tx).await?;
        return Err(Stop::Lost);
    };
    export.status = Status::CreateInProgress;
    export.updated_ms = work.ctx.now();
    tx.replace(at, &export)?;
    work.step("start", tx).await?;
    Ok(export)
}

async fn source(work: &LeasedJob, export: &DatasetExportJob) -> Result<(Dataset, Schema), Stop> {
    let gone = |what: &str| Stop::Failed(format!("{what} does not exist any more."));
    let found = work.load::<Dataset>(&export.dataset_arn).await?.filter(|(_, d)| !d.status.is_deleting());
    let (_, dataset) = found.ok_or_else(|| gone(&export.dataset_arn))?;
    let schema = work.load::<SchemaResource>(&dataset.schema_arn).await?;
    let (_, schema) = schema.ok_or_else(|| gone(&dataset.schema_arn))?;
    let schema = schema.parsed().map_err(|error| Stop::Failed(error.to_string()))?;
    Ok((dataset, schema))
}

async fn write(
    work: &LeasedJob,
    export: &DatasetExportJob,
    dataset: Dataset,
    schema: Schema,
    key_prefix: &str,
) -> Result<Vec<ObjectRecord>, Stop> {
    let mut imported_ms = dataset.bulk_imported_ms.clone();
    imported_ms.resize(dataset.bulk_files.len(), 0);
    let (bulk, bulk_rows) = match export.ingestion_mode {
        IngestionMode::Put => (Vec::new(), 0),
        _ => (dataset.bulk_files.iter().cloned().zip(imported_ms).collect(), dataset.bulk_rows),
    };
    let (streamed, streamed_rows) = match export.ingestion_mode {
        IngestionMode::Bulk => (None, 0),
        _ => {
            let stream = stream_of(&dataset);
            let (rows, last) = extent(&*work.ctx.stores.events, &stream).await?;
            (Some((stream, last)), rows)
        }
    };
    let rows = bulk_rows + streamed_rows;
    let by_id = matches!(dataset.dataset_type, DatasetType::Items | DatasetType::Users | DatasetType::Actions);
    let keep = if by_id && export.ingestion_mode == IngestionMode::All { Keep::NewestOfId } else { Keep::Distinct };
    let blob_prefix = work.blob_folder("s3");
    let aside = format!("{}{}-", unfinished(&work.job.id), work.job.attempts);
    let (ctx, cancel, handle) = (work.ctx.clone(), work.cancel.clone(), Handle::current());
    let (key_prefix, resource) = (key_prefix.to_owned(), work.job.resource_arn.clone());
    let written = blocking(move || {
        let mut source = AllRows { ctx: &ctx, schema: &schema, bulk, streamed, handle: handle.clone() };
        let mut files = Vec::new();
        let export = Request {
            schema: &schema,
            keep,
            rows,
            rows_in_memory: ROWS_IN_MEMORY,
            file_bytes_max: EXPORT_FILE_BYTES_MAX,
        };
        let mut open = |n| {
            let (key, blob) = (format!("{key_prefix}{n}.csv"), format!("{blob_prefix}/{n}"));
            OutputFile::create(&*ctx.stores.blobs, key, blob, handle.clone())
        };
        let mut finish = |file: OutputFile| {
            files.push(file.finish("text/csv", &dataset.arn, ctx.now())?);
            Ok(())
        };
        let report = |done: u64| {
            let note = RECORDS.with(&[&done]);
            (ctx.progress)(&resource, &Progress { stage: "export", done, total: rows.max(done), note, epoch: None });
        };
        let mut aside = Aside { ctx: &ctx, handle: handle.clone(), prefix: aside };
        let watch = Watch { progress: &report, cancelled: &|| cancel.is_cancelled() };
        let done = export_csv(&export, &mut source, &mut aside, &mut open, &mut finish, &watch)?;
        tracing::info!(resource, records = done.rows, files = done.files, "exported");
        Ok::<_, ImportError>(files)
    });
    written.await?.map_err(|error| match error {
        ImportError::Data(text) => Stop::Failed(text),
        ImportError::Store(error) => error.into(),
        ImportError::Cancelled => Stop::Shutdown,
    })
}

/// Records of the dataset that are set aside, in blobs that the end of the job removes at the latest.
struct Aside<'a> {
    ctx: &'a JobsCtx,
    handle: Handle,
    prefix: String,
}

impl Aside<'_> {
    fn key(&self, part: usize) -> String {
        format!("{}{part}", self.prefix)
    }
}

impl SetAside for Aside<'_> {
    type Sink = BlobSink;

    fn create(&mut self, part: usize) -> Result<BlobSink, Error> {
        BlobSink::create_blocking(&*self.ctx.stores.blobs, &self.key(part), self.handle.clone())
    }

    fn finish(&mut self, sink: BlobSink) -> Result<(), Error> {
        sink.finish().map(drop)
    }

    fn read(&mut self, part: usize) -> Result<Box<dyn Read>, Error> {
        let blobs = self.ctx.stores.blobs.clone();
        Ok(Box::new(BlobFile::open_blocking(blobs, &self.key(part), self.handle.clone())?))
    }

    fn delete(&mut self, part: usize) -> Result<(), Error> {
        self.handle.block_on(self.ctx.stores.blobs.delete(&self.key(part)))
    }
}

/// Makes the files visible; returns the blobs of those they replace.
async fn publish(
    work: &LeasedJob,
    tx: Transaction,
    folder: &S3Path,
    prefix: &str,
    files: &[ObjectRecord],
) -> Result<Vec<String>, Stop> {
    let Some((at, mut export)) = work.load::<DatasetExportJob>(&work.job.resource_arn).await? else {
        work.finish(tx).await?;
        return Err(Stop::Lost);
    };
    // The bucket may have gone while the files were written.
    self::folder(work, &export.output.path).await?;
    let mut replaced = publish_objects(work, &tx, &folder.bucket, files).await?;
    let older = Older { prefix, suffix: ".csv", written_for: &export.dataset_arn };
    replaced.extend(remove_older(work, &tx, &folder.bucket, &older, files).await?);
    export.status = Status::Active;
    export.failure_reason = None;
    export.updated_ms = work.ctx.now();
    tx.replace(at, &export)?;
    work.finish(tx).await?;
    Ok(replaced)
}
