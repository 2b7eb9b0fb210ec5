//! Records of trainings.

use crate::records::Record;
use crate::records::codec::One;
use serde::{Deserialize, Serialize};
use tastemaker_domain::training_record::{TrainingLine, TrainingRecord, TrainingStage};

record!(
    "training-record",
    TrainingRecord by version_arn,
    "TrainingRecordV1::serialize",
    "TrainingRecordV1::deserialize"
);

list!(stages: TrainingStage, "TrainingStageV1::serialize", "TrainingStageV1::deserialize");
list!(lines: TrainingLine, "TrainingLineV1::serialize", "TrainingLineV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "TrainingRecord")]
struct TrainingRecordV1 {
    version_arn: String,
    seed: u64,
    threads: u64,
    attempts: u32,
    peak_memory_bytes: Option<u64>,
    artifact_bytes: Option<u64>,
    #[serde(with = "stages")]
    stages: Vec<TrainingStage>,
    #[serde(with = "lines")]
    lines: Vec<TrainingLine>,
    lines_left_out: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TrainingStage")]
struct TrainingStageV1 {
    name: String,
    took_ms: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TrainingLine")]
struct TrainingLineV1 {
    at_ms: i64,
    text: String,
}
