//! A made-up server behind the pages of data.

use super::report;
use crate::data_ports::{Datasets, FileError, Files, ReadableCopies, StoredObject};
use crate::ports::{Api, ApiError, Progress, RunningJob};
use axum::body::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use tastemaker_domain::csv_columns::{CsvRewrite, InspectedCsv};
use tastemaker_domain::dataset_statistics::DatasetStatistics;
use tastemaker_domain::import_report::ImportReport;
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_wire::Operation;
use tokio::sync::watch;

/// The server behind the pages: what it has, and what it was asked.
#[derive(Default)]
pub(super) struct World {
    pub datasets: Mutex<Vec<Value>>,
    pub import: Mutex<Value>,
    pub refusal: Mutex<Option<(Operation, ApiError)>>,
    pub calls: Mutex<Vec<(Operation, Value)>>,
    pub statistics: Mutex<Option<DatasetStatistics>>,
    pub report: Mutex<Option<ImportReport>>,
    pub objects: Mutex<BTreeMap<String, Bytes>>,
    pub inspected: Mutex<Option<Result<InspectedCsv, FileError>>>,
    pub rewritten: Mutex<Option<CsvRewrite>>,
    pub readable_rows: Mutex<u64>,
}

/// The server as the traits of the console.
pub(super) struct Shared(pub Arc<World>);

impl Api for Shared {
    fn call<'a>(
        &'a self,
        _: &'a str,
        operation: Operation,
        input: Vec<u8>,
    ) -> BoxFuture<'a, Result<Vec<u8>, ApiError>> {
        async move { self.0.answer(operation, serde_json::from_slice(&input).unwrap()) }.boxed()
    }
}

impl World {
    fn answer(&self, operation: Operation, input: Value) -> Result<Vec<u8>, ApiError> {
        self.calls.lock().push((operation, input));
        if let Some((_, error)) = self.refusal.lock().as_ref().filter(|(refused, _)| *refused == operation) {
            return Err(error.clone());
        }
        let datasets = self.datasets.lock().clone();
        let answer = match operation {
            Operation::ListDatasetGroups => json!({"datasetGroups": [{"name": "shop", "status": "ACTIVE"}]}),
            Operation::DescribeDatasetGroup => json!({"datasetGroup": {"name": "shop"}}),
            Operation::ListDatasets => json!({"datasets": datasets}),
            Operation::DescribeDataset if datasets.is_empty() => return Err(not_found()),
            Operation::DescribeDataset => json!({"dataset": datasets[0]}),
            Operation::DescribeSchema => json!({"schema": {"schema": schema()}}),
            Operation::ListDatasetImportJobs => {
                let jobs: Vec<Value> =
                    Some(self.import.lock().clone()).filter(|job| !job.is_null()).into_iter().collect();
                json!({"datasetImportJobs": jobs})
            }
            Operation::DescribeDatasetImportJob if self.import.lock().is_null() => return Err(not_found()),
            Operation::DescribeDatasetImportJob => json!({"datasetImportJob": self.import.lock().clone()}),
            Operation::CreateSchema => json!({"schemaArn": "arn:schema"}),
            Operation::CreateDataset => json!({"datasetArn": "arn:dataset"}),
            Operation::CreateDatasetImportJob => json!({"datasetImportJobArn": "arn:job"}),
            other => panic!("{} is not asked by these pages", other.name()),
        };
        Ok(answer.to_string().into_bytes())
    }

    /// The inputs of an operation's calls.
    pub fn called(&self, operation: Operation) -> Vec<Value> {
        let calls = self.calls.lock();
        calls.iter().filter(|(called, _)| *called == operation).map(|(_, input)| input.clone()).collect()
    }
}

fn not_found() -> ApiError {
    ApiError {
        status: 400,
        name: "ResourceNotFoundException".into(),
        message: "It does not exist.".into(),
        member: None,
    }
}

fn schema() -> String {
    let fields = json!([
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ]);
    json!({"type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema", "fields": fields, "version": "1.0"}).to_string()
}

impl Progress for Shared {
    fn now(&self) -> Vec<RunningJob> {
        vec![RunningJob {
            resource_arn: "arn:job".into(),
            stage: "import".into(),
            done: 3,
            total: 9,
            detail: "a.csv: 300 rows".into(),
            ..RunningJob::default()
        }]
    }

    fn changes(&self) -> watch::Receiver<u64> {
        watch::channel(0).1
    }
}

impl Datasets for Shared {
    fn statistics<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Arc<DatasetStatistics>>> {
        async { self.0.statistics.lock().clone().map(Arc::new) }.boxed()
    }

    fn report<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Arc<ImportReport>>> {
        async { self.0.report.lock().clone().map(Arc::new) }.boxed()
    }
}

impl Files for Shared {
    fn put<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        mut body: BoxStream<'a, io::Result<Bytes>>,
        bytes_max: u64,
    ) -> BoxFuture<'a, Result<u64, FileError>> {
        async move {
            let mut all = Vec::new();
            while let Some(chunk) = body.next().await {
                all.extend_from_slice(&chunk.map_err(|error| FileError::Interrupted(error.to_string()))?);
                if all.len() as u64 > bytes_max {
                    return Err(FileError::TooLarge(bytes_max));
                }
            }
            let len = all.len() as u64;
            self.0.objects.lock().insert(format!("{bucket}/{key}"), all.into());
            Ok(len)
        }
        .boxed()
    }

    fn list<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<Vec<StoredObject>, FileError>> {
        let folder = format!("{bucket}/");
        let objects = self.0.objects.lock();
        let keys = objects.iter().filter_map(|(key, bytes)| Some((key.strip_prefix(&folder)?, bytes)));
        let found = keys
            .filter(|(key, _)| key.starts_with(prefix))
            .map(|(key, bytes)| StoredObject { key: key.to_owned(), bytes: bytes.len() as u64, stored_ms: 0 })
            .collect();
        async { Ok(found) }.boxed()
    }

    fn delete_below<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<(), FileError>> {
        let below = format!("{bucket}/{prefix}");
        self.0.objects.lock().retain(|key, _| !key.starts_with(&below));
        async { Ok(()) }.boxed()
    }

    fn inspect<'a>(&'a self, _: &'a str, _: DatasetType) -> BoxFuture<'a, Result<InspectedCsv, FileError>> {
        let inspected = self.0.inspected.lock().clone();
        async { inspected.unwrap_or_else(|| Err(FileError::Data("nothing there".into()))) }.boxed()
    }

    fn rewrite<'a>(&'a self, _: &'a str, rewrite: &'a CsvRewrite) -> BoxFuture<'a, Result<String, FileError>> {
        *self.0.rewritten.lock() = Some(rewrite.clone());
        async { Ok("s3://copies/".to_owned()) }.boxed()
    }

    fn copy_readable<'a>(&'a self, _: &'a str, _: &'a Schema) -> BoxFuture<'a, Result<ReadableCopies, FileError>> {
        let refused = report().refused;
        let rows = *self.0.readable_rows.lock();
        async move { Ok(ReadableCopies { location: "s3://readable/".into(), rows, refused }) }.boxed()
    }
}
