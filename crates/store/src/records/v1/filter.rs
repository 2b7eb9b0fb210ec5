//! Filters.

use crate::records::Record;
use crate::records::codec::{One, word};
use serde::{Deserialize, Serialize};
use tastemaker_domain::Status;
use tastemaker_domain::resource::{Filter, TimeMs};

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
