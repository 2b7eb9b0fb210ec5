//! Batch inference and batch segment jobs.

use super::{S3Location, TimeMs};
use crate::status::Status;
use crate::words::words;
use std::collections::BTreeMap;

words! {
    /// The result of a batch inference job for each request.
    pub enum BatchInferenceMode {
        /// A list of items.
        BatchInference = "BATCH_INFERENCE",
        /// A list of items with a theme that describes it.
        ThemeGeneration = "THEME_GENERATION",
    }
}

/// The settings by which a batch inference job recommends.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct BatchInferenceConfig {
    pub item_exploration_config: BTreeMap<String, String>,
    pub ranking_influence: BTreeMap<String, f64>,
}

/// Lists of items for every request in files.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct BatchInferenceJob {
    pub job_name: String,
    pub arn: String,
    pub solution_version_arn: String,
    /// Of the solution version.
    pub dataset_group_arn: String,
    pub filter_arn: Option<String>,
    pub num_results: u32,
    pub input: S3Location,
    pub output: S3Location,
    pub role_arn: String,
    pub mode: BatchInferenceMode,
    pub config: Option<BatchInferenceConfig>,
    /// The Items column with names, for themes.
    pub theme_item_name: Option<String>,
    pub status: Status,
    pub failure_reason: Option<String>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

/// Lists of users for every request in files.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct BatchSegmentJob {
    pub job_name: String,
    pub arn: String,
    pub solution_version_arn: String,
    /// Of the solution version.
    pub dataset_group_arn: String,
    pub filter_arn: Option<String>,
    pub num_results: u32,
    pub input: S3Location,
    pub output: S3Location,
    pub role_arn: String,
    pub status: Status,
    pub failure_reason: Option<String>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}
