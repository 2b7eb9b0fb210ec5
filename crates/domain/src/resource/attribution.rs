//! Metric attributions: the measured effect of recommendations, counted from events.

use super::{S3Location, TimeMs};
use crate::status::Status;

/// One number that is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricAttribute {
    /// Events of this type count, in any case.
    pub event_type: String,
    /// Unique within its attribution.
    pub metric_name: String,
    /// See [`crate::metric_expression::MetricExpression`].
    pub expression: String,
}

/// The numbers that are counted for a dataset group.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct MetricAttribution {
    pub name: String,
    pub arn: String,
    pub dataset_group_arn: String,
    /// 1 to 10.
    pub metrics: Vec<MetricAttribute>,
    pub role_arn: String,
    /// The location for the numbers of imports that are told to publish them.
    pub output: Option<S3Location>,
    pub status: Status,
    pub failure_reason: Option<String>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}
