//! Deletion of what is due, every hour: lost blobs whose day has passed, and expired uploads and objects of S3.

use crate::storage::Storage;
use std::time::{Duration, UNIX_EPOCH};
use tastemaker_s3::Expired;
use tastemaker_store::expiry_clock::ExpiryClock;

/// The time before and between two searches for what is due.
const PERIOD: Duration = Duration::from_secs(3600);

/// Deletes what is due, for ever. The first time is an hour after the start, and the time is that of [`ExpiryClock`], so that a
/// wrong clock deletes nothing. Where several processes share the storage, the one that leads does it.
pub async fn expire_hourly(storage: Storage, clock: impl Fn() -> i64, leads: impl Fn() -> bool) {
    let mut time = ExpiryClock::new(storage.stores.records.clone());
    loop {
        tokio::time::sleep(PERIOD).await;
        if !leads() {
            continue;
        }
        match time.advance(clock(), PERIOD).await {
            Ok(Some(now_ms)) => expire(&storage, now_ms).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the time by which things expire cannot be kept"),
        }
    }
}

async fn expire(storage: &Storage, now_ms: i64) {
    match storage.expire_lost(now_ms).await {
        Ok(0) => {}
        Ok(deleted) => tracing::warn!(deleted, "blobs in blobs/lost are deleted, their day has passed"),
        Err(error) => tracing::warn!(%error, "the blobs in blobs/lost cannot be looked through"),
    }
    match storage.remove_abandoned().await {
        Ok(0) => {}
        Ok(uploads) => tracing::info!(uploads, "uploads of blobs that nobody finished are removed"),
        Err(error) => tracing::warn!(%error, "unfinished uploads of blobs cannot be looked through"),
    }
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(now_ms).unwrap_or(0));
    let (records, blobs) = (storage.stores.records.clone(), storage.stores.blobs.clone());
    match tastemaker_s3::expire(records, blobs, at).await {
        Ok(Expired { uploads: 0, objects: 0 }) => {}
        Ok(Expired { uploads, objects }) => tracing::info!(uploads, objects, "expired uploads and objects are removed"),
        Err(error) => tracing::warn!(%error, "expired uploads and objects cannot be removed"),
    }
}
