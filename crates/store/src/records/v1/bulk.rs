//! Export jobs and data deletion jobs.

use crate::records::Record;
use crate::records::codec::{One, word};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{
    DataDeletionJob, DatasetExportJob, DeletionStatus, IngestionMode, S3Location, TimeMs,
};

record!("dataset-export-job", DatasetExportJob by arn, "ExportJobV1::serialize", "ExportJobV1::deserialize");
record!("data-deletion-job", DataDeletionJob by arn, "DeletionJobV1::serialize", "DeletionJobV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "S3Location")]
pub(super) struct S3LocationV1 {
    path: String,
    kms_key_arn: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DatasetExportJob")]
struct ExportJobV1 {
    job_name: String,
    arn: String,
    dataset_arn: String,
    #[serde(with = "word")]
    ingestion_mode: IngestionMode,
    role_arn: String,
    #[serde(with = "S3LocationV1")]
    output: S3Location,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DataDeletionJob")]
struct DeletionJobV1 {
    job_name: String,
    arn: String,
    dataset_group_arn: String,
    data_location: String,
    role_arn: String,
    #[serde(with = "word")]
    status: DeletionStatus,
    failure_reason: Option<String>,
    num_deleted: Option<u64>,
    users_blob: Option<String>,
    streams: BTreeMap<String, u64>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}
