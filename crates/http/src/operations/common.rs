//! What several operations share on the way in.

use crate::errors::Failure;
use tastemaker_domain::resource::{CampaignConfig, MetricAttribute, RecommenderConfig, S3Location, TimeMs};
use tastemaker_domain::schema::DatasetDomain;
use tastemaker_domain::solution_config::TrainingDataConfig;
use tastemaker_domain::tags::Tags;
use tastemaker_service::Page;
use tastemaker_service::metric_attributions::MetricsOutput;
use tastemaker_wire::personalize as wire;

/// Entries of a page when the caller does not say.
const PAGE_RESULTS_DEFAULT: usize = 100;

/// Seconds since the Unix epoch with milliseconds as fraction, as AWS sends times.
pub fn seconds(time_ms: TimeMs) -> Option<f64> {
    Some(time_ms as f64 / 1000.0)
}

/// The page that a List call asks for.
pub fn page(max_results: Option<i32>, next_token: Option<String>) -> Page {
    let max_results = max_results.and_then(|n| usize::try_from(n).ok()).unwrap_or(PAGE_RESULTS_DEFAULT);
    Page { max_results, next_token }
}

/// A domain, whose words the validator has checked.
pub fn domain(word: Option<&str>) -> Result<Option<DatasetDomain>, Failure> {
    let parse = |word: &str| {
        DatasetDomain::parse(word).ok_or_else(|| Failure::invalid(format!("domain: '{word}' is not a domain.")))
    };
    word.map(parse).transpose()
}

/// A campaign's configuration.
pub fn campaign_config(config: Option<wire::CampaignConfig>) -> Result<Option<CampaignConfig>, Failure> {
    let Some(config) = config else { return Ok(None) };
    Ok(Some(CampaignConfig {
        enable_metadata_with_recommendations: config.enable_metadata_with_recommendations,
        sync_with_latest_solution_version: config.sync_with_latest_solution_version,
        item_exploration_config: config.item_exploration_config.unwrap_or_default(),
        ranking_influence: config.ranking_influence.unwrap_or_default(),
    }))
}

/// A recommender's configuration.
pub fn recommender_config(config: wire::RecommenderConfig) -> RecommenderConfig {
    RecommenderConfig {
        enable_metadata_with_recommendations: config.enable_metadata_with_recommendations,
        item_exploration_config: config.item_exploration_config.unwrap_or_default(),
        min_recommendation_requests_per_second: rate(config.min_recommendation_requests_per_second),
        training_data: config.training_data_config.map(training_data),
    }
}

/// Columns that take part in training.
pub fn training_data(config: wire::TrainingDataConfig) -> TrainingDataConfig {
    TrainingDataConfig {
        excluded: config.excluded_dataset_columns.unwrap_or_default(),
        included: config.included_dataset_columns.unwrap_or_default(),
    }
}

/// A provisioned rate, which the validator has found positive.
pub fn rate(tps: Option<i32>) -> Option<u32> {
    tps.and_then(|n| u32::try_from(n).ok())
}

/// A resource's tags.
pub fn tags(tags: Option<Vec<wire::Tag>>) -> Result<Tags, Failure> {
    Ok(Tags::new(tags.unwrap_or_default().into_iter().map(|t| (t.tag_key, t.tag_value)))?)
}

/// Where a job reads or writes.
pub fn location(location: wire::S3DataConfig) -> S3Location {
    S3Location { path: location.path, kms_key_arn: location.kms_key_arn }
}

/// A metric of an attribution.
pub fn metric(metric: wire::MetricAttribute) -> MetricAttribute {
    MetricAttribute { event_type: metric.event_type, metric_name: metric.metric_name, expression: metric.expression }
}

/// Where the numbers of imports are published.
pub fn metrics_output(output: wire::MetricAttributionOutput) -> MetricsOutput {
    MetricsOutput { role_arn: output.role_arn, destination: output.s3_data_destination.map(location) }
}

/// A member that the model leaves optional and the operation needs.
pub fn required(member: &str, value: Option<String>) -> Result<String, Failure> {
    value.ok_or_else(|| Failure::invalid(format!("{member} is required.")))
}
