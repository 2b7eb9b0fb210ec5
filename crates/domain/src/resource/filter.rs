//! Filters.

use super::TimeMs;
use crate::status::Status;

/// An expression that requests for a dataset group may name.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Filter {
    pub name: String,
    pub arn: String,
    pub dataset_group_arn: String,
    /// As the customer wrote it; parsed and checked before the filter was made. Not to be logged.
    pub expression: String,
    pub status: Status,
    pub failure_reason: Option<String>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}
