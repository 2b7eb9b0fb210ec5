//! A server that knows nothing of data and has no files.

use crate::data_ports::{
    BucketFolder, CopyProgress, Datasets, FileError, Files, ObjectBytes, ReadableCopies, StoredObject,
};
use axum::body::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
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
