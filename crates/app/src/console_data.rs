//! The statistics of data, the reports of imports and the buckets of the server, as the console reads them.

use axum::body::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::sync::Arc;
use tastemaker_compute::{BlobParquet, ImportError, Readable, copy_readable, inspect_file, rewrite_file};
use tastemaker_console::data_ports::{
    BucketFolder, CopyProgress, Datasets, FileError, Files, ObjectBytes, ReadableCopies, StoredObject,
};
use tastemaker_domain::Member;
use tastemaker_domain::csv_columns::{CsvRewrite, InspectedCsv};
use tastemaker_domain::dataset_statistics::{DatasetStatistics, StreamedStatistics};
use tastemaker_domain::import_report::ImportReport;
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_s3::{Buckets, PutError};
use tastemaker_store::objects::{self, ObjectRecord};
use tastemaker_store::records::{self, Record};
use tastemaker_store::{BlobFile, Records};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// Ends the name of the folder of rewritten copies, which lies beside that of the files.
const MAPPED: &str = "-mapped/";
/// The same for copies without unreadable rows.
const READABLE: &str = "-readable/";
/// Bytes of a rewritten copy that are passed on at once.
const CHUNK_BYTES: usize = 256 << 10;
/// Chunks that wait to be stored.
const CHUNKS_WAITING_MAX: usize = 4;

/// Statistics and reports, from their records.
pub struct ConsoleDatasets(pub Arc<dyn Records>);

impl ConsoleDatasets {
    async fn found<R: Record>(&self, id: &str) -> Option<Arc<R>> {
        match records::load::<R>(&*self.0, id).await {
            Ok(found) => found.map(|(_, value)| Arc::new(value)),
            Err(error) => {
                tracing::warn!(id, %error, "the console cannot read a record");
                None
            }
        }
    }
}

impl Datasets for ConsoleDatasets {
    fn statistics<'a>(&'a self, dataset_arn: &'a str) -> BoxFuture<'a, Option<Arc<DatasetStatistics>>> {
        self.found(dataset_arn).boxed()
    }

    fn streamed<'a>(&'a self, dataset_group_arn: &'a str) -> BoxFuture<'a, Option<Arc<StreamedStatistics>>> {
        let found = async move {
            match records::load_streamed_statistics(&*self.0, dataset_group_arn).await {
                Ok((version, counts)) => version.map(|_| Arc::new(counts)),
                Err(error) => {
                    tracing::warn!(dataset_group_arn, %error, "the console cannot read the counts of streamed events");
                    None
                }
            }
        };
        found.boxed()
    }

    fn report<'a>(&'a self, import_job_arn: &'a str) -> BoxFuture<'a, Option<Arc<ImportReport>>> {
        self.found(import_job_arn).boxed()
    }
}

/// The buckets of this server.
pub struct ConsoleFiles(pub Buckets);

impl ConsoleFiles {
    /// The files of a location that have bytes, in the order of their keys, with the location.
    async fn files(&self, location: &str) -> Result<(S3Path, Vec<ObjectRecord>), FileError> {
        let path = S3Path::parse(Member::DataLocation, location).map_err(|error| FileError::Data(error.to_string()))?;
        let found = if path.is_folder() {
            let all = self.0.list(&path.bucket, &path.key).await.map_err(storage)?;
            all.into_iter().filter(|object| object.size_bytes > 0 && !object.key.ends_with('/')).collect()
        } else {
            let found = objects::find(&*self.0.records, &path.bucket, &path.key).await.map_err(storage)?;
            found.into_iter().map(|(_, object)| object).collect::<Vec<_>>()
        };
        if found.is_empty() {
            return Err(FileError::Data(format!("There is no file at {location}, or it is empty.")));
        }
        Ok((path, found))
    }

    async fn put_into(
        &self,
        bucket: &str,
        key: &str,
        body: BoxStream<'_, io::Result<Bytes>>,
        bytes_max: u64,
    ) -> Result<u64, FileError> {
        self.0.ensure(bucket).await.map_err(storage)?;
        self.0.put(bucket, key, body, bytes_max).await.map_err(|error| match error {
            PutError::TooLarge(max) => FileError::TooLarge(max),
            PutError::Interrupted(error) => FileError::Interrupted(error.to_string()),
            PutError::Store(error) => storage(error),
        })
    }

    /// Copies every file of a location into a folder beside theirs; nothing of them stays if one fails. Returns where the copies
    /// are, with what `copy` says of each.
    async fn copies<T: Send + 'static>(
        &self,
        location: &str,
        suffix: &str,
        progress: &Arc<CopyProgress>,
        copy: impl Fn(Source, &str, &mut Chunks, &dyn Fn() -> bool) -> Result<T, ImportError> + Clone + Send + 'static,
    ) -> Result<(String, Vec<T>), FileError> {
        let (path, files) = self.files(location).await?;
        progress.set_total(files.iter().map(|object| object.size_bytes).sum());
        let folder = format!("{}{suffix}", plain_name(path.key.trim_end_matches('/')));
        self.delete_below(&path.bucket, &folder).await?;
        let mut said = Vec::with_capacity(files.len());
        for object in &files {
            let file = object.key.rsplit('/').next().unwrap_or(&object.key);
            let key = format!("{folder}{}.csv", plain_name(file));
            match self.copy_one(&path.bucket, &key, object, progress, copy.clone()).await {
                Ok(of_file) => said.push(of_file),
                Err(error) => {
                    self.delete_below(&path.bucket, &folder).await?;
                    return Err(error);
                }
            }
        }
        Ok((format!("s3://{}/{folder}", path.bucket), said))
    }

    async fn copy_one<T: Send + 'static>(
        &self,
        bucket: &str,
        key: &str,
        object: &ObjectRecord,
        progress: &Arc<CopyProgress>,
        copy: impl FnOnce(Source, &str, &mut Chunks, &dyn Fn() -> bool) -> Result<T, ImportError> + Send + 'static,
    ) -> Result<T, FileError> {
        let file = BlobFile::open(self.0.blobs.clone(), &object.blob).await.map_err(storage)?;
        let source = Source { again: file.reopen(), file, progress: progress.clone() };
        let (progress, given_up) = (progress.clone(), progress.clone());
        let (chunks, stored) = mpsc::channel::<io::Result<Bytes>>(CHUNKS_WAITING_MAX);
        let name = format!("s3://{bucket}/{}", object.key);
        let copying = tokio::task::spawn_blocking(move || {
            let mut sink = Chunks { chunks: chunks.clone(), buffer: Vec::with_capacity(CHUNK_BYTES) };
            // Nobody stores any more what is copied.
            let copied = copy(source, &name, &mut sink, &|| chunks.is_closed() || progress.is_cancelled());
            if let Err(error) = &copied {
                drop(chunks.blocking_send(Err(io::Error::other(error.to_string()))));
            }
            copied
        });
        let body = futures::stream::unfold(stored, |mut stored| async move { Some((stored.recv().await?, stored)) });
        let put = self.put_into(bucket, key, body.boxed(), u64::MAX).await;
        match copying.await.map_err(|error| FileError::Storage(error.to_string()))? {
            Err(ImportError::Data(text)) => Err(FileError::Data(text)),
            Err(ImportError::Store(error)) => Err(storage(error)),
            Err(ImportError::Cancelled) if given_up.is_cancelled() => Err(FileError::Cancelled),
            Err(error @ ImportError::Cancelled) => {
                put?;
                Err(FileError::Storage(error.to_string()))
            }
            Ok(said) => put.map(|_| said),
        }
    }
}

/// A file that is copied; what is read of it is counted.
struct Source {
    file: BlobFile,
    /// The same file, to be read at random.
    again: BlobFile,
    progress: Arc<CopyProgress>,
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.file.read(out)?;
        self.progress.add(len as u64);
        Ok(len)
    }
}

/// A name without the ends that tell the format and the packing.
fn plain_name(name: &str) -> &str {
    let ends = [".gz", ".zst", ".csv", ".jsonl", ".ndjson", ".json", ".parquet"];
    ends.iter().fold(name, |name, end| name.strip_suffix(end).unwrap_or(name))
}

/// Passes what is written on in chunks, from a blocking thread.
struct Chunks {
    chunks: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK_BYTES));
        self.chunks.blocking_send(Ok(chunk.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

fn storage(error: tastemaker_store::Error) -> FileError {
    FileError::Storage(error.to_string())
}

impl Files for ConsoleFiles {
    fn put<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        body: BoxStream<'a, io::Result<Bytes>>,
        bytes_max: u64,
    ) -> BoxFuture<'a, Result<u64, FileError>> {
        self.put_into(bucket, key, body, bytes_max).boxed()
    }

    fn list<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<Vec<StoredObject>, FileError>> {
        let listed = async move {
            let found = self.0.list(bucket, prefix).await.map_err(storage)?;
            let object = |object: ObjectRecord| StoredObject {
                key: object.key,
                bytes: object.size_bytes,
                stored_ms: object.last_modified_ms,
            };
            Ok(found.into_iter().map(object).collect())
        };
        listed.boxed()
    }

    fn delete_below<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<(), FileError>> {
        async move { self.0.delete_below(bucket, prefix).await.map(|_| ()).map_err(storage) }.boxed()
    }

    fn inspect<'a>(
        &'a self,
        location: &'a str,
        dataset_type: DatasetType,
    ) -> BoxFuture<'a, Result<InspectedCsv, FileError>> {
        let inspected = async move {
            let (path, files) = self.files(location).await?;
            let Some(first) = files.first() else { return Err(FileError::Data(String::new())) };
            let name = format!("s3://{}/{}", path.bucket, first.key);
            let (blobs, blob, handle) = (self.0.blobs.clone(), first.blob.clone(), Handle::current());
            let looked = tokio::task::spawn_blocking(move || {
                let source = BlobFile::open_blocking(blobs, &blob, handle)?;
                let again = source.reopen();
                inspect_file(source, || Ok(BlobParquet::from(again)), &name, dataset_type)
            });
            match looked.await.map_err(|error| FileError::Storage(error.to_string()))? {
                Ok(inspected) => Ok(inspected),
                Err(ImportError::Data(text)) => Err(FileError::Data(text)),
                Err(error) => Err(FileError::Storage(error.to_string())),
            }
        };
        inspected.boxed()
    }

    fn rewrite<'a>(
        &'a self,
        location: &'a str,
        rewrite: &'a CsvRewrite,
        progress: &'a Arc<CopyProgress>,
    ) -> BoxFuture<'a, Result<String, FileError>> {
        let rewrite = rewrite.clone();
        let copied = async move {
            let copy = move |source: Source, name: &str, sink: &mut Chunks, cancelled: &dyn Fn() -> bool| {
                let again = source.again.reopen();
                rewrite_file(source, || Ok(BlobParquet::from(again)), name, &rewrite, sink, cancelled)
            };
            self.copies(location, MAPPED, progress, copy).await.map(|(location, _)| location)
        };
        copied.boxed()
    }

    fn copy_readable<'a>(
        &'a self,
        location: &'a str,
        schema: &'a Schema,
        progress: &'a Arc<CopyProgress>,
    ) -> BoxFuture<'a, Result<ReadableCopies, FileError>> {
        let schema = schema.clone();
        let copied = async move {
            let copy = move |source: Source, name: &str, sink: &mut Chunks, cancelled: &dyn Fn() -> bool| {
                copy_readable(source, name, &schema, sink, cancelled)
            };
            let (location, said) = self.copies(location, READABLE, progress, copy).await?;
            let mut all = Readable::default();
            said.into_iter().for_each(|of_file| all.add(of_file));
            Ok(ReadableCopies { location, rows: all.rows, refused: all.refused })
        };
        copied.boxed()
    }

    fn ensure_bucket<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), FileError>> {
        async move { self.0.ensure(bucket).await.map_err(storage) }.boxed()
    }

    fn buckets<'a>(&'a self) -> BoxFuture<'a, Result<Vec<String>, FileError>> {
        async move { self.0.names().await.map_err(storage) }.boxed()
    }

    fn folder<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<BucketFolder, FileError>> {
        let listed = async move {
            let mut folders = BTreeSet::new();
            let mut objects = Vec::new();
            for object in self.0.list(bucket, prefix).await.map_err(storage)? {
                match object.key.get(prefix.len()..).and_then(|rest| rest.split_once('/')) {
                    Some((folder, _)) => drop(folders.insert(format!("{prefix}{folder}/"))),
                    None => objects.push(StoredObject {
                        key: object.key,
                        bytes: object.size_bytes,
                        stored_ms: object.last_modified_ms,
                    }),
                }
            }
            Ok(BucketFolder { folders: folders.into_iter().collect(), objects })
        };
        listed.boxed()
    }

    fn read<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<Option<ObjectBytes>, FileError>> {
        let opened = async move {
            let found = objects::find(&*self.0.records, bucket, key).await.map_err(storage)?;
            let Some((_, object)) = found else { return Ok(None) };
            let bytes = self.0.blobs.read(&object.blob, None).await.map_err(storage)?;
            Ok(Some((object.size_bytes, bytes.map(|chunk| chunk.map_err(io::Error::other)).boxed())))
        };
        opened.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;
    use tastemaker_store::Stores;

    fn files() -> ConsoleFiles {
        let Stores { records, blobs, .. } = Stores::in_memory();
        ConsoleFiles(Buckets { records, blobs, clock: Arc::new(SystemTime::now) })
    }

    async fn put(files: &ConsoleFiles, key: &str, text: &'static str) {
        let body = futures::stream::iter([Ok(Bytes::from(text))]).boxed();
        files.put("uploads", key, body, 1 << 20).await.expect("an answer");
    }

    async fn text_of(files: &ConsoleFiles, key: &str) -> String {
        let (_, object) =
            objects::find(&*files.0.records, "uploads", key).await.expect("an answer").expect("an answer");
        let bytes = files.0.blobs.read(&object.blob, None).await.expect("an answer");
        let bytes: Vec<Bytes> = bytes.map(Result::unwrap).collect().await;
        String::from_utf8(bytes.concat()).expect("an answer")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn files_are_looked_at_and_rewritten_beside_themselves() {
        let files = files();
        put(&files, "shop/ITEMS/1/a.csv", "sku;preis\ni1;1,5\n").await;
        put(&files, "shop/ITEMS/1/b.csv", "sku;preis\ni2;2\n").await;
        let location = "s3://uploads/shop/ITEMS/1/";
        let found = files.inspect(location, DatasetType::Items).await.expect("an answer");
        assert_eq!((found.separator, found.columns[0].name.as_str()), (Some(';'), "ITEM_ID"));
        let names = vec![("sku".to_owned(), "ITEM_ID".to_owned())];
        let rewrite = CsvRewrite { separator: Some(';'), names, ..CsvRewrite::default() };
        let copies = files.rewrite(location, &rewrite, &progress()).await.expect("an answer");
        assert_eq!(copies, "s3://uploads/shop/ITEMS/1-mapped/");
        assert_eq!(text_of(&files, "shop/ITEMS/1-mapped/a.csv").await, "ITEM_ID,preis\ni1,1.5\n");
        assert_eq!(text_of(&files, "shop/ITEMS/1-mapped/b.csv").await, "ITEM_ID,preis\ni2,2\n");
        assert_eq!(text_of(&files, "shop/ITEMS/1/a.csv").await, "sku;preis\ni1;1,5\n", "the file stays as it is");
        let copies = files.rewrite("s3://uploads/shop/ITEMS/1/a.csv", &rewrite, &progress()).await.expect("an answer");
        assert_eq!(copies, "s3://uploads/shop/ITEMS/1/a-mapped/");
    }

    fn progress() -> Arc<CopyProgress> {
        Arc::default()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn json_lines_become_a_csv_with_progress_and_a_copy_may_be_given_up() {
        let files = files();
        put(&files, "x/a.jsonl", "{\"who\":\"u\",\"when\":\"2024-05-31\"}\n").await;
        let found = files.inspect("s3://uploads/x/", DatasetType::Interactions).await.expect("an answer");
        assert_eq!((found.columns[0].header.as_str(), found.columns[1].name.as_str()), ("who", "when"));
        let rewrite = CsvRewrite {
            columns: vec!["who".into(), "when".into()],
            times: vec![("when".into(), tastemaker_domain::csv_columns::TimeFormat::Iso8601)],
            ..CsvRewrite::default()
        };
        let progress = progress();
        assert_eq!(
            files.rewrite("s3://uploads/x/", &rewrite, &progress).await.as_deref(),
            Ok("s3://uploads/x-mapped/")
        );
        assert_eq!(text_of(&files, "x-mapped/a.csv").await, "who,when\nu,1717113600\n");
        assert_eq!(progress.bytes(), (32, 32));
        progress.cancel();
        assert_eq!(files.rewrite("s3://uploads/x/", &rewrite, &progress).await, Err(FileError::Cancelled));
        assert_eq!(files.list("uploads", "x-mapped/").await.expect("an answer"), []);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn buckets_are_a_tree_whose_objects_can_be_read() {
        let files = files();
        assert_eq!(files.buckets().await.expect("an answer"), Vec::<String>::new());
        put(&files, "a/b/c.csv", "x\n").await;
        put(&files, "a/d.csv", "y\n").await;
        assert_eq!(files.buckets().await.expect("an answer"), ["uploads"]);
        let top = files.folder("uploads", "").await.expect("an answer");
        assert_eq!((top.folders, top.objects), (vec!["a/".to_owned()], Vec::new()));
        let below = files.folder("uploads", "a/").await.expect("an answer");
        assert_eq!((below.folders, below.objects[0].key.as_str()), (vec!["a/b/".to_owned()], "a/d.csv"));
        let (len, bytes) = files.read("uploads", "a/d.csv").await.expect("an answer").expect("an object");
        let bytes: Vec<Bytes> = bytes.map(Result::unwrap).collect().await;
        assert_eq!((len, bytes.concat()), (2, b"y\n".to_vec()));
        assert!(files.read("uploads", "none").await.expect("an answer").is_none());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_copy_that_fails_leaves_nothing() {
        let files = files();
        put(&files, "x/a.csv", "sku,n\n1,2\n").await;
        put(&files, "x/b.csv", "other,n\n1,2\n").await;
        let names = vec![("sku".to_owned(), "ITEM_ID".to_owned())];
        let failed =
            files.rewrite("s3://uploads/x/", &CsvRewrite { names, ..CsvRewrite::default() }, &progress()).await;
        assert!(matches!(&failed, Err(FileError::Data(text)) if text.contains("lacks the column sku")), "{failed:?}");
        assert_eq!(files.list("uploads", "x-mapped/").await.expect("an answer"), []);
        for location in ["s3://uploads/none.csv", "s3://nowhere/", "C:/a.csv"] {
            let failed = files.inspect(location, DatasetType::Items).await;
            assert!(matches!(failed, Err(FileError::Data(_))), "{location}: {failed:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn copies_without_unreadable_rows_are_told_of_line_by_line() {
        let files = files();
        let fields = r#"{"name":"ITEM_ID","type":"string"},{"name":"N","type":"string"}"#;
        let text = format!(r#"{{"type":"record","name":"Items","fields":[{fields}]}}"#);
        let schema = Schema::parse(&text, None).expect("an answer");
        put(&files, "x/a.csv", "ITEM_ID,N\na,1\n,2\n").await;
        put(&files, "x/b.csv", "ITEM_ID,N\nb\nc,3\n").await;
        let copies = files.copy_readable("s3://uploads/x/", &schema, &progress()).await.expect("an answer");
        assert_eq!((copies.location.as_str(), copies.rows), ("s3://uploads/x-readable/", 2));
        let lines: Vec<_> = copies.refused.iter().map(|of| (of.lines[0].file.as_str(), of.lines[0].line)).collect();
        assert_eq!(lines, [("s3://uploads/x/a.csv", 3), ("s3://uploads/x/b.csv", 2)]);
        assert_eq!(text_of(&files, "x-readable/a.csv").await, "ITEM_ID,N\na,1\n");
        assert_eq!(text_of(&files, "x-readable/b.csv").await, "ITEM_ID,N\nc,3\n");
    }
}
