//! A server that knows nothing of data and has no files, and buckets in memory.

use crate::data_ports::{
    BucketFolder, CopyProgress, Datasets, FileError, Files, ObjectBytes, ReadableCopies, StoredObject,
};
use axum::body::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryStreamExt};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use tastemaker_domain::csv_columns::{CsvRewrite, InspectedCsv};
use tastemaker_domain::dataset_statistics::{DatasetStatistics, StreamedStatistics};
use tastemaker_domain::import_report::ImportReport;
use tastemaker_domain::schema::{DatasetType, Schema};

/// No statistics, no reports, no files.
pub struct NoData;

fn none<T: Send + 'static>() -> BoxFuture<'static, Result<T, FileError>> {
    async { Err(FileError::Data("There is no file.".to_owned())) }.boxed()
}

impl Datasets for NoData {
    fn statistics<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Arc<DatasetStatistics>>> {
        async { None }.boxed()
    }

    fn streamed<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Arc<StreamedStatistics>>> {
        async { None }.boxed()
    }

    fn report<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Arc<ImportReport>>> {
        async { None }.boxed()
    }
}

impl Files for NoData {
    fn put<'a>(
        &'a self,
        _: &'a str,
        _: &'a str,
        _: BoxStream<'a, io::Result<Bytes>>,
        _: u64,
    ) -> BoxFuture<'a, Result<u64, FileError>> {
        none()
    }

    fn list<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Vec<StoredObject>, FileError>> {
        async { Ok(Vec::new()) }.boxed()
    }

    fn delete_below<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<(), FileError>> {
        async { Ok(()) }.boxed()
    }

    fn inspect<'a>(&'a self, _: &'a str, _: DatasetType) -> BoxFuture<'a, Result<InspectedCsv, FileError>> {
        none()
    }

    fn rewrite<'a>(
        &'a self,
        _: &'a str,
        _: &'a CsvRewrite,
        _: &'a Arc<CopyProgress>,
    ) -> BoxFuture<'a, Result<String, FileError>> {
        none()
    }

    fn copy_readable<'a>(
        &'a self,
        _: &'a str,
        _: &'a Schema,
        _: &'a Arc<CopyProgress>,
    ) -> BoxFuture<'a, Result<ReadableCopies, FileError>> {
        none()
    }

    fn ensure_bucket<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), FileError>> {
        async { Ok(()) }.boxed()
    }

    fn buckets<'a>(&'a self) -> BoxFuture<'a, Result<Vec<String>, FileError>> {
        async { Ok(Vec::new()) }.boxed()
    }

    fn folder<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<BucketFolder, FileError>> {
        async { Ok(BucketFolder::default()) }.boxed()
    }

    fn read<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Option<ObjectBytes>, FileError>> {
        async { Ok(None) }.boxed()
    }
}

/// Objects in memory, by `bucket/key`.
#[derive(Default)]
pub struct KeptFiles(pub Mutex<BTreeMap<String, Vec<u8>>>);

impl KeptFiles {
    fn below(&self, bucket: &str, prefix: &str) -> Vec<StoredObject> {
        let place = format!("{bucket}/{prefix}");
        let objects = self.0.lock();
        let found = objects.iter().filter(|(name, _)| name.starts_with(&place));
        let object = |(name, content): (&String, &Vec<u8>)| StoredObject {
            key: name[bucket.len() + 1..].to_owned(),
            bytes: content.len() as u64,
            stored_ms: 1,
        };
        found.map(object).collect()
    }
}

impl Files for KeptFiles {
    fn put<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        body: BoxStream<'a, io::Result<Bytes>>,
        _: u64,
    ) -> BoxFuture<'a, Result<u64, FileError>> {
        async move {
            let pieces: Vec<Bytes> = body.try_collect().await.map_err(|e| FileError::Interrupted(e.to_string()))?;
            let content = pieces.concat();
            let bytes = content.len() as u64;
            self.0.lock().insert(format!("{bucket}/{key}"), content);
            Ok(bytes)
        }
        .boxed()
    }

    fn list<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<Vec<StoredObject>, FileError>> {
        let found = self.below(bucket, prefix);
        async { Ok(found) }.boxed()
    }

    fn delete_below<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<(), FileError>> {
        let place = format!("{bucket}/{prefix}");
        self.0.lock().retain(|name, _| !name.starts_with(&place));
        async { Ok(()) }.boxed()
    }

    fn inspect<'a>(&'a self, at: &'a str, kind: DatasetType) -> BoxFuture<'a, Result<InspectedCsv, FileError>> {
        NoData.inspect(at, kind)
    }

    fn rewrite<'a>(
        &'a self,
        at: &'a str,
        rewrite: &'a CsvRewrite,
        progress: &'a Arc<CopyProgress>,
    ) -> BoxFuture<'a, Result<String, FileError>> {
        NoData.rewrite(at, rewrite, progress)
    }

    fn copy_readable<'a>(
        &'a self,
        at: &'a str,
        schema: &'a Schema,
        progress: &'a Arc<CopyProgress>,
    ) -> BoxFuture<'a, Result<ReadableCopies, FileError>> {
        NoData.copy_readable(at, schema, progress)
    }

    fn ensure_bucket<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), FileError>> {
        async { Ok(()) }.boxed()
    }

    fn buckets<'a>(&'a self) -> BoxFuture<'a, Result<Vec<String>, FileError>> {
        NoData.buckets()
    }

    fn folder<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<BucketFolder, FileError>> {
        NoData.folder(bucket, prefix)
    }

    fn read<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<Option<ObjectBytes>, FileError>> {
        let found = self.0.lock().get(&format!("{bucket}/{key}")).cloned();
        let stream = |content: Vec<u8>| {
            let bytes = content.len() as u64;
            (bytes, futures::stream::iter([Ok(Bytes::from(content))]).boxed())
        };
        async move { Ok(found.map(stream)) }.boxed()
    }
}
