//! Jobs.

use crate::records::Record;
use crate::records::codec::{One, word};
use serde::{Deserialize, Serialize};
use tastemaker_domain::resource::{Job, JobKind, Lease, TimeMs};

record!("job", Job by id, "JobV1::serialize", "JobV1::deserialize");

optional!(lease: Lease, "LeaseV1::serialize", "LeaseV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "Job")]
struct JobV1 {
    id: String,
    #[serde(with = "word")]
    kind: JobKind,
    resource_arn: String,
    step: String,
    attempts: u32,
    #[serde(with = "lease")]
    lease: Option<Lease>,
    not_before_ms: TimeMs,
    created_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Lease")]
struct LeaseV1 {
    owner: String,
    expires_ms: TimeMs,
}
