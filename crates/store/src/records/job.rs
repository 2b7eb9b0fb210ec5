//! The creation of jobs.

use tastemaker_domain::resource::{Job, JobKind, TimeMs};
use uuid::Uuid;

/// A job that works on `resource_arn`, due at once. Its id sorts by creation.
pub fn new_job(kind: JobKind, resource_arn: &str, now_ms: TimeMs) -> Job {
    Job {
        id: format!("{now_ms:013}-{}", &Uuid::new_v4().simple().to_string()[..12]),
        kind,
        resource_arn: resource_arn.to_owned(),
        step: String::new(),
        attempts: 0,
        lease: None,
        not_before_ms: now_ms,
        created_ms: now_ms,
    }
}
