//! The files of the buckets of this server and of those outside that the configuration names, as the console reads and copies them.

use crate::console_copies::{CHUNKS_WAITING_MAX, Chunks, Counted, Source};
use axum::body::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use tastemaker_compute::{ImportError, Readable, copy_readable_file, inspect_file, rewrite_file};
use tastemaker_console::data_ports::{
    BucketFolder, CopyProgress, FileError, Files, ObjectBytes, ReadableCopies, StoredObject,
};
use tastemaker_domain::Member;
use tastemaker_domain::csv_columns::{CsvRewrite, InspectedCsv};
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_s3::{Buckets, PutError};
use tastemaker_store::external_buckets::{ExternalBucket, ExternalBuckets, ExternalError, ReadableBlobs};
use tastemaker_store::objects::{self, ObjectRecord};
use tastemaker_store::{BlobFile, Blobs};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// Ends the name of the folder of rewritten copies, which lies beside that of the files.
const MAPPED: &str = "-mapped/";
/// The same for copies without unreadable rows.
const READABLE: &str = "-readable/";
/// The bucket of this server with the copies of files outside, which may be read-only, and the folder of these copies. No dataset
/// group has its name, which begins the folders of uploads.
const COPIES_BUCKET: &str = "tastemaker-uploads";
const COPIES_FOLDER: &str = "_outside/";

/// The buckets of this server and those outside.
pub struct ConsoleFiles {
    /// Of this server.
    pub buckets: Buckets,
    /// Outside.
    pub external: Arc<ExternalBuckets>,
}

impl ConsoleFiles {
    /// The bucket outside of that name, unless this server has one.
    async fn outside(&self, bucket: &str) -> Result<Option<ExternalBucket>, FileError> {
        if objects::bucket_exists(&*self.buckets.records, bucket).await.map_err(storage)? {
            return Ok(None);
        }
        self.external.find(bucket).map_err(refused)
    }

    /// The blobs of this server with the objects outside, by whose keys records name them.
    fn sources(&self) -> Arc<dyn Blobs> {
        Arc::new(ReadableBlobs::new(self.buckets.blobs.clone(), self.external.clone()))
    }

    /// The object with exactly this key.
    async fn object(&self, bucket: &str, key: &str) -> Result<Option<ObjectRecord>, FileError> {
        match self.outside(bucket).await? {
            Some(outside) => outside.find(key).await.map_err(refused),
            None => {
                let found = objects::find(&*self.buckets.records, bucket, key).await.map_err(storage)?;
                Ok(found.map(|(_, object)| object))
            }
        }
    }

    /// The objects whose key begins with a folder.
    async fn objects_below(&self, bucket: &str, folder: &str) -> Result<Vec<ObjectRecord>, FileError> {
        match self.outside(bucket).await? {
            Some(outside) => outside.list(folder).await.map_err(refused),
            None => self.buckets.list(bucket, folder).await.map_err(storage),
        }
    }

    /// The files of a location that have bytes, in the order of their keys, with the location.
    async fn files(&self, location: &str) -> Result<(S3Path, Vec<ObjectRecord>), FileError> {
        let path = S3Path::parse(Member::DataLocation, location).map_err(|error| FileError::Data(error.to_string()))?;
        let found = if path.is_folder() {
            let all = self.objects_below(&path.bucket, &path.key).await?;
            all.into_iter().filter(|object| object.size_bytes > 0 && !object.key.ends_with('/')).collect()
        } else {
            self.object(&path.bucket, &path.key).await?.into_iter().collect::<Vec<_>>()
        };
        if found.is_empty() {
            return Err(FileError::Data(format!("There is no file at {location}, or it is empty.")));
        }
        Ok((path, found))
    }

    /// The bucket and the folder of the copies of a location: beside it, or in a bucket of this server.
    async fn place_of_copies(&self, path: &S3Path, suffix: &str) -> Result<(String, String), FileError> {
        let key = plain_name(path.key.trim_end_matches('/'));
        Ok(match self.outside(&path.bucket).await? {
            None => (path.bucket.clone(), format!("{key}{suffix}")),
            Some(_) => (COPIES_BUCKET.to_owned(), format!("{COPIES_FOLDER}{}/{key}{suffix}", path.bucket)),
        })
    }

    async fn put_into(
        &self,
        bucket: &str,
        key: &str,
        body: BoxStream<'_, io::Result<Bytes>>,
        bytes_max: u64,
    ) -> Result<u64, FileError> {
        self.buckets.ensure(bucket).await.map_err(storage)?;
        self.buckets.put(bucket, key, body, bytes_max).await.map_err(|error| match error {
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
        let (bucket, folder) = self.place_of_copies(&path, suffix).await?;
        self.delete_below(&bucket, &folder).await?;
        let mut said = Vec::with_capacity(files.len());
        for object in &files {
            let file = object.key.rsplit('/').next().unwrap_or(&object.key);
            let key = format!("{folder}{}.csv", plain_name(file));
            let name = format!("s3://{}/{}", path.bucket, object.key);
            match self.copy_one(&bucket, &key, (&name, object), progress, copy.clone()).await {
                Ok(of_file) => said.push(of_file),
                Err(error) => {
                    self.delete_below(&bucket, &folder).await?;
                    return Err(error);
                }
            }
        }
        Ok((format!("s3://{bucket}/{folder}"), said))
    }

    async fn copy_one<T: Send + 'static>(
        &self,
        bucket: &str,
        key: &str,
        (name, object): (&str, &ObjectRecord),
        progress: &Arc<CopyProgress>,
        copy: impl FnOnce(Source, &str, &mut Chunks, &dyn Fn() -> bool) -> Result<T, ImportError> + Send + 'static,
    ) -> Result<T, FileError> {
        let file = BlobFile::open(self.sources(), &object.blob).await.map_err(storage)?;
        let counted = Counted::new(object.size_bytes, progress.clone());
        let source = Source { again: file.reopen(), file, counted: counted.clone() };
        let (progress, given_up) = (progress.clone(), progress.clone());
        let (chunks, stored) = mpsc::channel::<io::Result<Bytes>>(CHUNKS_WAITING_MAX);
        let name = name.to_owned();
        let copying = tokio::task::spawn_blocking(move || {
            let mut sink = Chunks::new(chunks.clone());
            // Nobody stores any more what is copied.
            let copied = copy(source, &name, &mut sink, &|| chunks.is_closed() || progress.is_cancelled());
            match &copied {
                Ok(_) => counted.finish(),
                Err(error) => drop(chunks.blocking_send(Err(io::Error::other(error.to_string())))),
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

/// A name without the ends that tell the format and the packing.
fn plain_name(name: &str) -> &str {
    let ends = [".gz", ".zst", ".csv", ".jsonl", ".ndjson", ".json", ".parquet"];
    ends.iter().fold(name, |name, end| name.strip_suffix(end).unwrap_or(name))
}

fn storage(error: tastemaker_store::Error) -> FileError {
    FileError::Storage(error.to_string())
}

/// A refusal of a server outside is for the customer, who named the bucket.
fn refused(error: ExternalError) -> FileError {
    match error {
        ExternalError::Refused(text) => FileError::Data(text),
        other => FileError::Storage(other.to_string()),
    }
}

fn shown(object: ObjectRecord) -> StoredObject {
    StoredObject { key: object.key, bytes: object.size_bytes, stored_ms: object.last_modified_ms }
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
        let listed = async move { Ok(self.objects_below(bucket, prefix).await?.into_iter().map(shown).collect()) };
        listed.boxed()
    }

    fn delete_below<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<(), FileError>> {
        async move { self.buckets.delete_below(bucket, prefix).await.map(|_| ()).map_err(storage) }.boxed()
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
            let (blobs, blob, handle) = (self.sources(), first.blob.clone(), Handle::current());
            let looked = tokio::task::spawn_blocking(move || {
                let source = BlobFile::open_blocking(blobs, &blob, handle)?;
                let again = source.reopen();
                inspect_file(source, || Ok(tastemaker_compute::BlobParquet::from(again)), &name, dataset_type)
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
                let again = source.at_random();
                rewrite_file(source, || Ok(again), name, &rewrite, sink, cancelled)
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
                let again = source.at_random();
                copy_readable_file(source, || Ok(again), name, &schema, sink, cancelled)
            };
            let (location, said) = self.copies(location, READABLE, progress, copy).await?;
            let mut all = Readable::default();
            said.into_iter().for_each(|of_file| all.add(of_file));
            Ok(ReadableCopies { location, rows: all.rows, refused: all.refused })
        };
        copied.boxed()
    }

    fn ensure_bucket<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), FileError>> {
        async move { self.buckets.ensure(bucket).await.map_err(storage) }.boxed()
    }

    fn buckets<'a>(&'a self) -> BoxFuture<'a, Result<Vec<String>, FileError>> {
        let names = async move {
            let mut names = self.buckets.names().await.map_err(storage)?;
            names.extend(self.external.names());
            names.sort_unstable();
            names.dedup();
            Ok(names)
        };
        names.boxed()
    }

    fn folder<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<BucketFolder, FileError>> {
        let listed = async move {
            if let Some(outside) = self.outside(bucket).await? {
                let (folders, objects) = outside.folder(prefix).await.map_err(refused)?;
                return Ok(BucketFolder { folders, objects: objects.into_iter().map(shown).collect() });
            }
            let mut folders = BTreeSet::new();
            let mut objects = Vec::new();
            for object in self.buckets.list(bucket, prefix).await.map_err(storage)? {
                match object.key.get(prefix.len()..).and_then(|rest| rest.split_once('/')) {
                    Some((folder, _)) => drop(folders.insert(format!("{prefix}{folder}/"))),
                    None => objects.push(shown(object)),
                }
            }
            Ok(BucketFolder { folders: folders.into_iter().collect(), objects })
        };
        listed.boxed()
    }

    fn read<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<Option<ObjectBytes>, FileError>> {
        let opened = async move {
            let Some(object) = self.object(bucket, key).await? else { return Ok(None) };
            let bytes = self.sources().read(&object.blob, None).await.map_err(storage)?;
            Ok(Some((object.size_bytes, bytes.map(|chunk| chunk.map_err(io::Error::other)).boxed())))
        };
        opened.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;
    use tastemaker_store::external_buckets::Written;
    use tastemaker_store::{MemoryBlobs, Stores};

    fn files() -> ConsoleFiles {
        let Stores { records, blobs, .. } = Stores::in_memory();
        let buckets = Buckets { records, blobs, clock: Arc::new(SystemTime::now) };
        ConsoleFiles { buckets, external: Arc::new(ExternalBuckets::in_memory(&["outside"])) }
    }

    async fn put(files: &ConsoleFiles, key: &str, text: &'static str) {
        let body = futures::stream::iter([Ok(Bytes::from(text))]).boxed();
        files.put("uploads", key, body, 1 << 20).await.expect("an answer");
    }

    /// Puts an object into the bucket outside.
    async fn put_outside(files: &ConsoleFiles, key: &str, text: &'static str) {
        let blobs = MemoryBlobs::new();
        blobs.put("b", Bytes::from(text)).await.expect("stored");
        let bucket = files.external.find("outside").expect("a client").expect("a rule");
        let written = Written { content_type: "text/csv", written_for: "arn" };
        bucket.write(key, &blobs, "b", written).await.expect("written");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn buckets_outside_are_looked_into_and_their_files_copied_into_this_server() {
        let files = files();
        put_outside(&files, "in/ITEMS/a.csv", "sku,n\ni1,1\n").await;
        put_outside(&files, "in/b.csv", "ITEM_ID,N\na,1\n,2\n").await;
        assert_eq!(files.buckets().await.expect("names"), ["outside"]);
        let folder = files.folder("outside", "in/").await.expect("a folder");
        let objects: Vec<_> = folder.objects.iter().map(|object| (object.key.as_str(), object.bytes)).collect();
        assert_eq!((folder.folders, objects), (vec!["in/ITEMS/".to_owned()], vec![("in/b.csv", 17)]));
        let found = files.inspect("s3://outside/in/ITEMS/", DatasetType::Items).await.expect("columns");
        assert_eq!(found.columns[0].header, "sku");
        let (len, bytes) = files.read("outside", "in/b.csv").await.expect("an answer").expect("an object");
        assert_eq!((len, bytes.map(Result::unwrap).collect::<Vec<Bytes>>().await.concat().len()), (17, 17));
        let names = vec![("sku".to_owned(), "ITEM_ID".to_owned())];
        let rewrite = CsvRewrite { names, ..CsvRewrite::default() };
        let copies = files.rewrite("s3://outside/in/ITEMS/", &rewrite, &progress()).await.expect("copies");
        assert_eq!(copies, "s3://tastemaker-uploads/_outside/outside/in/ITEMS-mapped/");
        let (_, copy) = objects::find(&*files.buckets.records, COPIES_BUCKET, "_outside/outside/in/ITEMS-mapped/a.csv")
            .await
            .expect("an answer")
            .expect("a copy");
        assert_eq!(copy.size_bytes, "ITEM_ID,n\ni1,1\n".len() as u64);
        let fields = r#"{"name":"ITEM_ID","type":"string"},{"name":"N","type":"string"}"#;
        let schema = format!(r#"{{"type":"record","name":"Items","fields":[{fields}]}}"#);
        let schema = Schema::parse(&schema, None).expect("a schema");
        let copies = files.copy_readable("s3://outside/in/b.csv", &schema, &progress()).await.expect("copies");
        assert_eq!((copies.rows, copies.refused[0].lines[0].file.as_str()), (1, "s3://outside/in/b.csv"));
        let absent = files.inspect("s3://outside/none.csv", DatasetType::Items).await;
        assert!(matches!(&absent, Err(FileError::Data(text)) if text.contains("s3://outside/none.csv")), "{absent:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_progress_of_a_parquet_copy_is_counted() {
        let fields = r#"{"name":"ITEM_ID","type":"string"},{"name":"UNREAD","type":"string"}"#;
        let schema = format!(r#"{{"type":"record","name":"Items","fields":[{fields}]}}"#);
        let schema = Schema::parse(&schema, None).expect("a schema");
        let csv = format!("ITEM_ID,UNREAD\na,{}\nb,y\n", "x".repeat(200_000));
        let (rules, mut bytes) = (tastemaker_compute::ImportRules::default(), Vec::new());
        tastemaker_compute::import_csv(csv.as_bytes(), "t.csv", &schema, &rules, &mut bytes, &|_, _| {}, &|| false)
            .expect("a Parquet file");
        let (files, size, progress) = (files(), bytes.len() as u64, progress());
        let body = futures::stream::iter([Ok(Bytes::from(bytes))]).boxed();
        files.put("uploads", "p/a.parquet", body, 1 << 20).await.expect("stored");
        let rewrite = CsvRewrite { columns: vec!["ITEM_ID".to_owned()], ..CsvRewrite::default() };
        files.rewrite("s3://uploads/p/", &rewrite, &progress).await.expect("copies");
        assert_eq!(text_of(&files, "p-mapped/a.csv").await, "ITEM_ID\na\nb\n");
        assert_eq!(progress.bytes(), (size, size));
    }

    async fn text_of(files: &ConsoleFiles, key: &str) -> String {
        let (_, object) =
            objects::find(&*files.buckets.records, "uploads", key).await.expect("an answer").expect("an answer");
        let bytes = files.buckets.blobs.read(&object.blob, None).await.expect("an answer");
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
