//! The models that answer: their offline metrics, sizes and ages.

use super::server_metrics::{RESOURCES_MAX, ServerMetrics, seconds};
use anyhow::Result;
use tastemaker_domain::resource::SolutionVersion;
use tastemaker_http::scraped_metrics::Sample;
use tastemaker_store::records;

/// Models whose sizes are kept; with more, all are read anew.
const MODELS_MAX: usize = 4 * RESOURCES_MAX;

pub(super) async fn samples(server: &ServerMetrics) -> Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for arn in server.serving.campaigns.arns().into_iter().take(RESOURCES_MAX) {
        let Ok(snapshot) = server.serving.snapshot(&arn) else { continue };
        let of = |family, value| Sample::new(family, value).with("campaign", arn.as_str());
        samples.push(of("tastemaker_model_users", snapshot.user_count() as f64));
        samples.push(of("tastemaker_model_items", snapshot.item_count() as f64));
        let version = snapshot.solution_version_arn();
        let Some((_, version)) = records::load::<SolutionVersion>(&*server.stores.records, version).await? else {
            continue;
        };
        for (metric, value) in &version.metrics {
            samples.push(of("tastemaker_model_metric", *value).with("metric", metric.as_str()));
        }
        samples.push(of("tastemaker_model_created_timestamp_seconds", seconds(version.created_ms)));
        if let Some(key) = &version.artifact_key {
            samples.push(of("tastemaker_model_bytes", bytes(server, key).await? as f64));
        }
    }
    Ok(samples)
}

/// The bytes of an artifact, whose files never change.
async fn bytes(server: &ServerMetrics, key: &str) -> Result<u64> {
    if let Some(bytes) = server.known.models.lock().get(key) {
        return Ok(*bytes);
    }
    let files = server.stores.blobs.list(&format!("{key}/")).await?;
    let bytes = files.iter().map(|file| file.size).sum();
    let mut known = server.known.models.lock();
    if known.len() >= MODELS_MAX {
        known.clear();
    }
    known.insert(key.to_owned(), bytes);
    Ok(bytes)
}
