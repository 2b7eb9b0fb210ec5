//! Batch inference and batch segment jobs.

use super::bulk::S3LocationV1;
use crate::records::Record;
use crate::records::codec::{One, finite, word};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{
    BatchInferenceConfig, BatchInferenceJob, BatchInferenceMode, BatchSegmentJob, S3Location, TimeMs,
};

record!("batch-inference-job", BatchInferenceJob by arn, "InferenceV1::serialize", "InferenceV1::deserialize");
record!("batch-segment-job", BatchSegmentJob by arn, "SegmentV1::serialize", "SegmentV1::deserialize");

optional!(config: BatchInferenceConfig, "ConfigV1::serialize", "ConfigV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "BatchInferenceConfig")]
struct ConfigV1 {
    item_exploration_config: BTreeMap<String, String>,
    #[serde(with = "finite")]
    ranking_influence: BTreeMap<String, f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "BatchInferenceJob")]
struct InferenceV1 {
    job_name: String,
    arn: String,
    solution_version_arn: String,
    dataset_group_arn: String,
    filter_arn: Option<String>,
    num_results: u32,
    #[serde(with = "S3LocationV1")]
    input: S3Location,
    #[serde(with = "S3LocationV1")]
    output: S3Location,
    role_arn: String,
    #[serde(with = "word")]
    mode: BatchInferenceMode,
    #[serde(with = "config")]
    config: Option<BatchInferenceConfig>,
    theme_item_name: Option<String>,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "BatchSegmentJob")]
struct SegmentV1 {
    job_name: String,
    arn: String,
    solution_version_arn: String,
    dataset_group_arn: String,
    filter_arn: Option<String>,
    num_results: u32,
    #[serde(with = "S3LocationV1")]
    input: S3Location,
    #[serde(with = "S3LocationV1")]
    output: S3Location,
    role_arn: String,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}
