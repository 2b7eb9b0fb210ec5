//! The structures of the `personalize` service.
//!
//! Written by `cargo xtask codegen` from `models/personalize.json`; change the model or the generator.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `Algorithm`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Algorithm {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "algorithmArn", default, skip_serializing_if = "Option::is_none")]
    pub algorithm_arn: Option<String>,
    /// `AlgorithmImage`.
    #[serde(rename = "algorithmImage", default, skip_serializing_if = "Option::is_none")]
    pub algorithm_image: Option<AlgorithmImage>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `DefaultHyperParameterRanges`.
    #[serde(rename = "defaultHyperParameterRanges", default, skip_serializing_if = "Option::is_none")]
    pub default_hyper_parameter_ranges: Option<DefaultHyperParameterRanges>,
    /// `HyperParameters`: map from `ParameterName` to `ParameterValue`, at most 100 entries.
    #[serde(
        rename = "defaultHyperParameters",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::parameters::optional"
    )]
    pub default_hyper_parameters: Option<BTreeMap<String, String>>,
    /// `ResourceConfig`: map from `ParameterName` to `ParameterValue`, at most 100 entries.
    #[serde(
        rename = "defaultResourceConfig",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::parameters::optional"
    )]
    pub default_resource_config: Option<BTreeMap<String, String>>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "roleArn", default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// `TrainingInputMode`: string, at most 256 characters.
    #[serde(rename = "trainingInputMode", default, skip_serializing_if = "Option::is_none")]
    pub training_input_mode: Option<String>,
}

/// `AlgorithmImage`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AlgorithmImage {
    /// `DockerURI`: string, at most 256 characters. Required.
    #[serde(rename = "dockerURI")]
    pub docker_uri: String,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// `AutoMLConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AutoMLConfig {
    /// `MetricName`: string, at most 256 characters.
    #[serde(rename = "metricName", default, skip_serializing_if = "Option::is_none")]
    pub metric_name: Option<String>,
    /// `ArnList`: list of `Arn`, at most 100 members.
    #[serde(rename = "recipeList", default, skip_serializing_if = "Option::is_none")]
    pub recipe_list: Option<Vec<String>>,
}

/// `AutoMLResult`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AutoMLResult {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "bestRecipeArn", default, skip_serializing_if = "Option::is_none")]
    pub best_recipe_arn: Option<String>,
}

/// `AutoTrainingConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AutoTrainingConfig {
    /// `SchedulingExpression`: string, 1 to 16 characters, pattern `rate\(\d+ days?\)`.
    #[serde(rename = "schedulingExpression", default, skip_serializing_if = "Option::is_none")]
    pub scheduling_expression: Option<String>,
}

/// `BatchInferenceJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BatchInferenceJob {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "batchInferenceJobArn", default, skip_serializing_if = "Option::is_none")]
    pub batch_inference_job_arn: Option<String>,
    /// `BatchInferenceJobConfig`.
    #[serde(rename = "batchInferenceJobConfig", default, skip_serializing_if = "Option::is_none")]
    pub batch_inference_job_config: Option<BatchInferenceJobConfig>,
    /// `BatchInferenceJobMode`: string, one of `BATCH_INFERENCE`, `THEME_GENERATION`.
    #[serde(rename = "batchInferenceJobMode", default, skip_serializing_if = "Option::is_none")]
    pub batch_inference_job_mode: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "filterArn", default, skip_serializing_if = "Option::is_none")]
    pub filter_arn: Option<String>,
    /// `BatchInferenceJobInput`.
    #[serde(rename = "jobInput", default, skip_serializing_if = "Option::is_none")]
    pub job_input: Option<BatchInferenceJobInput>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "jobName", default, skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    /// `BatchInferenceJobOutput`.
    #[serde(rename = "jobOutput", default, skip_serializing_if = "Option::is_none")]
    pub job_output: Option<BatchInferenceJobOutput>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `NumBatchResults`: integer.
    #[serde(rename = "numResults", default, skip_serializing_if = "Option::is_none")]
    pub num_results: Option<i32>,
    /// `RoleArn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`.
    #[serde(rename = "roleArn", default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionVersionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_version_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `ThemeGenerationConfig`.
    #[serde(rename = "themeGenerationConfig", default, skip_serializing_if = "Option::is_none")]
    pub theme_generation_config: Option<ThemeGenerationConfig>,
}

/// `BatchInferenceJobConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BatchInferenceJobConfig {
    /// `HyperParameters`: map from `ParameterName` to `ParameterValue`, at most 100 entries.
    #[serde(
        rename = "itemExplorationConfig",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::parameters::optional"
    )]
    pub item_exploration_config: Option<BTreeMap<String, String>>,
    /// `RankingInfluence`: map from `RankingInfluenceType` to `RankingInfluenceWeight`.
    #[serde(
        rename = "rankingInfluence",
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::scalars::numbers::optional"
    )]
    pub ranking_influence: Option<BTreeMap<String, f64>>,
}

/// `BatchInferenceJobInput`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BatchInferenceJobInput {
    /// `S3DataConfig`. Required.
    #[serde(rename = "s3DataSource")]
    pub s3_data_source: S3DataConfig,
}

/// `BatchInferenceJobOutput`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BatchInferenceJobOutput {
    /// `S3DataConfig`. Required.
    #[serde(rename = "s3DataDestination")]
    pub s3_data_destination: S3DataConfig,
}

/// `BatchInferenceJobSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BatchInferenceJobSummary {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "batchInferenceJobArn", default, skip_serializing_if = "Option::is_none")]
    pub batch_inference_job_arn: Option<String>,
    /// `BatchInferenceJobMode`: string, one of `BATCH_INFERENCE`, `THEME_GENERATION`.
    #[serde(rename = "batchInferenceJobMode", default, skip_serializing_if = "Option::is_none")]
    pub batch_inference_job_mode: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "jobName", default, skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionVersionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_version_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `BatchSegmentJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BatchSegmentJob {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "batchSegmentJobArn", default, skip_serializing_if = "Option::is_none")]
    pub batch_segment_job_arn: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "filterArn", default, skip_serializing_if = "Option::is_none")]
    pub filter_arn: Option<String>,
    /// `BatchSegmentJobInput`.
    #[serde(rename = "jobInput", default, skip_serializing_if = "Option::is_none")]
    pub job_input: Option<BatchSegmentJobInput>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "jobName", default, skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    /// `BatchSegmentJobOutput`.
    #[serde(rename = "jobOutput", default, skip_serializing_if = "Option::is_none")]
    pub job_output: Option<BatchSegmentJobOutput>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `NumBatchResults`: integer.
    #[serde(rename = "numResults", default, skip_serializing_if = "Option::is_none")]
    pub num_results: Option<i32>,
    /// `RoleArn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`.
    #[serde(rename = "roleArn", default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionVersionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_version_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `BatchSegmentJobInput`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BatchSegmentJobInput {
    /// `S3DataConfig`. Required.
    #[serde(rename = "s3DataSource")]
    pub s3_data_source: S3DataConfig,
}

/// `BatchSegmentJobOutput`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BatchSegmentJobOutput {
    /// `S3DataConfig`. Required.
    #[serde(rename = "s3DataDestination")]
    pub s3_data_destination: S3DataConfig,
}

/// `BatchSegmentJobSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BatchSegmentJobSummary {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "batchSegmentJobArn", default, skip_serializing_if = "Option::is_none")]
    pub batch_segment_job_arn: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "jobName", default, skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionVersionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_version_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `Campaign`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Campaign {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "campaignArn", default, skip_serializing_if = "Option::is_none")]
    pub campaign_arn: Option<String>,
    /// `CampaignConfig`.
    #[serde(rename = "campaignConfig", default, skip_serializing_if = "Option::is_none")]
    pub campaign_config: Option<CampaignConfig>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `CampaignUpdateSummary`.
    #[serde(rename = "latestCampaignUpdate", default, skip_serializing_if = "Option::is_none")]
    pub latest_campaign_update: Option<CampaignUpdateSummary>,
    /// `TransactionsPerSecond`: integer, at least 1.
    #[serde(rename = "minProvisionedTPS", default, skip_serializing_if = "Option::is_none")]
    pub min_provisioned_tps: Option<i32>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionVersionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_version_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `CampaignConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CampaignConfig {
    /// `Boolean`: boolean.
    #[serde(rename = "enableMetadataWithRecommendations", default, skip_serializing_if = "Option::is_none")]
    pub enable_metadata_with_recommendations: Option<bool>,
    /// `HyperParameters`: map from `ParameterName` to `ParameterValue`, at most 100 entries.
    #[serde(
        rename = "itemExplorationConfig",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::parameters::optional"
    )]
    pub item_exploration_config: Option<BTreeMap<String, String>>,
    /// `RankingInfluence`: map from `RankingInfluenceType` to `RankingInfluenceWeight`.
    #[serde(
        rename = "rankingInfluence",
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::scalars::numbers::optional"
    )]
    pub ranking_influence: Option<BTreeMap<String, f64>>,
    /// `Boolean`: boolean.
    #[serde(rename = "syncWithLatestSolutionVersion", default, skip_serializing_if = "Option::is_none")]
    pub sync_with_latest_solution_version: Option<bool>,
}

/// `CampaignSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CampaignSummary {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "campaignArn", default, skip_serializing_if = "Option::is_none")]
    pub campaign_arn: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `CampaignUpdateSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CampaignUpdateSummary {
    /// `CampaignConfig`.
    #[serde(rename = "campaignConfig", default, skip_serializing_if = "Option::is_none")]
    pub campaign_config: Option<CampaignConfig>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `TransactionsPerSecond`: integer, at least 1.
    #[serde(rename = "minProvisionedTPS", default, skip_serializing_if = "Option::is_none")]
    pub min_provisioned_tps: Option<i32>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionVersionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_version_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `CategoricalHyperParameterRange`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CategoricalHyperParameterRange {
    /// `ParameterName`: string, at most 256 characters.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `CategoricalValues`: list of `CategoricalValue`, at most 100 members.
    #[serde(rename = "values", default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
}

/// `ContinuousHyperParameterRange`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ContinuousHyperParameterRange {
    /// `ContinuousMaxValue`: double, at least -1000000.
    #[serde(rename = "maxValue", default, skip_serializing_if = "crate::scalars::is_absent_number")]
    pub max_value: Option<f64>,
    /// `ContinuousMinValue`: double, at least -1000000.
    #[serde(rename = "minValue", default, skip_serializing_if = "crate::scalars::is_absent_number")]
    pub min_value: Option<f64>,
    /// `ParameterName`: string, at most 256 characters.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// `CreateBatchInferenceJobRequest`, input of `CreateBatchInferenceJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateBatchInferenceJobRequest {
    /// `BatchInferenceJobConfig`.
    #[serde(rename = "batchInferenceJobConfig", default, skip_serializing_if = "Option::is_none")]
    pub batch_inference_job_config: Option<BatchInferenceJobConfig>,
    /// `BatchInferenceJobMode`: string, one of `BATCH_INFERENCE`, `THEME_GENERATION`.
    #[serde(rename = "batchInferenceJobMode", default, skip_serializing_if = "Option::is_none")]
    pub batch_inference_job_mode: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "filterArn", default, skip_serializing_if = "Option::is_none")]
    pub filter_arn: Option<String>,
    /// `BatchInferenceJobInput`. Required.
    #[serde(rename = "jobInput")]
    pub job_input: BatchInferenceJobInput,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "jobName")]
    pub job_name: String,
    /// `BatchInferenceJobOutput`. Required.
    #[serde(rename = "jobOutput")]
    pub job_output: BatchInferenceJobOutput,
    /// `NumBatchResults`: integer.
    #[serde(rename = "numResults", default, skip_serializing_if = "Option::is_none")]
    pub num_results: Option<i32>,
    /// `RoleArn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`. Required.
    #[serde(rename = "roleArn")]
    pub role_arn: String,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "solutionVersionArn")]
    pub solution_version_arn: String,
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
    /// `ThemeGenerationConfig`.
    #[serde(rename = "themeGenerationConfig", default, skip_serializing_if = "Option::is_none")]
    pub theme_generation_config: Option<ThemeGenerationConfig>,
}

/// `CreateBatchInferenceJobResponse`, output of `CreateBatchInferenceJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateBatchInferenceJobResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "batchInferenceJobArn", default, skip_serializing_if = "Option::is_none")]
    pub batch_inference_job_arn: Option<String>,
}

/// `CreateBatchSegmentJobRequest`, input of `CreateBatchSegmentJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateBatchSegmentJobRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "filterArn", default, skip_serializing_if = "Option::is_none")]
    pub filter_arn: Option<String>,
    /// `BatchSegmentJobInput`. Required.
    #[serde(rename = "jobInput")]
    pub job_input: BatchSegmentJobInput,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "jobName")]
    pub job_name: String,
    /// `BatchSegmentJobOutput`. Required.
    #[serde(rename = "jobOutput")]
    pub job_output: BatchSegmentJobOutput,
    /// `NumBatchResults`: integer.
    #[serde(rename = "numResults", default, skip_serializing_if = "Option::is_none")]
    pub num_results: Option<i32>,
    /// `RoleArn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`. Required.
    #[serde(rename = "roleArn")]
    pub role_arn: String,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "solutionVersionArn")]
    pub solution_version_arn: String,
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

/// `CreateBatchSegmentJobResponse`, output of `CreateBatchSegmentJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateBatchSegmentJobResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "batchSegmentJobArn", default, skip_serializing_if = "Option::is_none")]
    pub batch_segment_job_arn: Option<String>,
}

/// `CreateCampaignRequest`, input of `CreateCampaign`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateCampaignRequest {
    /// `CampaignConfig`.
    #[serde(rename = "campaignConfig", default, skip_serializing_if = "Option::is_none")]
    pub campaign_config: Option<CampaignConfig>,
    /// `TransactionsPerSecond`: integer, at least 1.
    #[serde(rename = "minProvisionedTPS", default, skip_serializing_if = "Option::is_none")]
    pub min_provisioned_tps: Option<i32>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "name")]
    pub name: String,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "solutionVersionArn")]
    pub solution_version_arn: String,
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

/// `CreateCampaignResponse`, output of `CreateCampaign`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateCampaignResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "campaignArn", default, skip_serializing_if = "Option::is_none")]
    pub campaign_arn: Option<String>,
}

/// `CreateDataDeletionJobRequest`, input of `CreateDataDeletionJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateDataDeletionJobRequest {
    /// `DataSource`. Required.
    #[serde(rename = "dataSource")]
    pub data_source: DataSource,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetGroupArn")]
    pub dataset_group_arn: String,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "jobName")]
    pub job_name: String,
    /// `RoleArn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`. Required.
    #[serde(rename = "roleArn")]
    pub role_arn: String,
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

/// `CreateDataDeletionJobResponse`, output of `CreateDataDeletionJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateDataDeletionJobResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "dataDeletionJobArn", default, skip_serializing_if = "Option::is_none")]
    pub data_deletion_job_arn: Option<String>,
}

/// `CreateDatasetExportJobRequest`, input of `CreateDatasetExportJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateDatasetExportJobRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetArn")]
    pub dataset_arn: String,
    /// `IngestionMode`: string, one of `BULK`, `PUT`, `ALL`.
    #[serde(rename = "ingestionMode", default, skip_serializing_if = "Option::is_none")]
    pub ingestion_mode: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "jobName")]
    pub job_name: String,
    /// `DatasetExportJobOutput`. Required.
    #[serde(rename = "jobOutput")]
    pub job_output: DatasetExportJobOutput,
    /// `RoleArn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`. Required.
    #[serde(rename = "roleArn")]
    pub role_arn: String,
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

/// `CreateDatasetExportJobResponse`, output of `CreateDatasetExportJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateDatasetExportJobResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetExportJobArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_export_job_arn: Option<String>,
}

/// `CreateDatasetGroupRequest`, input of `CreateDatasetGroup`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateDatasetGroupRequest {
    /// `Domain`: string, one of `ECOMMERCE`, `VIDEO_ON_DEMAND`.
    #[serde(rename = "domain", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// `KmsKeyArn`: string, at most 2048 characters, pattern `arn:aws.*:kms:.*:[0-9]{12}:key/.*`.
    #[serde(rename = "kmsKeyArn", default, skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "name")]
    pub name: String,
    /// `RoleArn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`.
    #[serde(rename = "roleArn", default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

/// `CreateDatasetGroupResponse`, output of `CreateDatasetGroup`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateDatasetGroupResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `Domain`: string, one of `ECOMMERCE`, `VIDEO_ON_DEMAND`.
    #[serde(rename = "domain", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

/// `CreateDatasetImportJobRequest`, input of `CreateDatasetImportJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateDatasetImportJobRequest {
    /// `DataSource`. Required.
    #[serde(rename = "dataSource")]
    pub data_source: DataSource,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetArn")]
    pub dataset_arn: String,
    /// `ImportMode`: string, one of `FULL`, `INCREMENTAL`.
    #[serde(rename = "importMode", default, skip_serializing_if = "Option::is_none")]
    pub import_mode: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "jobName")]
    pub job_name: String,
    /// `Boolean`: boolean.
    #[serde(rename = "publishAttributionMetricsToS3", default, skip_serializing_if = "Option::is_none")]
    pub publish_attribution_metrics_to_s3: Option<bool>,
    /// `RoleArn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`.
    #[serde(rename = "roleArn", default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

/// `CreateDatasetImportJobResponse`, output of `CreateDatasetImportJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateDatasetImportJobResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetImportJobArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_import_job_arn: Option<String>,
}

/// `CreateDatasetRequest`, input of `CreateDataset`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateDatasetRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetGroupArn")]
    pub dataset_group_arn: String,
    /// `DatasetType`: string, at most 256 characters, pattern `^[A-Za-z_]+$`. Required.
    #[serde(rename = "datasetType")]
    pub dataset_type: String,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "name")]
    pub name: String,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "schemaArn")]
    pub schema_arn: String,
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

/// `CreateDatasetResponse`, output of `CreateDataset`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateDatasetResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_arn: Option<String>,
}

/// `CreateEventTrackerRequest`, input of `CreateEventTracker`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateEventTrackerRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetGroupArn")]
    pub dataset_group_arn: String,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "name")]
    pub name: String,
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

/// `CreateEventTrackerResponse`, output of `CreateEventTracker`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateEventTrackerResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "eventTrackerArn", default, skip_serializing_if = "Option::is_none")]
    pub event_tracker_arn: Option<String>,
    /// `TrackingId`: string, at most 256 characters.
    #[serde(rename = "trackingId", default, skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
}

/// `CreateFilterRequest`, input of `CreateFilter`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateFilterRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetGroupArn")]
    pub dataset_group_arn: String,
    /// `FilterExpression`: string, 1 to 2500 characters. Required.
    #[serde(rename = "filterExpression")]
    pub filter_expression: String,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "name")]
    pub name: String,
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

/// `CreateFilterResponse`, output of `CreateFilter`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateFilterResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "filterArn", default, skip_serializing_if = "Option::is_none")]
    pub filter_arn: Option<String>,
}

/// `CreateMetricAttributionRequest`, input of `CreateMetricAttribution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateMetricAttributionRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetGroupArn")]
    pub dataset_group_arn: String,
    /// `MetricAttributes`: list of `MetricAttribute`, at most 10 members. Required.
    #[serde(rename = "metrics")]
    pub metrics: Vec<MetricAttribute>,
    /// `MetricAttributionOutput`. Required.
    #[serde(rename = "metricsOutputConfig")]
    pub metrics_output_config: MetricAttributionOutput,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "name")]
    pub name: String,
}

/// `CreateMetricAttributionResponse`, output of `CreateMetricAttribution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateMetricAttributionResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "metricAttributionArn", default, skip_serializing_if = "Option::is_none")]
    pub metric_attribution_arn: Option<String>,
}

/// `CreateRecommenderRequest`, input of `CreateRecommender`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateRecommenderRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetGroupArn")]
    pub dataset_group_arn: String,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "name")]
    pub name: String,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "recipeArn")]
    pub recipe_arn: String,
    /// `RecommenderConfig`.
    #[serde(rename = "recommenderConfig", default, skip_serializing_if = "Option::is_none")]
    pub recommender_config: Option<RecommenderConfig>,
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

/// `CreateRecommenderResponse`, output of `CreateRecommender`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateRecommenderResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recommenderArn", default, skip_serializing_if = "Option::is_none")]
    pub recommender_arn: Option<String>,
}

/// `CreateSchemaRequest`, input of `CreateSchema`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateSchemaRequest {
    /// `Domain`: string, one of `ECOMMERCE`, `VIDEO_ON_DEMAND`.
    #[serde(rename = "domain", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "name")]
    pub name: String,
    /// `AvroSchema`: string, at most 20000 characters. Required.
    #[serde(rename = "schema")]
    pub schema: String,
}

/// `CreateSchemaResponse`, output of `CreateSchema`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateSchemaResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "schemaArn", default, skip_serializing_if = "Option::is_none")]
    pub schema_arn: Option<String>,
}

/// `CreateSolutionRequest`, input of `CreateSolution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateSolutionRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetGroupArn")]
    pub dataset_group_arn: String,
    /// `EventType`: string, at most 256 characters.
    #[serde(rename = "eventType", default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`. Required.
    #[serde(rename = "name")]
    pub name: String,
    /// `PerformAutoML`: boolean.
    #[serde(rename = "performAutoML", default, skip_serializing_if = "Option::is_none")]
    pub perform_auto_ml: Option<bool>,
    /// `PerformAutoTraining`: boolean.
    #[serde(rename = "performAutoTraining", default, skip_serializing_if = "Option::is_none")]
    pub perform_auto_training: Option<bool>,
    /// `Boolean`: boolean.
    #[serde(rename = "performHPO", default, skip_serializing_if = "Option::is_none")]
    pub perform_hpo: Option<bool>,
    /// `PerformIncrementalUpdate`: boolean.
    #[serde(rename = "performIncrementalUpdate", default, skip_serializing_if = "Option::is_none")]
    pub perform_incremental_update: Option<bool>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recipeArn", default, skip_serializing_if = "Option::is_none")]
    pub recipe_arn: Option<String>,
    /// `SolutionConfig`.
    #[serde(rename = "solutionConfig", default, skip_serializing_if = "Option::is_none")]
    pub solution_config: Option<SolutionConfig>,
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

/// `CreateSolutionResponse`, output of `CreateSolution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateSolutionResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_arn: Option<String>,
}

/// `CreateSolutionVersionRequest`, input of `CreateSolutionVersion`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateSolutionVersionRequest {
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "solutionArn")]
    pub solution_arn: String,
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
    /// `TrainingMode`: string, one of `FULL`, `UPDATE`, `AUTOTRAIN`.
    #[serde(rename = "trainingMode", default, skip_serializing_if = "Option::is_none")]
    pub training_mode: Option<String>,
}

/// `CreateSolutionVersionResponse`, output of `CreateSolutionVersion`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateSolutionVersionResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionVersionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_version_arn: Option<String>,
}

/// `DataDeletionJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataDeletionJob {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "dataDeletionJobArn", default, skip_serializing_if = "Option::is_none")]
    pub data_deletion_job_arn: Option<String>,
    /// `DataSource`.
    #[serde(rename = "dataSource", default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<DataSource>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "jobName", default, skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Integer`: integer.
    #[serde(rename = "numDeleted", default, skip_serializing_if = "Option::is_none")]
    pub num_deleted: Option<i32>,
    /// `RoleArn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`.
    #[serde(rename = "roleArn", default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `DataDeletionJobSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataDeletionJobSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "dataDeletionJobArn", default, skip_serializing_if = "Option::is_none")]
    pub data_deletion_job_arn: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "jobName", default, skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `DataSource`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataSource {
    /// `S3Location`: string, at most 256 characters, pattern `(s3|http|https)://.+`.
    #[serde(rename = "dataLocation", default, skip_serializing_if = "Option::is_none")]
    pub data_location: Option<String>,
}

/// `Dataset`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_arn: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `DatasetType`: string, at most 256 characters, pattern `^[A-Za-z_]+$`.
    #[serde(rename = "datasetType", default, skip_serializing_if = "Option::is_none")]
    pub dataset_type: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `DatasetUpdateSummary`.
    #[serde(rename = "latestDatasetUpdate", default, skip_serializing_if = "Option::is_none")]
    pub latest_dataset_update: Option<DatasetUpdateSummary>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "schemaArn", default, skip_serializing_if = "Option::is_none")]
    pub schema_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `TrackingId`: string, at most 256 characters.
    #[serde(rename = "trackingId", default, skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
}

/// `DatasetExportJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetExportJob {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_arn: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetExportJobArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_export_job_arn: Option<String>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `IngestionMode`: string, one of `BULK`, `PUT`, `ALL`.
    #[serde(rename = "ingestionMode", default, skip_serializing_if = "Option::is_none")]
    pub ingestion_mode: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "jobName", default, skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    /// `DatasetExportJobOutput`.
    #[serde(rename = "jobOutput", default, skip_serializing_if = "Option::is_none")]
    pub job_output: Option<DatasetExportJobOutput>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "roleArn", default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `DatasetExportJobOutput`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetExportJobOutput {
    /// `S3DataConfig`. Required.
    #[serde(rename = "s3DataDestination")]
    pub s3_data_destination: S3DataConfig,
}

/// `DatasetExportJobSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetExportJobSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetExportJobArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_export_job_arn: Option<String>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "jobName", default, skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `DatasetGroup`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetGroup {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `Domain`: string, one of `ECOMMERCE`, `VIDEO_ON_DEMAND`.
    #[serde(rename = "domain", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `KmsKeyArn`: string, at most 2048 characters, pattern `arn:aws.*:kms:.*:[0-9]{12}:key/.*`.
    #[serde(rename = "kmsKeyArn", default, skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `RoleArn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`.
    #[serde(rename = "roleArn", default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `DatasetGroupSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetGroupSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `Domain`: string, one of `ECOMMERCE`, `VIDEO_ON_DEMAND`.
    #[serde(rename = "domain", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `DatasetImportJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetImportJob {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `DataSource`.
    #[serde(rename = "dataSource", default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<DataSource>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_arn: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetImportJobArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_import_job_arn: Option<String>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `ImportMode`: string, one of `FULL`, `INCREMENTAL`.
    #[serde(rename = "importMode", default, skip_serializing_if = "Option::is_none")]
    pub import_mode: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "jobName", default, skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Boolean`: boolean.
    #[serde(rename = "publishAttributionMetricsToS3", default, skip_serializing_if = "Option::is_none")]
    pub publish_attribution_metrics_to_s3: Option<bool>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "roleArn", default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `DatasetImportJobSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetImportJobSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetImportJobArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_import_job_arn: Option<String>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `ImportMode`: string, one of `FULL`, `INCREMENTAL`.
    #[serde(rename = "importMode", default, skip_serializing_if = "Option::is_none")]
    pub import_mode: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "jobName", default, skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `DatasetSchema`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetSchema {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Domain`: string, one of `ECOMMERCE`, `VIDEO_ON_DEMAND`.
    #[serde(rename = "domain", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `AvroSchema`: string, at most 20000 characters.
    #[serde(rename = "schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "schemaArn", default, skip_serializing_if = "Option::is_none")]
    pub schema_arn: Option<String>,
}

/// `DatasetSchemaSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetSchemaSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Domain`: string, one of `ECOMMERCE`, `VIDEO_ON_DEMAND`.
    #[serde(rename = "domain", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "schemaArn", default, skip_serializing_if = "Option::is_none")]
    pub schema_arn: Option<String>,
}

/// `DatasetSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_arn: Option<String>,
    /// `DatasetType`: string, at most 256 characters, pattern `^[A-Za-z_]+$`.
    #[serde(rename = "datasetType", default, skip_serializing_if = "Option::is_none")]
    pub dataset_type: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `DatasetUpdateSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetUpdateSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "schemaArn", default, skip_serializing_if = "Option::is_none")]
    pub schema_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `DefaultCategoricalHyperParameterRange`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DefaultCategoricalHyperParameterRange {
    /// `Tunable`: boolean.
    #[serde(rename = "isTunable", default, skip_serializing_if = "Option::is_none")]
    pub is_tunable: Option<bool>,
    /// `ParameterName`: string, at most 256 characters.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `CategoricalValues`: list of `CategoricalValue`, at most 100 members.
    #[serde(rename = "values", default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
}

/// `DefaultContinuousHyperParameterRange`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DefaultContinuousHyperParameterRange {
    /// `Tunable`: boolean.
    #[serde(rename = "isTunable", default, skip_serializing_if = "Option::is_none")]
    pub is_tunable: Option<bool>,
    /// `ContinuousMaxValue`: double, at least -1000000.
    #[serde(rename = "maxValue", default, skip_serializing_if = "crate::scalars::is_absent_number")]
    pub max_value: Option<f64>,
    /// `ContinuousMinValue`: double, at least -1000000.
    #[serde(rename = "minValue", default, skip_serializing_if = "crate::scalars::is_absent_number")]
    pub min_value: Option<f64>,
    /// `ParameterName`: string, at most 256 characters.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// `DefaultHyperParameterRanges`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DefaultHyperParameterRanges {
    /// `DefaultCategoricalHyperParameterRanges`: list of `DefaultCategoricalHyperParameterRange`, at most 100 members.
    #[serde(rename = "categoricalHyperParameterRanges", default, skip_serializing_if = "Option::is_none")]
    pub categorical_hyper_parameter_ranges: Option<Vec<DefaultCategoricalHyperParameterRange>>,
    /// `DefaultContinuousHyperParameterRanges`: list of `DefaultContinuousHyperParameterRange`, at most 100 members.
    #[serde(rename = "continuousHyperParameterRanges", default, skip_serializing_if = "Option::is_none")]
    pub continuous_hyper_parameter_ranges: Option<Vec<DefaultContinuousHyperParameterRange>>,
    /// `DefaultIntegerHyperParameterRanges`: list of `DefaultIntegerHyperParameterRange`, at most 100 members.
    #[serde(rename = "integerHyperParameterRanges", default, skip_serializing_if = "Option::is_none")]
    pub integer_hyper_parameter_ranges: Option<Vec<DefaultIntegerHyperParameterRange>>,
}

/// `DefaultIntegerHyperParameterRange`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DefaultIntegerHyperParameterRange {
    /// `Tunable`: boolean.
    #[serde(rename = "isTunable", default, skip_serializing_if = "Option::is_none")]
    pub is_tunable: Option<bool>,
    /// `IntegerMaxValue`: integer, at most 1000000.
    #[serde(rename = "maxValue", default, skip_serializing_if = "Option::is_none")]
    pub max_value: Option<i32>,
    /// `IntegerMinValue`: integer, at least -1000000.
    #[serde(rename = "minValue", default, skip_serializing_if = "Option::is_none")]
    pub min_value: Option<i32>,
    /// `ParameterName`: string, at most 256 characters.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// `DeleteCampaignRequest`, input of `DeleteCampaign`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeleteCampaignRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "campaignArn")]
    pub campaign_arn: String,
}

/// `DeleteDatasetGroupRequest`, input of `DeleteDatasetGroup`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeleteDatasetGroupRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetGroupArn")]
    pub dataset_group_arn: String,
}

/// `DeleteDatasetRequest`, input of `DeleteDataset`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeleteDatasetRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetArn")]
    pub dataset_arn: String,
}

/// `DeleteEventTrackerRequest`, input of `DeleteEventTracker`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeleteEventTrackerRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "eventTrackerArn")]
    pub event_tracker_arn: String,
}

/// `DeleteFilterRequest`, input of `DeleteFilter`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeleteFilterRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "filterArn")]
    pub filter_arn: String,
}

/// `DeleteMetricAttributionRequest`, input of `DeleteMetricAttribution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeleteMetricAttributionRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "metricAttributionArn")]
    pub metric_attribution_arn: String,
}

/// `DeleteRecommenderRequest`, input of `DeleteRecommender`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeleteRecommenderRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "recommenderArn")]
    pub recommender_arn: String,
}

/// `DeleteSchemaRequest`, input of `DeleteSchema`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeleteSchemaRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "schemaArn")]
    pub schema_arn: String,
}

/// `DeleteSolutionRequest`, input of `DeleteSolution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeleteSolutionRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "solutionArn")]
    pub solution_arn: String,
}

/// `DescribeAlgorithmRequest`, input of `DescribeAlgorithm`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeAlgorithmRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "algorithmArn")]
    pub algorithm_arn: String,
}

/// `DescribeAlgorithmResponse`, output of `DescribeAlgorithm`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeAlgorithmResponse {
    /// `Algorithm`.
    #[serde(rename = "algorithm", default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<Algorithm>,
}

/// `DescribeBatchInferenceJobRequest`, input of `DescribeBatchInferenceJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeBatchInferenceJobRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "batchInferenceJobArn")]
    pub batch_inference_job_arn: String,
}

/// `DescribeBatchInferenceJobResponse`, output of `DescribeBatchInferenceJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeBatchInferenceJobResponse {
    /// `BatchInferenceJob`.
    #[serde(rename = "batchInferenceJob", default, skip_serializing_if = "Option::is_none")]
    pub batch_inference_job: Option<BatchInferenceJob>,
}

/// `DescribeBatchSegmentJobRequest`, input of `DescribeBatchSegmentJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeBatchSegmentJobRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "batchSegmentJobArn")]
    pub batch_segment_job_arn: String,
}

/// `DescribeBatchSegmentJobResponse`, output of `DescribeBatchSegmentJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeBatchSegmentJobResponse {
    /// `BatchSegmentJob`.
    #[serde(rename = "batchSegmentJob", default, skip_serializing_if = "Option::is_none")]
    pub batch_segment_job: Option<BatchSegmentJob>,
}

/// `DescribeCampaignRequest`, input of `DescribeCampaign`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeCampaignRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "campaignArn")]
    pub campaign_arn: String,
}

/// `DescribeCampaignResponse`, output of `DescribeCampaign`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeCampaignResponse {
    /// `Campaign`.
    #[serde(rename = "campaign", default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<Campaign>,
}

/// `DescribeDataDeletionJobRequest`, input of `DescribeDataDeletionJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeDataDeletionJobRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "dataDeletionJobArn")]
    pub data_deletion_job_arn: String,
}

/// `DescribeDataDeletionJobResponse`, output of `DescribeDataDeletionJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeDataDeletionJobResponse {
    /// `DataDeletionJob`.
    #[serde(rename = "dataDeletionJob", default, skip_serializing_if = "Option::is_none")]
    pub data_deletion_job: Option<DataDeletionJob>,
}

/// `DescribeDatasetExportJobRequest`, input of `DescribeDatasetExportJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeDatasetExportJobRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetExportJobArn")]
    pub dataset_export_job_arn: String,
}

/// `DescribeDatasetExportJobResponse`, output of `DescribeDatasetExportJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeDatasetExportJobResponse {
    /// `DatasetExportJob`.
    #[serde(rename = "datasetExportJob", default, skip_serializing_if = "Option::is_none")]
    pub dataset_export_job: Option<DatasetExportJob>,
}

/// `DescribeDatasetGroupRequest`, input of `DescribeDatasetGroup`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeDatasetGroupRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetGroupArn")]
    pub dataset_group_arn: String,
}

/// `DescribeDatasetGroupResponse`, output of `DescribeDatasetGroup`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeDatasetGroupResponse {
    /// `DatasetGroup`.
    #[serde(rename = "datasetGroup", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group: Option<DatasetGroup>,
}

/// `DescribeDatasetImportJobRequest`, input of `DescribeDatasetImportJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeDatasetImportJobRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetImportJobArn")]
    pub dataset_import_job_arn: String,
}

/// `DescribeDatasetImportJobResponse`, output of `DescribeDatasetImportJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeDatasetImportJobResponse {
    /// `DatasetImportJob`.
    #[serde(rename = "datasetImportJob", default, skip_serializing_if = "Option::is_none")]
    pub dataset_import_job: Option<DatasetImportJob>,
}

/// `DescribeDatasetRequest`, input of `DescribeDataset`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeDatasetRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetArn")]
    pub dataset_arn: String,
}

/// `DescribeDatasetResponse`, output of `DescribeDataset`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeDatasetResponse {
    /// `Dataset`.
    #[serde(rename = "dataset", default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<Dataset>,
}

/// `DescribeEventTrackerRequest`, input of `DescribeEventTracker`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeEventTrackerRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "eventTrackerArn")]
    pub event_tracker_arn: String,
}

/// `DescribeEventTrackerResponse`, output of `DescribeEventTracker`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeEventTrackerResponse {
    /// `EventTracker`.
    #[serde(rename = "eventTracker", default, skip_serializing_if = "Option::is_none")]
    pub event_tracker: Option<EventTracker>,
}

/// `DescribeFeatureTransformationRequest`, input of `DescribeFeatureTransformation`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeFeatureTransformationRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "featureTransformationArn")]
    pub feature_transformation_arn: String,
}

/// `DescribeFeatureTransformationResponse`, output of `DescribeFeatureTransformation`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeFeatureTransformationResponse {
    /// `FeatureTransformation`.
    #[serde(rename = "featureTransformation", default, skip_serializing_if = "Option::is_none")]
    pub feature_transformation: Option<FeatureTransformation>,
}

/// `DescribeFilterRequest`, input of `DescribeFilter`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeFilterRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "filterArn")]
    pub filter_arn: String,
}

/// `DescribeFilterResponse`, output of `DescribeFilter`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeFilterResponse {
    /// `Filter`.
    #[serde(rename = "filter", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
}

/// `DescribeMetricAttributionRequest`, input of `DescribeMetricAttribution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeMetricAttributionRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "metricAttributionArn")]
    pub metric_attribution_arn: String,
}

/// `DescribeMetricAttributionResponse`, output of `DescribeMetricAttribution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeMetricAttributionResponse {
    /// `MetricAttribution`.
    #[serde(rename = "metricAttribution", default, skip_serializing_if = "Option::is_none")]
    pub metric_attribution: Option<MetricAttribution>,
}

/// `DescribeRecipeRequest`, input of `DescribeRecipe`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeRecipeRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "recipeArn")]
    pub recipe_arn: String,
}

/// `DescribeRecipeResponse`, output of `DescribeRecipe`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeRecipeResponse {
    /// `Recipe`.
    #[serde(rename = "recipe", default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Recipe>,
}

/// `DescribeRecommenderRequest`, input of `DescribeRecommender`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeRecommenderRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "recommenderArn")]
    pub recommender_arn: String,
}

/// `DescribeRecommenderResponse`, output of `DescribeRecommender`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeRecommenderResponse {
    /// `Recommender`.
    #[serde(rename = "recommender", default, skip_serializing_if = "Option::is_none")]
    pub recommender: Option<Recommender>,
}

/// `DescribeSchemaRequest`, input of `DescribeSchema`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeSchemaRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "schemaArn")]
    pub schema_arn: String,
}

/// `DescribeSchemaResponse`, output of `DescribeSchema`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeSchemaResponse {
    /// `DatasetSchema`.
    #[serde(rename = "schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<DatasetSchema>,
}

/// `DescribeSolutionRequest`, input of `DescribeSolution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeSolutionRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "solutionArn")]
    pub solution_arn: String,
}

/// `DescribeSolutionResponse`, output of `DescribeSolution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeSolutionResponse {
    /// `Solution`.
    #[serde(rename = "solution", default, skip_serializing_if = "Option::is_none")]
    pub solution: Option<Solution>,
}

/// `DescribeSolutionVersionRequest`, input of `DescribeSolutionVersion`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeSolutionVersionRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "solutionVersionArn")]
    pub solution_version_arn: String,
}

/// `DescribeSolutionVersionResponse`, output of `DescribeSolutionVersion`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribeSolutionVersionResponse {
    /// `SolutionVersion`.
    #[serde(rename = "solutionVersion", default, skip_serializing_if = "Option::is_none")]
    pub solution_version: Option<SolutionVersion>,
}

/// `EventParameters`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EventParameters {
    /// `EventType`: string, at most 256 characters.
    #[serde(rename = "eventType", default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// `EventTypeThresholdValue`: double.
    #[serde(rename = "eventValueThreshold", default, skip_serializing_if = "crate::scalars::is_absent_number")]
    pub event_value_threshold: Option<f64>,
    /// `EventTypeWeight`: double, 0 to 1.
    #[serde(rename = "weight", default, skip_serializing_if = "crate::scalars::is_absent_number")]
    pub weight: Option<f64>,
}

/// `EventTracker`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EventTracker {
    /// `AccountId`: string, at most 256 characters.
    #[serde(rename = "accountId", default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "eventTrackerArn", default, skip_serializing_if = "Option::is_none")]
    pub event_tracker_arn: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `TrackingId`: string, at most 256 characters.
    #[serde(rename = "trackingId", default, skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
}

/// `EventTrackerSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EventTrackerSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "eventTrackerArn", default, skip_serializing_if = "Option::is_none")]
    pub event_tracker_arn: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `EventsConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EventsConfig {
    /// `EventParametersList`: list of `EventParameters`, at most 10 members.
    #[serde(rename = "eventParametersList", default, skip_serializing_if = "Option::is_none")]
    pub event_parameters_list: Option<Vec<EventParameters>>,
}

/// `FeatureTransformation`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeatureTransformation {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `FeaturizationParameters`: map from `ParameterName` to `ParameterValue`, at most 100 entries.
    #[serde(
        rename = "defaultParameters",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::parameters::optional"
    )]
    pub default_parameters: Option<BTreeMap<String, String>>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "featureTransformationArn", default, skip_serializing_if = "Option::is_none")]
    pub feature_transformation_arn: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `FieldsForThemeGeneration`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldsForThemeGeneration {
    /// `ColumnName`: string, at most 150 characters, pattern `[A-Za-z_][A-Za-z\d_]*`. Required.
    #[serde(rename = "itemName")]
    pub item_name: String,
}

/// `Filter`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "filterArn", default, skip_serializing_if = "Option::is_none")]
    pub filter_arn: Option<String>,
    /// `FilterExpression`: string, 1 to 2500 characters.
    #[serde(rename = "filterExpression", default, skip_serializing_if = "Option::is_none")]
    pub filter_expression: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `FilterSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FilterSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "filterArn", default, skip_serializing_if = "Option::is_none")]
    pub filter_arn: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `GetSolutionMetricsRequest`, input of `GetSolutionMetrics`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetSolutionMetricsRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "solutionVersionArn")]
    pub solution_version_arn: String,
}

/// `GetSolutionMetricsResponse`, output of `GetSolutionMetrics`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetSolutionMetricsResponse {
    /// `Metrics`: map from `MetricName` to `MetricValue`, at most 100 entries.
    #[serde(rename = "metrics", default, serialize_with = "crate::scalars::numbers::plain")]
    pub metrics: BTreeMap<String, f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionVersionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_version_arn: Option<String>,
}

/// `HPOConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HPOConfig {
    /// `HyperParameterRanges`.
    #[serde(rename = "algorithmHyperParameterRanges", default, skip_serializing_if = "Option::is_none")]
    pub algorithm_hyper_parameter_ranges: Option<HyperParameterRanges>,
    /// `HPOObjective`.
    #[serde(rename = "hpoObjective", default, skip_serializing_if = "Option::is_none")]
    pub hpo_objective: Option<HPOObjective>,
    /// `HPOResourceConfig`.
    #[serde(rename = "hpoResourceConfig", default, skip_serializing_if = "Option::is_none")]
    pub hpo_resource_config: Option<HPOResourceConfig>,
}

/// `HPOObjective`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HPOObjective {
    /// `MetricName`: string, at most 256 characters.
    #[serde(rename = "metricName", default, skip_serializing_if = "Option::is_none")]
    pub metric_name: Option<String>,
    /// `MetricRegex`: string, at most 256 characters.
    #[serde(rename = "metricRegex", default, skip_serializing_if = "Option::is_none")]
    pub metric_regex: Option<String>,
    /// `HPOObjectiveType`: string, at most 256 characters.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}

/// `HPOResourceConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HPOResourceConfig {
    /// `HPOResource`: string, at most 256 characters.
    #[serde(rename = "maxNumberOfTrainingJobs", default, skip_serializing_if = "Option::is_none")]
    pub max_number_of_training_jobs: Option<String>,
    /// `HPOResource`: string, at most 256 characters.
    #[serde(rename = "maxParallelTrainingJobs", default, skip_serializing_if = "Option::is_none")]
    pub max_parallel_training_jobs: Option<String>,
}

/// `HyperParameterRanges`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HyperParameterRanges {
    /// `CategoricalHyperParameterRanges`: list of `CategoricalHyperParameterRange`, at most 100 members.
    #[serde(rename = "categoricalHyperParameterRanges", default, skip_serializing_if = "Option::is_none")]
    pub categorical_hyper_parameter_ranges: Option<Vec<CategoricalHyperParameterRange>>,
    /// `ContinuousHyperParameterRanges`: list of `ContinuousHyperParameterRange`, at most 100 members.
    #[serde(rename = "continuousHyperParameterRanges", default, skip_serializing_if = "Option::is_none")]
    pub continuous_hyper_parameter_ranges: Option<Vec<ContinuousHyperParameterRange>>,
    /// `IntegerHyperParameterRanges`: list of `IntegerHyperParameterRange`, at most 100 members.
    #[serde(rename = "integerHyperParameterRanges", default, skip_serializing_if = "Option::is_none")]
    pub integer_hyper_parameter_ranges: Option<Vec<IntegerHyperParameterRange>>,
}

/// `IntegerHyperParameterRange`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IntegerHyperParameterRange {
    /// `IntegerMaxValue`: integer, at most 1000000.
    #[serde(rename = "maxValue", default, skip_serializing_if = "Option::is_none")]
    pub max_value: Option<i32>,
    /// `IntegerMinValue`: integer, at least -1000000.
    #[serde(rename = "minValue", default, skip_serializing_if = "Option::is_none")]
    pub min_value: Option<i32>,
    /// `ParameterName`: string, at most 256 characters.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// `ListBatchInferenceJobsRequest`, input of `ListBatchInferenceJobs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListBatchInferenceJobsRequest {
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionVersionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_version_arn: Option<String>,
}

/// `ListBatchInferenceJobsResponse`, output of `ListBatchInferenceJobs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListBatchInferenceJobsResponse {
    /// `BatchInferenceJobs`: list of `BatchInferenceJobSummary`, at most 100 members.
    #[serde(rename = "batchInferenceJobs", default)]
    pub batch_inference_jobs: Vec<BatchInferenceJobSummary>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListBatchSegmentJobsRequest`, input of `ListBatchSegmentJobs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListBatchSegmentJobsRequest {
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionVersionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_version_arn: Option<String>,
}

/// `ListBatchSegmentJobsResponse`, output of `ListBatchSegmentJobs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListBatchSegmentJobsResponse {
    /// `BatchSegmentJobs`: list of `BatchSegmentJobSummary`, at most 100 members.
    #[serde(rename = "batchSegmentJobs", default)]
    pub batch_segment_jobs: Vec<BatchSegmentJobSummary>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListCampaignsRequest`, input of `ListCampaigns`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListCampaignsRequest {
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_arn: Option<String>,
}

/// `ListCampaignsResponse`, output of `ListCampaigns`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListCampaignsResponse {
    /// `Campaigns`: list of `CampaignSummary`, at most 100 members.
    #[serde(rename = "campaigns", default)]
    pub campaigns: Vec<CampaignSummary>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListDataDeletionJobsRequest`, input of `ListDataDeletionJobs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListDataDeletionJobsRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListDataDeletionJobsResponse`, output of `ListDataDeletionJobs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListDataDeletionJobsResponse {
    /// `DataDeletionJobs`: list of `DataDeletionJobSummary`, at most 100 members.
    #[serde(rename = "dataDeletionJobs", default)]
    pub data_deletion_jobs: Vec<DataDeletionJobSummary>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListDatasetExportJobsRequest`, input of `ListDatasetExportJobs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListDatasetExportJobsRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_arn: Option<String>,
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListDatasetExportJobsResponse`, output of `ListDatasetExportJobs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListDatasetExportJobsResponse {
    /// `DatasetExportJobs`: list of `DatasetExportJobSummary`, at most 100 members.
    #[serde(rename = "datasetExportJobs", default)]
    pub dataset_export_jobs: Vec<DatasetExportJobSummary>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListDatasetGroupsRequest`, input of `ListDatasetGroups`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListDatasetGroupsRequest {
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListDatasetGroupsResponse`, output of `ListDatasetGroups`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListDatasetGroupsResponse {
    /// `DatasetGroups`: list of `DatasetGroupSummary`, at most 100 members.
    #[serde(rename = "datasetGroups", default)]
    pub dataset_groups: Vec<DatasetGroupSummary>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListDatasetImportJobsRequest`, input of `ListDatasetImportJobs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListDatasetImportJobsRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_arn: Option<String>,
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListDatasetImportJobsResponse`, output of `ListDatasetImportJobs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListDatasetImportJobsResponse {
    /// `DatasetImportJobs`: list of `DatasetImportJobSummary`, at most 100 members.
    #[serde(rename = "datasetImportJobs", default)]
    pub dataset_import_jobs: Vec<DatasetImportJobSummary>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListDatasetsRequest`, input of `ListDatasets`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListDatasetsRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListDatasetsResponse`, output of `ListDatasets`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListDatasetsResponse {
    /// `Datasets`: list of `DatasetSummary`, at most 100 members.
    #[serde(rename = "datasets", default)]
    pub datasets: Vec<DatasetSummary>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListEventTrackersRequest`, input of `ListEventTrackers`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListEventTrackersRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListEventTrackersResponse`, output of `ListEventTrackers`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListEventTrackersResponse {
    /// `EventTrackers`: list of `EventTrackerSummary`, at most 100 members.
    #[serde(rename = "eventTrackers", default)]
    pub event_trackers: Vec<EventTrackerSummary>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListFiltersRequest`, input of `ListFilters`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListFiltersRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListFiltersResponse`, output of `ListFilters`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListFiltersResponse {
    /// `Filters`: list of `FilterSummary`, at most 100 members.
    #[serde(rename = "Filters", default)]
    pub filters: Vec<FilterSummary>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListMetricAttributionMetricsRequest`, input of `ListMetricAttributionMetrics`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListMetricAttributionMetricsRequest {
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "metricAttributionArn", default, skip_serializing_if = "Option::is_none")]
    pub metric_attribution_arn: Option<String>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListMetricAttributionMetricsResponse`, output of `ListMetricAttributionMetrics`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListMetricAttributionMetricsResponse {
    /// `MetricAttributes`: list of `MetricAttribute`, at most 10 members.
    #[serde(rename = "metrics", default)]
    pub metrics: Vec<MetricAttribute>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListMetricAttributionsRequest`, input of `ListMetricAttributions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListMetricAttributionsRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListMetricAttributionsResponse`, output of `ListMetricAttributions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListMetricAttributionsResponse {
    /// `MetricAttributions`: list of `MetricAttributionSummary`, at most 100 members.
    #[serde(rename = "metricAttributions", default)]
    pub metric_attributions: Vec<MetricAttributionSummary>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListRecipesRequest`, input of `ListRecipes`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListRecipesRequest {
    /// `Domain`: string, one of `ECOMMERCE`, `VIDEO_ON_DEMAND`.
    #[serde(rename = "domain", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// `RecipeProvider`: string, one of `SERVICE`.
    #[serde(rename = "recipeProvider", default, skip_serializing_if = "Option::is_none")]
    pub recipe_provider: Option<String>,
}

/// `ListRecipesResponse`, output of `ListRecipes`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListRecipesResponse {
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// `Recipes`: list of `RecipeSummary`, at most 100 members.
    #[serde(rename = "recipes", default)]
    pub recipes: Vec<RecipeSummary>,
}

/// `ListRecommendersRequest`, input of `ListRecommenders`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListRecommendersRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListRecommendersResponse`, output of `ListRecommenders`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListRecommendersResponse {
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// `Recommenders`: list of `RecommenderSummary`, at most 100 members.
    #[serde(rename = "recommenders", default)]
    pub recommenders: Vec<RecommenderSummary>,
}

/// `ListSchemasRequest`, input of `ListSchemas`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListSchemasRequest {
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListSchemasResponse`, output of `ListSchemas`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListSchemasResponse {
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// `Schemas`: list of `DatasetSchemaSummary`, at most 100 members.
    #[serde(rename = "schemas", default)]
    pub schemas: Vec<DatasetSchemaSummary>,
}

/// `ListSolutionVersionsRequest`, input of `ListSolutionVersions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListSolutionVersionsRequest {
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_arn: Option<String>,
}

/// `ListSolutionVersionsResponse`, output of `ListSolutionVersions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListSolutionVersionsResponse {
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// `SolutionVersions`: list of `SolutionVersionSummary`, at most 100 members.
    #[serde(rename = "solutionVersions", default)]
    pub solution_versions: Vec<SolutionVersionSummary>,
}

/// `ListSolutionsRequest`, input of `ListSolutions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListSolutionsRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `MaxResults`: integer, 1 to 100.
    #[serde(rename = "maxResults", default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i32>,
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// `ListSolutionsResponse`, output of `ListSolutions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListSolutionsResponse {
    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// `Solutions`: list of `SolutionSummary`, at most 100 members.
    #[serde(rename = "solutions", default)]
    pub solutions: Vec<SolutionSummary>,
}

/// `ListTagsForResourceRequest`, input of `ListTagsForResource`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListTagsForResourceRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "resourceArn")]
    pub resource_arn: String,
}

/// `ListTagsForResourceResponse`, output of `ListTagsForResource`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListTagsForResourceResponse {
    /// `Tags`: list of `Tag`, 0 to 200 members.
    #[serde(rename = "tags", default)]
    pub tags: Vec<Tag>,
}

/// `MetricAttribute`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricAttribute {
    /// `EventType`: string, at most 256 characters. Required.
    #[serde(rename = "eventType")]
    pub event_type: String,
    /// `MetricExpression`: string, at most 256 characters. Required.
    #[serde(rename = "expression")]
    pub expression: String,
    /// `MetricName`: string, at most 256 characters. Required.
    #[serde(rename = "metricName")]
    pub metric_name: String,
}

/// `MetricAttribution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricAttribution {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "metricAttributionArn", default, skip_serializing_if = "Option::is_none")]
    pub metric_attribution_arn: Option<String>,
    /// `MetricAttributionOutput`.
    #[serde(rename = "metricsOutputConfig", default, skip_serializing_if = "Option::is_none")]
    pub metrics_output_config: Option<MetricAttributionOutput>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `MetricAttributionOutput`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricAttributionOutput {
    /// `RoleArn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`. Required.
    #[serde(rename = "roleArn")]
    pub role_arn: String,
    /// `S3DataConfig`.
    #[serde(rename = "s3DataDestination", default, skip_serializing_if = "Option::is_none")]
    pub s3_data_destination: Option<S3DataConfig>,
}

/// `MetricAttributionSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricAttributionSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "metricAttributionArn", default, skip_serializing_if = "Option::is_none")]
    pub metric_attribution_arn: Option<String>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `OptimizationObjective`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OptimizationObjective {
    /// `ItemAttribute`: string, 1 to 150 characters.
    #[serde(rename = "itemAttribute", default, skip_serializing_if = "Option::is_none")]
    pub item_attribute: Option<String>,
    /// `ObjectiveSensitivity`: string, one of `LOW`, `MEDIUM`, `HIGH`, `OFF`.
    #[serde(rename = "objectiveSensitivity", default, skip_serializing_if = "Option::is_none")]
    pub objective_sensitivity: Option<String>,
}

/// `Recipe`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "algorithmArn", default, skip_serializing_if = "Option::is_none")]
    pub algorithm_arn: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Description`: string.
    #[serde(rename = "description", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "featureTransformationArn", default, skip_serializing_if = "Option::is_none")]
    pub feature_transformation_arn: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recipeArn", default, skip_serializing_if = "Option::is_none")]
    pub recipe_arn: Option<String>,
    /// `RecipeType`: string, at most 256 characters.
    #[serde(rename = "recipeType", default, skip_serializing_if = "Option::is_none")]
    pub recipe_type: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `RecipeSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecipeSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Domain`: string, one of `ECOMMERCE`, `VIDEO_ON_DEMAND`.
    #[serde(rename = "domain", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recipeArn", default, skip_serializing_if = "Option::is_none")]
    pub recipe_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `Recommender`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recommender {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `RecommenderUpdateSummary`.
    #[serde(rename = "latestRecommenderUpdate", default, skip_serializing_if = "Option::is_none")]
    pub latest_recommender_update: Option<RecommenderUpdateSummary>,
    /// `Metrics`: map from `MetricName` to `MetricValue`, at most 100 entries.
    #[serde(
        rename = "modelMetrics",
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::scalars::numbers::optional"
    )]
    pub model_metrics: Option<BTreeMap<String, f64>>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recipeArn", default, skip_serializing_if = "Option::is_none")]
    pub recipe_arn: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recommenderArn", default, skip_serializing_if = "Option::is_none")]
    pub recommender_arn: Option<String>,
    /// `RecommenderConfig`.
    #[serde(rename = "recommenderConfig", default, skip_serializing_if = "Option::is_none")]
    pub recommender_config: Option<RecommenderConfig>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `RecommenderConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecommenderConfig {
    /// `Boolean`: boolean.
    #[serde(rename = "enableMetadataWithRecommendations", default, skip_serializing_if = "Option::is_none")]
    pub enable_metadata_with_recommendations: Option<bool>,
    /// `HyperParameters`: map from `ParameterName` to `ParameterValue`, at most 100 entries.
    #[serde(
        rename = "itemExplorationConfig",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::parameters::optional"
    )]
    pub item_exploration_config: Option<BTreeMap<String, String>>,
    /// `TransactionsPerSecond`: integer, at least 1.
    #[serde(rename = "minRecommendationRequestsPerSecond", default, skip_serializing_if = "Option::is_none")]
    pub min_recommendation_requests_per_second: Option<i32>,
    /// `TrainingDataConfig`.
    #[serde(rename = "trainingDataConfig", default, skip_serializing_if = "Option::is_none")]
    pub training_data_config: Option<TrainingDataConfig>,
}

/// `RecommenderSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecommenderSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recipeArn", default, skip_serializing_if = "Option::is_none")]
    pub recipe_arn: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recommenderArn", default, skip_serializing_if = "Option::is_none")]
    pub recommender_arn: Option<String>,
    /// `RecommenderConfig`.
    #[serde(rename = "recommenderConfig", default, skip_serializing_if = "Option::is_none")]
    pub recommender_config: Option<RecommenderConfig>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `RecommenderUpdateSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecommenderUpdateSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `RecommenderConfig`.
    #[serde(rename = "recommenderConfig", default, skip_serializing_if = "Option::is_none")]
    pub recommender_config: Option<RecommenderConfig>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `S3DataConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct S3DataConfig {
    /// `KmsKeyArn`: string, at most 2048 characters, pattern `arn:aws.*:kms:.*:[0-9]{12}:key/.*`.
    #[serde(rename = "kmsKeyArn", default, skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<String>,
    /// `S3Location`: string, at most 256 characters, pattern `(s3|http|https)://.+`. Required.
    #[serde(rename = "path")]
    pub path: String,
}

/// `Solution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Solution {
    /// `AutoMLResult`.
    #[serde(rename = "autoMLResult", default, skip_serializing_if = "Option::is_none")]
    pub auto_ml_result: Option<AutoMLResult>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `EventType`: string, at most 256 characters.
    #[serde(rename = "eventType", default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `SolutionUpdateSummary`.
    #[serde(rename = "latestSolutionUpdate", default, skip_serializing_if = "Option::is_none")]
    pub latest_solution_update: Option<SolutionUpdateSummary>,
    /// `SolutionVersionSummary`.
    #[serde(rename = "latestSolutionVersion", default, skip_serializing_if = "Option::is_none")]
    pub latest_solution_version: Option<SolutionVersionSummary>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `PerformAutoML`: boolean.
    #[serde(rename = "performAutoML", default, skip_serializing_if = "Option::is_none")]
    pub perform_auto_ml: Option<bool>,
    /// `PerformAutoTraining`: boolean.
    #[serde(rename = "performAutoTraining", default, skip_serializing_if = "Option::is_none")]
    pub perform_auto_training: Option<bool>,
    /// `PerformHPO`: boolean.
    #[serde(rename = "performHPO", default, skip_serializing_if = "Option::is_none")]
    pub perform_hpo: Option<bool>,
    /// `PerformIncrementalUpdate`: boolean.
    #[serde(rename = "performIncrementalUpdate", default, skip_serializing_if = "Option::is_none")]
    pub perform_incremental_update: Option<bool>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recipeArn", default, skip_serializing_if = "Option::is_none")]
    pub recipe_arn: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_arn: Option<String>,
    /// `SolutionConfig`.
    #[serde(rename = "solutionConfig", default, skip_serializing_if = "Option::is_none")]
    pub solution_config: Option<SolutionConfig>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `SolutionConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SolutionConfig {
    /// `HyperParameters`: map from `ParameterName` to `ParameterValue`, at most 100 entries.
    #[serde(
        rename = "algorithmHyperParameters",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::parameters::optional"
    )]
    pub algorithm_hyper_parameters: Option<BTreeMap<String, String>>,
    /// `AutoMLConfig`.
    #[serde(rename = "autoMLConfig", default, skip_serializing_if = "Option::is_none")]
    pub auto_ml_config: Option<AutoMLConfig>,
    /// `AutoTrainingConfig`.
    #[serde(rename = "autoTrainingConfig", default, skip_serializing_if = "Option::is_none")]
    pub auto_training_config: Option<AutoTrainingConfig>,
    /// `EventValueThreshold`: string, at most 256 characters.
    #[serde(rename = "eventValueThreshold", default, skip_serializing_if = "Option::is_none")]
    pub event_value_threshold: Option<String>,
    /// `EventsConfig`.
    #[serde(rename = "eventsConfig", default, skip_serializing_if = "Option::is_none")]
    pub events_config: Option<EventsConfig>,
    /// `FeatureTransformationParameters`: map from `ParameterName` to `ParameterValue`, at most 100 entries.
    #[serde(
        rename = "featureTransformationParameters",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::parameters::optional"
    )]
    pub feature_transformation_parameters: Option<BTreeMap<String, String>>,
    /// `HPOConfig`.
    #[serde(rename = "hpoConfig", default, skip_serializing_if = "Option::is_none")]
    pub hpo_config: Option<HPOConfig>,
    /// `OptimizationObjective`.
    #[serde(rename = "optimizationObjective", default, skip_serializing_if = "Option::is_none")]
    pub optimization_objective: Option<OptimizationObjective>,
    /// `TrainingDataConfig`.
    #[serde(rename = "trainingDataConfig", default, skip_serializing_if = "Option::is_none")]
    pub training_data_config: Option<TrainingDataConfig>,
}

/// `SolutionSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SolutionSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recipeArn", default, skip_serializing_if = "Option::is_none")]
    pub recipe_arn: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `SolutionUpdateConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SolutionUpdateConfig {
    /// `AutoTrainingConfig`.
    #[serde(rename = "autoTrainingConfig", default, skip_serializing_if = "Option::is_none")]
    pub auto_training_config: Option<AutoTrainingConfig>,
    /// `EventsConfig`.
    #[serde(rename = "eventsConfig", default, skip_serializing_if = "Option::is_none")]
    pub events_config: Option<EventsConfig>,
}

/// `SolutionUpdateSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SolutionUpdateSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `PerformAutoTraining`: boolean.
    #[serde(rename = "performAutoTraining", default, skip_serializing_if = "Option::is_none")]
    pub perform_auto_training: Option<bool>,
    /// `PerformIncrementalUpdate`: boolean.
    #[serde(rename = "performIncrementalUpdate", default, skip_serializing_if = "Option::is_none")]
    pub perform_incremental_update: Option<bool>,
    /// `SolutionUpdateConfig`.
    #[serde(rename = "solutionUpdateConfig", default, skip_serializing_if = "Option::is_none")]
    pub solution_update_config: Option<SolutionUpdateConfig>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `SolutionVersion`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SolutionVersion {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetGroupArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_group_arn: Option<String>,
    /// `EventType`: string, at most 256 characters.
    #[serde(rename = "eventType", default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `PerformAutoML`: boolean.
    #[serde(rename = "performAutoML", default, skip_serializing_if = "Option::is_none")]
    pub perform_auto_ml: Option<bool>,
    /// `PerformHPO`: boolean.
    #[serde(rename = "performHPO", default, skip_serializing_if = "Option::is_none")]
    pub perform_hpo: Option<bool>,
    /// `PerformIncrementalUpdate`: boolean.
    #[serde(rename = "performIncrementalUpdate", default, skip_serializing_if = "Option::is_none")]
    pub perform_incremental_update: Option<bool>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recipeArn", default, skip_serializing_if = "Option::is_none")]
    pub recipe_arn: Option<String>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_arn: Option<String>,
    /// `SolutionConfig`.
    #[serde(rename = "solutionConfig", default, skip_serializing_if = "Option::is_none")]
    pub solution_config: Option<SolutionConfig>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionVersionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_version_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `TrainingHours`: double, at least 0.
    #[serde(rename = "trainingHours", default, skip_serializing_if = "crate::scalars::is_absent_number")]
    pub training_hours: Option<f64>,
    /// `TrainingMode`: string, one of `FULL`, `UPDATE`, `AUTOTRAIN`.
    #[serde(rename = "trainingMode", default, skip_serializing_if = "Option::is_none")]
    pub training_mode: Option<String>,
    /// `TrainingType`: string, one of `AUTOMATIC`, `MANUAL`.
    #[serde(rename = "trainingType", default, skip_serializing_if = "Option::is_none")]
    pub training_type: Option<String>,
    /// `TunedHPOParams`.
    #[serde(rename = "tunedHPOParams", default, skip_serializing_if = "Option::is_none")]
    pub tuned_hpo_params: Option<TunedHPOParams>,
}

/// `SolutionVersionSummary`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SolutionVersionSummary {
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "creationDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub creation_date_time: Option<f64>,
    /// `FailureReason`: string.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// `Date`: seconds since the Unix epoch.
    #[serde(
        rename = "lastUpdatedDateTime",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::scalars::timestamp::optional"
    )]
    pub last_updated_date_time: Option<f64>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionVersionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_version_arn: Option<String>,
    /// `Status`: string, at most 256 characters.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `TrainingMode`: string, one of `FULL`, `UPDATE`, `AUTOTRAIN`.
    #[serde(rename = "trainingMode", default, skip_serializing_if = "Option::is_none")]
    pub training_mode: Option<String>,
    /// `TrainingType`: string, one of `AUTOMATIC`, `MANUAL`.
    #[serde(rename = "trainingType", default, skip_serializing_if = "Option::is_none")]
    pub training_type: Option<String>,
}

/// `StartRecommenderRequest`, input of `StartRecommender`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StartRecommenderRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "recommenderArn")]
    pub recommender_arn: String,
}

/// `StartRecommenderResponse`, output of `StartRecommender`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StartRecommenderResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recommenderArn", default, skip_serializing_if = "Option::is_none")]
    pub recommender_arn: Option<String>,
}

/// `StopRecommenderRequest`, input of `StopRecommender`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StopRecommenderRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "recommenderArn")]
    pub recommender_arn: String,
}

/// `StopRecommenderResponse`, output of `StopRecommender`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StopRecommenderResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recommenderArn", default, skip_serializing_if = "Option::is_none")]
    pub recommender_arn: Option<String>,
}

/// `StopSolutionVersionCreationRequest`, input of `StopSolutionVersionCreation`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StopSolutionVersionCreationRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "solutionVersionArn")]
    pub solution_version_arn: String,
}

/// `Tag`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// `TagKey`: string, 1 to 128 characters, pattern `^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`. Required.
    #[serde(rename = "tagKey")]
    pub tag_key: String,
    /// `TagValue`: string, 0 to 256 characters, pattern `^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`. Required.
    #[serde(rename = "tagValue")]
    pub tag_value: String,
}

/// `TagResourceRequest`, input of `TagResource`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TagResourceRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "resourceArn")]
    pub resource_arn: String,
    /// `Tags`: list of `Tag`, 0 to 200 members. Required.
    #[serde(rename = "tags")]
    pub tags: Vec<Tag>,
}

/// `TagResourceResponse`, output of `TagResource`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TagResourceResponse {}

/// `ThemeGenerationConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ThemeGenerationConfig {
    /// `FieldsForThemeGeneration`. Required.
    #[serde(rename = "fieldsForThemeGeneration")]
    pub fields_for_theme_generation: FieldsForThemeGeneration,
}

/// `TrainingDataConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingDataConfig {
    /// `ExcludedDatasetColumns`: map from `DatasetType` to `ColumnNamesList`, at most 3 entries.
    #[serde(rename = "excludedDatasetColumns", default, skip_serializing_if = "Option::is_none")]
    pub excluded_dataset_columns: Option<BTreeMap<String, Vec<String>>>,
    /// `IncludedDatasetColumns`: map from `DatasetType` to `ColumnNamesList`, at most 3 entries.
    #[serde(rename = "includedDatasetColumns", default, skip_serializing_if = "Option::is_none")]
    pub included_dataset_columns: Option<BTreeMap<String, Vec<String>>>,
}

/// `TunedHPOParams`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TunedHPOParams {
    /// `HyperParameters`: map from `ParameterName` to `ParameterValue`, at most 100 entries.
    #[serde(
        rename = "algorithmHyperParameters",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::scalars::parameters::optional"
    )]
    pub algorithm_hyper_parameters: Option<BTreeMap<String, String>>,
}

/// `UntagResourceRequest`, input of `UntagResource`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UntagResourceRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "resourceArn")]
    pub resource_arn: String,
    /// `TagKeys`: list of `TagKey`, 0 to 200 members. Required.
    #[serde(rename = "tagKeys")]
    pub tag_keys: Vec<String>,
}

/// `UntagResourceResponse`, output of `UntagResource`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UntagResourceResponse {}

/// `UpdateCampaignRequest`, input of `UpdateCampaign`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateCampaignRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "campaignArn")]
    pub campaign_arn: String,
    /// `CampaignConfig`.
    #[serde(rename = "campaignConfig", default, skip_serializing_if = "Option::is_none")]
    pub campaign_config: Option<CampaignConfig>,
    /// `TransactionsPerSecond`: integer, at least 1.
    #[serde(rename = "minProvisionedTPS", default, skip_serializing_if = "Option::is_none")]
    pub min_provisioned_tps: Option<i32>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionVersionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_version_arn: Option<String>,
}

/// `UpdateCampaignResponse`, output of `UpdateCampaign`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateCampaignResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "campaignArn", default, skip_serializing_if = "Option::is_none")]
    pub campaign_arn: Option<String>,
}

/// `UpdateDatasetRequest`, input of `UpdateDataset`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateDatasetRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "datasetArn")]
    pub dataset_arn: String,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "schemaArn")]
    pub schema_arn: String,
}

/// `UpdateDatasetResponse`, output of `UpdateDataset`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateDatasetResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "datasetArn", default, skip_serializing_if = "Option::is_none")]
    pub dataset_arn: Option<String>,
}

/// `UpdateMetricAttributionRequest`, input of `UpdateMetricAttribution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateMetricAttributionRequest {
    /// `MetricAttributes`: list of `MetricAttribute`, at most 10 members.
    #[serde(rename = "addMetrics", default, skip_serializing_if = "Option::is_none")]
    pub add_metrics: Option<Vec<MetricAttribute>>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "metricAttributionArn", default, skip_serializing_if = "Option::is_none")]
    pub metric_attribution_arn: Option<String>,
    /// `MetricAttributionOutput`.
    #[serde(rename = "metricsOutputConfig", default, skip_serializing_if = "Option::is_none")]
    pub metrics_output_config: Option<MetricAttributionOutput>,
    /// `MetricAttributesNamesList`: list of `MetricName`, at most 10 members.
    #[serde(rename = "removeMetrics", default, skip_serializing_if = "Option::is_none")]
    pub remove_metrics: Option<Vec<String>>,
}

/// `UpdateMetricAttributionResponse`, output of `UpdateMetricAttribution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateMetricAttributionResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "metricAttributionArn", default, skip_serializing_if = "Option::is_none")]
    pub metric_attribution_arn: Option<String>,
}

/// `UpdateRecommenderRequest`, input of `UpdateRecommender`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateRecommenderRequest {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "recommenderArn")]
    pub recommender_arn: String,
    /// `RecommenderConfig`. Required.
    #[serde(rename = "recommenderConfig")]
    pub recommender_config: RecommenderConfig,
}

/// `UpdateRecommenderResponse`, output of `UpdateRecommender`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateRecommenderResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "recommenderArn", default, skip_serializing_if = "Option::is_none")]
    pub recommender_arn: Option<String>,
}

/// `UpdateSolutionRequest`, input of `UpdateSolution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateSolutionRequest {
    /// `PerformAutoTraining`: boolean.
    #[serde(rename = "performAutoTraining", default, skip_serializing_if = "Option::is_none")]
    pub perform_auto_training: Option<bool>,
    /// `PerformIncrementalUpdate`: boolean.
    #[serde(rename = "performIncrementalUpdate", default, skip_serializing_if = "Option::is_none")]
    pub perform_incremental_update: Option<bool>,
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`. Required.
    #[serde(rename = "solutionArn")]
    pub solution_arn: String,
    /// `SolutionUpdateConfig`.
    #[serde(rename = "solutionUpdateConfig", default, skip_serializing_if = "Option::is_none")]
    pub solution_update_config: Option<SolutionUpdateConfig>,
}

/// `UpdateSolutionResponse`, output of `UpdateSolution`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateSolutionResponse {
    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    #[serde(rename = "solutionArn", default, skip_serializing_if = "Option::is_none")]
    pub solution_arn: Option<String>,
}

crate::structure::structures!(
    Algorithm,
    AlgorithmImage,
    AutoMLConfig,
    AutoMLResult,
    AutoTrainingConfig,
    BatchInferenceJob,
    BatchInferenceJobConfig,
    BatchInferenceJobInput,
    BatchInferenceJobOutput,
    BatchInferenceJobSummary,
    BatchSegmentJob,
    BatchSegmentJobInput,
    BatchSegmentJobOutput,
    BatchSegmentJobSummary,
    Campaign,
    CampaignConfig,
    CampaignSummary,
    CampaignUpdateSummary,
    CategoricalHyperParameterRange,
    ContinuousHyperParameterRange,
    CreateBatchInferenceJobRequest,
    CreateBatchInferenceJobResponse,
    CreateBatchSegmentJobRequest,
    CreateBatchSegmentJobResponse,
    CreateCampaignRequest,
    CreateCampaignResponse,
    CreateDataDeletionJobRequest,
    CreateDataDeletionJobResponse,
    CreateDatasetExportJobRequest,
    CreateDatasetExportJobResponse,
    CreateDatasetGroupRequest,
    CreateDatasetGroupResponse,
    CreateDatasetImportJobRequest,
    CreateDatasetImportJobResponse,
    CreateDatasetRequest,
    CreateDatasetResponse,
    CreateEventTrackerRequest,
    CreateEventTrackerResponse,
    CreateFilterRequest,
    CreateFilterResponse,
    CreateMetricAttributionRequest,
    CreateMetricAttributionResponse,
    CreateRecommenderRequest,
    CreateRecommenderResponse,
    CreateSchemaRequest,
    CreateSchemaResponse,
    CreateSolutionRequest,
    CreateSolutionResponse,
    CreateSolutionVersionRequest,
    CreateSolutionVersionResponse,
    DataDeletionJob,
    DataDeletionJobSummary,
    DataSource,
    Dataset,
    DatasetExportJob,
    DatasetExportJobOutput,
    DatasetExportJobSummary,
    DatasetGroup,
    DatasetGroupSummary,
    DatasetImportJob,
    DatasetImportJobSummary,
    DatasetSchema,
    DatasetSchemaSummary,
    DatasetSummary,
    DatasetUpdateSummary,
    DefaultCategoricalHyperParameterRange,
    DefaultContinuousHyperParameterRange,
    DefaultHyperParameterRanges,
    DefaultIntegerHyperParameterRange,
    DeleteCampaignRequest,
    DeleteDatasetGroupRequest,
    DeleteDatasetRequest,
    DeleteEventTrackerRequest,
    DeleteFilterRequest,
    DeleteMetricAttributionRequest,
    DeleteRecommenderRequest,
    DeleteSchemaRequest,
    DeleteSolutionRequest,
    DescribeAlgorithmRequest,
    DescribeAlgorithmResponse,
    DescribeBatchInferenceJobRequest,
    DescribeBatchInferenceJobResponse,
    DescribeBatchSegmentJobRequest,
    DescribeBatchSegmentJobResponse,
    DescribeCampaignRequest,
    DescribeCampaignResponse,
    DescribeDataDeletionJobRequest,
    DescribeDataDeletionJobResponse,
    DescribeDatasetExportJobRequest,
    DescribeDatasetExportJobResponse,
    DescribeDatasetGroupRequest,
    DescribeDatasetGroupResponse,
    DescribeDatasetImportJobRequest,
    DescribeDatasetImportJobResponse,
    DescribeDatasetRequest,
    DescribeDatasetResponse,
    DescribeEventTrackerRequest,
    DescribeEventTrackerResponse,
    DescribeFeatureTransformationRequest,
    DescribeFeatureTransformationResponse,
    DescribeFilterRequest,
    DescribeFilterResponse,
    DescribeMetricAttributionRequest,
    DescribeMetricAttributionResponse,
    DescribeRecipeRequest,
    DescribeRecipeResponse,
    DescribeRecommenderRequest,
    DescribeRecommenderResponse,
    DescribeSchemaRequest,
    DescribeSchemaResponse,
    DescribeSolutionRequest,
    DescribeSolutionResponse,
    DescribeSolutionVersionRequest,
    DescribeSolutionVersionResponse,
    EventParameters,
    EventTracker,
    EventTrackerSummary,
    EventsConfig,
    FeatureTransformation,
    FieldsForThemeGeneration,
    Filter,
    FilterSummary,
    GetSolutionMetricsRequest,
    GetSolutionMetricsResponse,
    HPOConfig,
    HPOObjective,
    HPOResourceConfig,
    HyperParameterRanges,
    IntegerHyperParameterRange,
    ListBatchInferenceJobsRequest,
    ListBatchInferenceJobsResponse,
    ListBatchSegmentJobsRequest,
    ListBatchSegmentJobsResponse,
    ListCampaignsRequest,
    ListCampaignsResponse,
    ListDataDeletionJobsRequest,
    ListDataDeletionJobsResponse,
    ListDatasetExportJobsRequest,
    ListDatasetExportJobsResponse,
    ListDatasetGroupsRequest,
    ListDatasetGroupsResponse,
    ListDatasetImportJobsRequest,
    ListDatasetImportJobsResponse,
    ListDatasetsRequest,
    ListDatasetsResponse,
    ListEventTrackersRequest,
    ListEventTrackersResponse,
    ListFiltersRequest,
    ListFiltersResponse,
    ListMetricAttributionMetricsRequest,
    ListMetricAttributionMetricsResponse,
    ListMetricAttributionsRequest,
    ListMetricAttributionsResponse,
    ListRecipesRequest,
    ListRecipesResponse,
    ListRecommendersRequest,
    ListRecommendersResponse,
    ListSchemasRequest,
    ListSchemasResponse,
    ListSolutionVersionsRequest,
    ListSolutionVersionsResponse,
    ListSolutionsRequest,
    ListSolutionsResponse,
    ListTagsForResourceRequest,
    ListTagsForResourceResponse,
    MetricAttribute,
    MetricAttribution,
    MetricAttributionOutput,
    MetricAttributionSummary,
    OptimizationObjective,
    Recipe,
    RecipeSummary,
    Recommender,
    RecommenderConfig,
    RecommenderSummary,
    RecommenderUpdateSummary,
    S3DataConfig,
    Solution,
    SolutionConfig,
    SolutionSummary,
    SolutionUpdateConfig,
    SolutionUpdateSummary,
    SolutionVersion,
    SolutionVersionSummary,
    StartRecommenderRequest,
    StartRecommenderResponse,
    StopRecommenderRequest,
    StopRecommenderResponse,
    StopSolutionVersionCreationRequest,
    Tag,
    TagResourceRequest,
    TagResourceResponse,
    ThemeGenerationConfig,
    TrainingDataConfig,
    TunedHPOParams,
    UntagResourceRequest,
    UntagResourceResponse,
    UpdateCampaignRequest,
    UpdateCampaignResponse,
    UpdateDatasetRequest,
    UpdateDatasetResponse,
    UpdateMetricAttributionRequest,
    UpdateMetricAttributionResponse,
    UpdateRecommenderRequest,
    UpdateRecommenderResponse,
    UpdateSolutionRequest,
    UpdateSolutionResponse
);
