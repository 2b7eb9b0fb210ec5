//! Format version 1 of Systems Manager's parameters.

use super::super::Record;
use super::super::codec::One;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::parameter_store::Parameter;
use tastemaker_domain::resource::TimeMs;

record!("ssm-parameter", Parameter by name, "ParameterV1::serialize", "ParameterV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "Parameter")]
struct ParameterV1 {
    name: String,
    kind: String,
    value: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sealed: bool,
    version: u64,
    description: Option<String>,
    data_type: String,
    tags: BTreeMap<String, String>,
    created_ms: TimeMs,
    modified_ms: TimeMs,
}
