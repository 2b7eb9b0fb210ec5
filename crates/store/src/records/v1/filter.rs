//! Filters.

use super::*;
use tastemaker_domain::resource::Filter;

record!("filter", Filter by arn, "FilterV1::serialize", "FilterV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "Filter")]
struct FilterV1 {
    name: String,
    arn: String,
    dataset_group_arn: String,
    expression: String,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}
