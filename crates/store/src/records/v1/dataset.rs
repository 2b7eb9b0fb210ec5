//! Schemas, dataset groups, datasets, their imports, and event trackers.

use crate::records::Record;
use crate::records::codec::{One, optional_word, word};
use serde::{Deserialize, Serialize};
use tastemaker_domain::Status;
use tastemaker_domain::resource::{
    Dataset, DatasetGroup, DatasetImportJob, DatasetUpdate, EventDataset, EventTracker, ImportMode, SchemaResource,
    TimeMs,
};
use tastemaker_domain::schema::{DatasetDomain, DatasetType};

record!("schema", SchemaResource by arn, "SchemaV1::serialize", "SchemaV1::deserialize");
record!("dataset-group", DatasetGroup by arn, "DatasetGroupV1::serialize", "DatasetGroupV1::deserialize");
record!("dataset", Dataset by arn, "DatasetV1::serialize", "DatasetV1::deserialize");
record!("dataset-import-job", DatasetImportJob by arn, "ImportJobV1::serialize", "ImportJobV1::deserialize");
record!("event-dataset", EventDataset by arn, "EventDatasetV1::serialize", "EventDatasetV1::deserialize");
record!("event-tracker", EventTracker by arn, "EventTrackerV1::serialize", "EventTrackerV1::deserialize");

optional!(dataset_update: DatasetUpdate, "DatasetUpdateV1::serialize", "DatasetUpdateV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "SchemaResource")]
struct SchemaV1 {
    name: String,
    arn: String,
    text: String,
    #[serde(with = "optional_word")]
    domain: Option<DatasetDomain>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DatasetGroup")]
struct DatasetGroupV1 {
    name: String,
    arn: String,
    #[serde(with = "word")]
    status: Status,
    role_arn: Option<String>,
    kms_key_arn: Option<String>,
    #[serde(with = "optional_word")]
    domain: Option<DatasetDomain>,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Dataset")]
struct DatasetV1 {
    name: String,
    arn: String,
    dataset_group_arn: String,
    #[serde(with = "word")]
    dataset_type: DatasetType,
    schema_arn: String,
    #[serde(with = "word")]
    status: Status,
    bulk_files: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    bulk_imported_ms: Vec<TimeMs>,
    bulk_rows: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracking_id: Option<String>,
    #[serde(default, with = "dataset_update", skip_serializing_if = "Option::is_none")]
    latest_update: Option<DatasetUpdate>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DatasetUpdate")]
struct DatasetUpdateV1 {
    schema_arn: String,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "EventDataset")]
struct EventDatasetV1 {
    name: String,
    arn: String,
    dataset_group_arn: String,
    #[serde(with = "word")]
    status: Status,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DatasetImportJob")]
struct ImportJobV1 {
    job_name: String,
    arn: String,
    dataset_arn: String,
    data_location: String,
    role_arn: Option<String>,
    #[serde(with = "word")]
    import_mode: ImportMode,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    publish_attribution_metrics_to_s3: bool,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "EventTracker")]
struct EventTrackerV1 {
    name: String,
    arn: String,
    dataset_group_arn: String,
    tracking_id: String,
    account_id: String,
    #[serde(with = "word")]
    status: Status,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}
