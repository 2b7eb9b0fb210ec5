//! The traits through which the pages of data reach what no operation of the API tells: statistics, reports of imports, and files in
//! the buckets of this server.

use axum::body::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tastemaker_domain::csv_columns::{CsvRewrite, InspectedCsv};
use tastemaker_domain::dataset_statistics::{DatasetStatistics, StreamedStatistics};
use tastemaker_domain::import_report::{ImportReport, Refused};
use tastemaker_domain::schema::{DatasetType, Schema};

/// The statistics of datasets and the reports of imports.
pub trait Datasets: Send + Sync {
    /// The statistics of a dataset; `None` while there are none.
    fn statistics<'a>(&'a self, dataset_arn: &'a str) -> BoxFuture<'a, Option<Arc<DatasetStatistics>>>;
    /// Counts of the streamed events of a dataset group; `None` while none came.
    fn streamed<'a>(&'a self, dataset_group_arn: &'a str) -> BoxFuture<'a, Option<Arc<StreamedStatistics>>>;
    /// The report of a finished import; `None` for one of an earlier build.
    fn report<'a>(&'a self, import_job_arn: &'a str) -> BoxFuture<'a, Option<Arc<ImportReport>>>;
}

/// An object in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Its key.
    pub key: String,
    /// Its length.
    pub bytes: u64,
    /// When it was stored, in milliseconds since the Unix epoch.
    pub stored_ms: u64,
}

/// Copies of files without the rows that end an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadableCopies {
    /// The place of the copies.
    pub location: String,
    /// Their rows.
    pub rows: u64,
    /// The rows that they do not have, by column and reason.
    pub refused: Vec<Refused>,
}

/// The progress of a copy of files, and whether it is still wanted.
#[derive(Debug, Default)]
pub struct CopyProgress {
    done: AtomicU64,
    total: AtomicU64,
    is_cancelled: AtomicBool,
}

impl CopyProgress {
    /// Sets the bytes that are to be read.
    pub fn set_total(&self, bytes: u64) {
        self.total.store(bytes, Ordering::Relaxed);
    }

    /// Notes that further bytes were read.
    pub fn add(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The bytes that were read, and those that are to be; 0 while that is not known.
    pub fn bytes(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// Gives the copy up.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it was given up.
    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }
}

/// The objects and folders directly below a place in a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BucketFolder {
    /// The folders: prefixes that end with a slash.
    pub folders: Vec<String>,
    /// The objects.
    pub objects: Vec<StoredObject>,
}

/// The bytes of an object as they come from storage, with their number.
pub type ObjectBytes = (u64, BoxStream<'static, io::Result<Bytes>>);

/// Why a file could not be taken or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It has more bytes than it may have.
    #[error("the file has more than {0} bytes")]
    TooLarge(u64),
    /// Its bytes broke off.
    #[error("{0}")]
    Interrupted(String),
    /// Its content cannot be used; the text is for the customer.
    #[error("{0}")]
    Data(String),
    /// Storage failed.
    #[error("{0}")]
    Storage(String),
    /// It was given up.
    #[error("it was given up")]
    Cancelled,
}

/// The buckets of this server.
pub trait Files: Send + Sync {
    /// Puts an object whose bytes come as a stream, and its bucket if there is none; returns its length. Nothing is there when the
    /// stream breaks off or is longer than `bytes_max`.
    fn put<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        body: BoxStream<'a, io::Result<Bytes>>,
        bytes_max: u64,
    ) -> BoxFuture<'a, Result<u64, FileError>>;

    /// The objects whose key begins with `prefix`.
    fn list<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<Vec<StoredObject>, FileError>>;

    /// Deletes every object whose key begins with `prefix`.
    fn delete_below<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<(), FileError>>;

    /// The columns of the first file of a location, `s3://bucket/key` or `s3://bucket/folder/`, by its first rows.
    fn inspect<'a>(
        &'a self,
        location: &'a str,
        dataset_type: DatasetType,
    ) -> BoxFuture<'a, Result<InspectedCsv, FileError>>;

    /// Copies every file of a location, rewritten, into a folder beside theirs whose name ends with
    /// `-mapped`; returns the location of the copies.
    fn rewrite<'a>(
        &'a self,
        location: &'a str,
        rewrite: &'a CsvRewrite,
        progress: &'a Arc<CopyProgress>,
    ) -> BoxFuture<'a, Result<String, FileError>>;

    /// Copies every file of a location, without the rows that would end an import with this schema, into a folder beside theirs
    /// whose name ends with `-readable`.
    fn copy_readable<'a>(
        &'a self,
        location: &'a str,
        schema: &'a Schema,
        progress: &'a Arc<CopyProgress>,
    ) -> BoxFuture<'a, Result<ReadableCopies, FileError>>;

    /// Makes a bucket if there is none.
    fn ensure_bucket<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), FileError>>;

    /// The names of the buckets.
    fn buckets<'a>(&'a self) -> BoxFuture<'a, Result<Vec<String>, FileError>>;

    /// Objects and folders directly below a prefix, which is empty or ends with a slash.
    fn folder<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<BucketFolder, FileError>>;

    /// The bytes of an object; `None` if there is none.
    fn read<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<Option<ObjectBytes>, FileError>>;
}
