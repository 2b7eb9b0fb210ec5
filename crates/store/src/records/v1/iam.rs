//! Format version 1 of users, their access keys, roles and policies.

use super::super::Record;
use super::super::codec::One;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::iam::{AccessKey, Policy, Role, User};
use tastemaker_domain::resource::TimeMs;

record!("iam-user", User by name, "UserV1::serialize", "UserV1::deserialize");
record!("iam-access-key", AccessKey by id, "AccessKeyV1::serialize", "AccessKeyV1::deserialize");
record!("iam-role", Role by name, "RoleV1::serialize", "RoleV1::deserialize");
record!("iam-policy", Policy by arn, "PolicyV1::serialize", "PolicyV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "User")]
struct UserV1 {
    name: String,
    path: String,
    arn: String,
    id: String,
    tags: BTreeMap<String, String>,
    attached: BTreeMap<String, String>,
    inline: BTreeMap<String, String>,
    created_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "AccessKey")]
struct AccessKeyV1 {
    id: String,
    secret: String,
    user: String,
    active: bool,
    expires_ms: Option<TimeMs>,
    created_ms: TimeMs,
}

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
