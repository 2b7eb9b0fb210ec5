//! Jobs: what runs, waits, has ended and has failed, the newest first.

use super::server_inspect::ServerInspect;
use super::texts::{name_of, time_text};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use tastemaker_domain::Result;
use tastemaker_domain::resource::{
    BatchInferenceJob, BatchSegmentJob, DataDeletionJob, DatasetExportJob, DatasetImportJob, Job, SolutionVersion,
    TimeMs,
};
use tastemaker_store::records::{self, Record};

/// The most jobs of an answer.
const JOBS_MAX: usize = 200;

/// The input of `ListJobs`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobsInput {
    /// Whether only those that failed are wanted.
    #[serde(default)]
    failed: bool,
}

/// A job as it is shown.
struct Shown {
    kind: &'static str,
    arn: String,
    status: String,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

/// The jobs of one kind of resource.
macro_rules! of_kind {
    ($records:expr, $all:expr, $kind:ty) => {
        for (_, found) in records::list::<$kind>($records).await? {
            $all.push(Shown {
                kind: <$kind>::KIND,
                status: found.status.as_str().to_owned(),
                failure_reason: found.failure_reason,
                created_ms: found.created_ms,
                updated_ms: found.updated_ms,
                arn: found.arn,
            });
        }
    };
}

/// The newest jobs, with the progress of those that run in this process.
pub async fn list(server: &ServerInspect, input: JobsInput) -> Result<Value> {
    let (records, mut all) = (&*server.stores.records, Vec::new());
    of_kind!(records, all, DatasetImportJob);
    of_kind!(records, all, DatasetExportJob);
    of_kind!(records, all, DataDeletionJob);
    of_kind!(records, all, SolutionVersion);
    of_kind!(records, all, BatchInferenceJob);
    of_kind!(records, all, BatchSegmentJob);
    if input.failed {
        all.retain(|job| job.status.ends_with("FAILED"));
    }
    all.sort_by(|a, b| b.created_ms.cmp(&a.created_ms).then_with(|| b.arn.cmp(&a.arn)));
    let count = all.len();
    all.truncate(JOBS_MAX);
    let durable: HashMap<String, Job> = {
        let found = records::list::<Job>(records).await?;
        found.into_iter().map(|(_, job)| (job.resource_arn.clone(), job)).collect()
    };
    let progress = server.progress.all();
    let job = |job: &Shown| {
        let work = durable.get(&job.arn);
        let progress = progress.iter().find(|progress| progress.resource_arn == job.arn);
        json!({
            "kind": job.kind,
            "name": name_of(&job.arn),
            "arn": job.arn,
            "status": job.status,
            "failureReason": job.failure_reason,
            "created": time_text(job.created_ms),
            "updated": time_text(job.updated_ms),
            "seconds": (job.updated_ms - job.created_ms) / 1000,
            "runs": work.map(|work| work.lease.as_ref().is_some_and(|lease| lease.expires_ms > (server.clock)())),
            "step": work.map(|work| &work.step),
            "attempts": work.map(|work| work.attempts),
            "stage": progress.map(|progress| progress.newest.stage),
            "done": progress.map(|progress| progress.newest.done),
            "total": progress.map(|progress| progress.newest.total),
            "secondsLeft": progress.and_then(|progress| progress.left).map(|left| left.as_secs()),
        })
    };
    Ok(json!({"jobs": all.iter().map(job).collect::<Vec<_>>(), "count": count}))
}
