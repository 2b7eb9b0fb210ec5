//! Jobs by kind and state, and how far those that run here are.

use super::server_metrics::{RESOURCES_MAX, ServerMetrics};
use anyhow::Result;
use tastemaker_domain::resource::{Job, JobKind};
use tastemaker_http::scraped_metrics::Sample;
use tastemaker_store::records;

pub(super) async fn samples(server: &ServerMetrics) -> Result<Vec<Sample>> {
    let jobs = records::list::<Job>(&*server.stores.records).await?;
    let mut samples = Vec::new();
    for kind in JobKind::ALL {
        for (state, leased) in [("running", true), ("waiting", false)] {
            let count = jobs.iter().filter(|(_, job)| job.kind == *kind && job.lease.is_some() == leased).count();
            let sample = Sample::new("tastemaker_jobs", count as f64);
            samples.push(sample.with("kind", kind.as_str()).with("state", state));
        }
    }
    for job in server.progress.all().into_iter().take(RESOURCES_MAX) {
        let of = |family, value| Sample::new(family, value).with("resource", job.resource_arn.as_str());
        let ratio = if job.newest.total > 0 { job.newest.done as f64 / job.newest.total as f64 } else { 0.0 };
        samples.push(of("tastemaker_job_progress_ratio", ratio.min(1.0)).with("stage", job.newest.stage));
        samples.push(of("tastemaker_job_progress_age_seconds", job.silent.as_secs_f64()));
        if let Some(epoch) = job.epochs.last() {
            samples.push(of("tastemaker_training_epoch", epoch.number as f64));
            samples.push(of("tastemaker_training_loss", epoch.loss));
        }
    }
    Ok(samples)
}
