//! Format version 1 of roles and policies.

use super::super::Record;
use super::super::codec::One;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::iam::{Policy, Role};
use tastemaker_domain::resource::TimeMs;

record!("iam-role", Role by name, "RoleV1::serialize", "RoleV1::deserialize");
record!("iam-policy", Policy by arn, "PolicyV1::serialize", "PolicyV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "Role")]
struct RoleV1 {
    name: String,
    path: String,
    arn: String,
    id: String,
    trust_policy: String,
    description: Option<String>,
    max_session_s: u32,
    tags: BTreeMap<String, String>,
    attached: BTreeMap<String, String>,
    inline: BTreeMap<String, String>,
    created_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Policy")]
struct PolicyV1 {
    name: String,
    path: String,
    arn: String,
    id: String,
    document: String,
    description: Option<String>,
    tags: BTreeMap<String, String>,
    created_ms: TimeMs,
}
