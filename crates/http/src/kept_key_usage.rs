//! The counts of access keys in the records: each process adds what it has counted, now and then and at its end, so that they are
//! those of all processes and survive a restart.

use crate::key_usage::KeyTable;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_service::{Ctx, iam};
use tokio::sync::watch;

/// The time between two additions.
const PERIOD: Duration = Duration::from_secs(120);

/// Adds what is counted until the server stops, and a last time then.
pub async fn keep_key_usage(table: Arc<KeyTable>, ctx: Ctx, mut stopped: watch::Receiver<bool>) {
    loop {
        let is_end = tokio::select! {
            () = tokio::time::sleep(PERIOD) => false,
            // The sender is dropped only with the whole server, which is a stop as well.
            _ = stopped.wait_for(|stop| *stop) => true,
        };
        add_key_usage(&table, &ctx).await;
        if is_end {
            return;
        }
    }
}

/// Adds what this process has counted and not added yet.
pub async fn add_key_usage(table: &KeyTable, ctx: &Ctx) {
    for (id, counts) in table.not_kept() {
        match iam::add_key_usage(ctx, &id, counts).await {
            Ok(()) => table.note_kept(&id, counts),
            Err(error) => tracing::warn!(%error, key = id, "the counts of an access key cannot be kept"),
        }
    }
}
