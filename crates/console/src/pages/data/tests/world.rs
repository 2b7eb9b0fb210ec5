//! A made-up server behind the pages of data.

use super::report;
use crate::data_ports::{
    BucketFolder, CopyProgress, Datasets, FileError, Files, ObjectBytes, ReadableCopies, StoredObject,
};
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
use tastemaker_domain::dataset_statistics::{DatasetStatistics, StreamedStatistics};
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
    pub streamed: Mutex<Option<StreamedStatistics>>,
    pub report: Mutex<Option<ImportReport>>,
    /// Whether copies take until they are given up.
    pub is_slow: Mutex<bool>,
    pub objects: Mutex<BTreeMap<String, Bytes>>,
    pub inspected: Mutex<Option<Result<InspectedCsv, FileError>>>,
    pub rewritten: Mutex<Option<CsvRewrite>>,
    pub readable_rows: Mutex<u64>,
    pub plans: Arc<crate::ports::KeptPlans>,
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
            Operation::ListDatasetExportJobs => {
                json!({"datasetExportJobs": [{"jobName": "export-1", "status": "ACTIVE"}]})
            }
            Operation::DescribeDatasetExportJob => {
                let path = "s3://tastemaker-exports/shop/INTERACTIONS/export-1/";
                json!({"datasetExportJob": {"jobName": "export-1", "status": "ACTIVE", "ingestionMode": "PUT",
                    "jobOutput": {"s3DataDestination": {"path": path}}, "lastUpdatedDateTime": 1.7e9}})
            }
            Operation::CreateDatasetExportJob => json!({"datasetExportJobArn": "arn:export"}),
            Operation::ListEventTrackers => json!({"eventTrackers": [{"name": "clicks"}]}),
            Operation::ListSolutions => json!({"solutions": []}),
            Operation::ListRecommenders => {
                json!({"recommenders": [{"recommenderArn": "arn:recommender", "status": "ACTIVE"}]})
            }
            Operation::ListDataDeletionJobs => {
                json!({"dataDeletionJobs": [{"dataDeletionJobArn": "arn:deletion", "status": "COMPLETED"}]})
            }
            Operation::DescribeDataDeletionJob => {
                json!({"dataDeletionJob": {"jobName": "gone-1", "status": "COMPLETED", "numDeleted": 7}})
            }
            Operation::CreateDataDeletionJob => json!({"dataDeletionJobArn": "arn:deletion"}),
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

    fn streamed<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Arc<StreamedStatistics>>> {
        async { self.0.streamed.lock().clone().map(Arc::new) }.boxed()
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

    fn rewrite<'a>(
        &'a self,
        _: &'a str,
        rewrite: &'a CsvRewrite,
        progress: &'a Arc<CopyProgress>,
    ) -> BoxFuture<'a, Result<String, FileError>> {
        progress.set_total(10);
        progress.add(4);
        *self.0.rewritten.lock() = Some(rewrite.clone());
        let slow = *self.0.is_slow.lock();
        async move {
            while slow && !progress.is_cancelled() {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            if slow { Err(FileError::Cancelled) } else { Ok("s3://copies/".to_owned()) }
        }
        .boxed()
    }

    fn copy_readable<'a>(
        &'a self,
        _: &'a str,
        _: &'a Schema,
        _: &'a Arc<CopyProgress>,
    ) -> BoxFuture<'a, Result<ReadableCopies, FileError>> {
        let refused = report().refused;
        let rows = *self.0.readable_rows.lock();
        async move { Ok(ReadableCopies { location: "s3://readable/".into(), rows, refused }) }.boxed()
    }

    fn ensure_bucket<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), FileError>> {
        async { Ok(()) }.boxed()
    }

    fn buckets<'a>(&'a self) -> BoxFuture<'a, Result<Vec<String>, FileError>> {
        let objects = self.0.objects.lock();
        let mut names: Vec<String> = objects.keys().filter_map(|key| Some(key.split_once('/')?.0.to_owned())).collect();
        names.dedup();
        async { Ok(names) }.boxed()
    }

    fn folder<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> BoxFuture<'a, Result<BucketFolder, FileError>> {
        let below = format!("{bucket}/{prefix}");
        let mut found = BucketFolder::default();
        for (key, bytes) in self.0.objects.lock().iter() {
            let Some(rest) = key.strip_prefix(&below) else { continue };
            match rest.split_once('/') {
                Some((folder, _)) => found.folders.push(format!("{prefix}{folder}/")),
                None => found.objects.push(StoredObject {
                    key: format!("{prefix}{rest}"),
                    bytes: bytes.len() as u64,
                    stored_ms: 0,
                }),
            }
        }
        found.folders.dedup();
        async { Ok(found) }.boxed()
    }

    fn read<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<Option<ObjectBytes>, FileError>> {
        let found = self.0.objects.lock().get(&format!("{bucket}/{key}")).cloned();
        let bytes = found.map(|bytes| (bytes.len() as u64, futures::stream::iter([Ok(bytes)]).boxed()));
        async { Ok(bytes) }.boxed()
    }
}
