//! Datasets, streamed events, filters and the disk.

use super::server_metrics::{RESOURCES_MAX, ServerMetrics, seconds};
use anyhow::Result;
use std::collections::BTreeMap;
use tastemaker_domain::resource::{Dataset, DatasetGroup, Filter};
use tastemaker_http::scraped_metrics::Sample;
use tastemaker_store::{Error, records};

/// Files whose sizes are kept; with more, all are read anew.
const FILES_MAX: usize = 100_000;

pub(super) async fn samples(server: &ServerMetrics) -> Result<Vec<Sample>> {
    let records = &*server.stores.records;
    let mut samples = Vec::new();
    for (_, dataset) in records::list::<Dataset>(records).await?.into_iter().take(RESOURCES_MAX) {
        let of = |family, value| Sample::new(family, value).with("dataset", dataset.arn.as_str());
        samples.push(of("tastemaker_dataset_rows", dataset.bulk_rows as f64));
        let mut bytes = 0;
        for key in &dataset.bulk_files {
            bytes += size(server, key).await?;
        }
        samples.push(of("tastemaker_dataset_bytes", bytes as f64));
    }
    let mut filters: BTreeMap<String, usize> = BTreeMap::new();
    for (_, filter) in records::list::<Filter>(records).await? {
        *filters.entry(filter.dataset_group_arn).or_default() += 1;
    }
    for (_, group) in records::list::<DatasetGroup>(records).await?.into_iter().take(RESOURCES_MAX) {
        let of = |family, value| Sample::new(family, value).with("dataset_group", group.arn.as_str());
        let count = filters.get(&group.arn).copied().unwrap_or(0);
        samples.push(of("tastemaker_filters", count as f64));
        let (_, streamed) = records::load_streamed_statistics(records, &group.arn).await?;
        if let Some(newest_ms) = streamed.last_received_ms.max(server.newest_events.of(&group.arn)) {
            samples.push(of("tastemaker_newest_event_timestamp_seconds", seconds(newest_ms)));
        }
    }
    Ok(samples)
}

/// The bytes of a file, which never changes; 0 of one that is replaced meanwhile.
async fn size(server: &ServerMetrics, key: &str) -> Result<u64> {
    if let Some(bytes) = server.known.files.lock().get(key) {
        return Ok(*bytes);
    }
    let bytes = match server.stores.blobs.head(key).await {
        Ok(file) => file.size,
        Err(Error::NotFound(_)) => 0,
        Err(error) => return Err(error.into()),
    };
    let mut known = server.known.files.lock();
    if known.len() >= FILES_MAX {
        known.clear();
    }
    known.insert(key.to_owned(), bytes);
    Ok(bytes)
}

pub(super) fn disk(server: &ServerMetrics) -> Result<Vec<Sample>> {
    let disk = crate::disk::Disk::of(&server.data_dir)?;
    Ok(vec![
        Sample::new("tastemaker_disk_free_bytes", disk.free_bytes as f64),
        Sample::new("tastemaker_disk_size_bytes", disk.size_bytes as f64),
        Sample::new("tastemaker_disk_free_inodes", disk.free_inodes as f64),
    ])
}
