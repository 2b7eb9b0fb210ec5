//! Solutions and their versions.

use super::solution_config::{SolutionConfigV1, event_parameters};
use super::tuning;
use crate::records::Record;
use crate::records::codec::{One, finite, word};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{Solution, SolutionUpdate, SolutionVersion, TimeMs, TrainingMode, TrainingType};
use tastemaker_domain::solution_config::{EventParameter, SolutionConfig};
use tastemaker_domain::tuning::Trial;

record!("solution", Solution by arn, "SolutionV1::serialize", "SolutionV1::deserialize");
record!("solution-version", SolutionVersion by arn, "SolutionVersionV1::serialize", "SolutionVersionV1::deserialize");

optional!(solution_update: SolutionUpdate, "SolutionUpdateV1::serialize", "SolutionUpdateV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "Solution")]
struct SolutionV1 {
    name: String,
    arn: String,
    dataset_group_arn: String,
    recipe_arn: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    perform_tuning: bool,
    perform_auto_training: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    perform_incremental_update: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auto_training_since_ms: Option<TimeMs>,
    event_type: Option<String>,
    #[serde(with = "SolutionConfigV1")]
    config: SolutionConfig,
    #[serde(with = "word")]
    status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "solution_update")]
    latest_update: Option<SolutionUpdate>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SolutionUpdate")]
struct SolutionUpdateV1 {
    perform_auto_training: Option<bool>,
    perform_incremental_update: Option<bool>,
    auto_training_schedule: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "event_parameters")]
    events: Vec<EventParameter>,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SolutionVersion")]
struct SolutionVersionV1 {
    name: Option<String>,
    arn: String,
    solution_arn: String,
    dataset_group_arn: String,
    recipe_arn: String,
    event_type: Option<String>,
    #[serde(with = "SolutionConfigV1")]
    config: SolutionConfig,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    perform_tuning: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "tuning::trials")]
    trials: Vec<Trial>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tuned_parameters: BTreeMap<String, String>,
    #[serde(with = "word")]
    training_mode: TrainingMode,
    #[serde(with = "word")]
    training_type: TrainingType,
    training_hours: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    events_position: Option<u64>,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    #[serde(with = "finite")]
    metrics: BTreeMap<String, f64>,
    #[serde(with = "finite")]
    baseline_metrics: BTreeMap<String, f64>,
    artifact_key: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}
