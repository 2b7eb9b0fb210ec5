//! The folded log: what serving holds of a dataset group's streamed events up to a position, as one blob, so that a start reads
//! the blob and the events behind it instead of all events ever.
//!
//! A blob is called `folded/<group>/<position>-<events>-<seal>`. The seal is a digest of the event at the position and of the
//! group's data deletion jobs: of a log that was put back from a backup, emptied, or cleaned of users, no folded log is read. The
//! log itself stays the truth; whatever is wrong with a blob, it is removed and made anew.

use crate::blobs::{blob_segment, blocking};
use crate::context::JobsCtx;
use crate::low_priority::at_low_priority;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::Arc;
use tastemaker_domain::resource::{DataDeletionJob, DatasetGroup};
use tastemaker_serving::Serving;
use tastemaker_store::damage::{Kind, skip_damaged};
use tastemaker_store::{BlobsExt, Error, StoredEvent, records};

/// The folder of folded logs.
const FOLDED: &str = "folded/";
/// Events that are read at once.
const PAGE_LEN: usize = 10_000;
/// A log is folded again when it has grown by one in so many events.
const GROWTH: u64 = 20;

/// A folded log that fits the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoldedLog {
    /// The events up to it are in the blob.
    pub position: u64,
    /// Their number.
    pub events: u64,
    key: String,
}

impl FoldedLog {
    fn of_key(key: &str) -> Option<(Self, &str)> {
        let mut parts = key.rsplit('/').next()?.splitn(3, '-');
        let (position, events, seal) = (parts.next()?, parts.next()?, parts.next()?);
        let folded = Self { position: position.parse().ok()?, events: events.parse().ok()?, key: key.to_owned() };
        Some((folded, seal))
    }
}

fn folder(group_arn: &str) -> String {
    format!("{FOLDED}{}/", blob_segment(group_arn))
}

/// The seal of a log that is folded up to a position; `None` while users are removed from it, or where no event is at the position.
async fn seal(ctx: &JobsCtx, group_arn: &str, position: u64) -> Result<Option<String>, Error> {
    let stream = records::interactions_stream(group_arn);
    let at = ctx.stores.events.read(&stream, position.saturating_sub(1), 1).await?;
    let Some(event) = at.first().filter(|event| event.position == position) else { return Ok(None) };
    let deletions = records::list::<DataDeletionJob>(&*ctx.stores.records).await?;
    let of_group = deletions.iter().map(|(_, deletion)| deletion).filter(|d| d.dataset_group_arn == group_arn);
    let mut digest = Sha256::new_with_prefix(&event.id);
    let mut arns = Vec::new();
    for deletion in of_group {
        if deletion.status.is_open() {
            return Ok(None);
        }
        arns.push(&deletion.arn);
    }
    arns.sort();
    for arn in arns {
        digest.update([0]);
        digest.update(arn);
    }
    Ok(Some(hex::encode(&digest.finalize()[..16])))
}

/// The folded log of a group that reaches furthest, if one fits. Others that do not fit any more are removed.
async fn newest(ctx: &JobsCtx, group_arn: &str) -> Result<Option<FoldedLog>, Error> {
    let blobs = ctx.stores.blobs.list(&folder(group_arn)).await?;
    let mut found: Vec<_> = blobs.iter().filter_map(|blob| FoldedLog::of_key(&blob.key)).collect();
    found.sort_by_key(|(folded, _)| std::cmp::Reverse(folded.position));
    for (folded, written) in found {
        match seal(ctx, group_arn, folded.position).await? {
            Some(seal) if seal == written => return Ok(Some(folded)),
            _ => remove(ctx, &folded.key).await,
        }
    }
    Ok(None)
}

async fn remove(ctx: &JobsCtx, key: &str) {
    if let Err(error) = ctx.stores.blobs.delete(key).await {
        tracing::warn!(key, %error, "a folded log remains until the next look");
    }
}

/// Has `serving`, which knows nothing of the group's events yet, begin with the group's folded log, if there is one.
pub(crate) async fn begin_with(
    ctx: &JobsCtx,
    serving: &Arc<Serving>,
    group_arn: &str,
) -> Result<Option<FoldedLog>, Error> {
    let Some(folded) = newest(ctx, group_arn).await? else { return Ok(None) };
    let bytes = match ctx.stores.blobs.read_all(&folded.key).await {
        Ok(bytes) => bytes,
        // Another process has a newer one, or the blob is damaged: the log has it all.
        Err(Error::NotFound(_)) => return Ok(None),
        Err(Error::Corrupt(what)) => {
            tracing::warn!(what, "a folded log is damaged; the log is read from its beginning");
            remove(ctx, &folded.key).await;
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let (begun, group) = (serving.clone(), group_arn.to_owned());
    match blocking(move || begun.streamed.events_from_bytes(&group, &bytes)).await? {
        Ok(()) => Ok(Some(folded)),
        Err(error) => {
            tracing::info!(%error, group_arn, "a folded log is not read; the log is read from its beginning");
            remove(ctx, &folded.key).await;
            Ok(None)
        }
    }
}

/// Shows serving a page of interactions, but for those of a clock that ran ahead, which the stream took once.
pub(crate) fn take_in(
    serving: &Serving,
    group_arn: &str,
    stream: &str,
    page: &[StoredEvent],
    until_s: i64,
) -> Result<(), Error> {
    let decode = |e| skip_damaged(Kind::Event, records::decode_event(stream, e)).transpose();
    let mut events = page.iter().filter_map(decode).collect::<Result<Vec<_>, _>>()?;
    events.retain(|event| event.timestamp_s <= until_s);
    serving.observe(group_arn, &events);
    Ok(())
}

/// Folds a group's log if it has grown enough since the last time, and removes what was folded before. Beside what serving has, the
/// group's events are in memory once more meanwhile.
pub(crate) async fn fold(ctx: &JobsCtx, group_arn: &str) -> Result<Option<FoldedLog>, Error> {
    let stream = records::interactions_stream(group_arn);
    let before = newest(ctx, group_arn).await?;
    let (mut position, mut events) = before.as_ref().map_or((0, 0), |folded| (folded.position, folded.events));
    let grown_to = position.saturating_add(ctx.settings.fold_after.max(events / GROWTH));
    if ctx.stores.events.read(&stream, grown_to, 1).await?.is_empty() {
        return Ok(None);
    }
    let folding = Arc::new(Serving::new());
    if before.is_some() && begin_with(ctx, &folding, group_arn).await? != before {
        // It was replaced or removed a moment ago.
        return Ok(None);
    }
    // What users are removed meanwhile changes the seal.
    let Some(first) = ctx.stores.events.read(&stream, position, 1).await?.pop() else { return Ok(None) };
    let Some(unchanged) = seal(ctx, group_arn, first.position).await? else { return Ok(None) };
    loop {
        let page = ctx.stores.events.read(&stream, position, PAGE_LEN).await?;
        let Some(last) = page.last() else { break };
        position = last.position;
        events += page.len() as u64;
        let is_end = page.len() < PAGE_LEN;
        let (folding, group, stream, until_s) = (folding.clone(), group_arn.to_owned(), stream.clone(), ctx.until_s());
        at_low_priority(move || take_in(&folding, &group, &stream, &page, until_s)).await??;
        if is_end {
            break;
        }
    }
    let group = group_arn.to_owned();
    let bytes = at_low_priority(move || folding.streamed.events_to_bytes(&group)).await?;
    let bytes = bytes.map_err(|error| Error::backend("jobs", error))?;
    let Some(sealed) = seal(ctx, group_arn, position).await? else { return Ok(None) };
    let key = format!("{}{position:020}-{events}-{sealed}", folder(group_arn));
    let others = ctx.stores.blobs.list(&folder(group_arn)).await?;
    ctx.stores.blobs.put(&key, bytes.into()).await?;
    // A deletion that began after the first look has removed users that are in the blob.
    if seal(ctx, group_arn, first.position).await? != Some(unchanged) {
        remove(ctx, &key).await;
        return Ok(None);
    }
    for other in others.iter().filter(|other| other.key != key) {
        remove(ctx, &other.key).await;
    }
    tracing::info!(group_arn, position, events, "the log of streamed events was folded");
    Ok(Some(FoldedLog { position, events, key }))
}

/// Removes everything that was folded of a group.
pub(crate) async fn forget(ctx: &JobsCtx, group_arn: &str) -> Result<(), Error> {
    for blob in ctx.stores.blobs.list(&folder(group_arn)).await? {
        ctx.stores.blobs.delete(&blob.key).await?;
    }
    Ok(())
}

/// Folds the logs that have grown enough, and removes what was folded of logs that are gone.
pub(crate) async fn round(ctx: &JobsCtx) -> Result<(), Error> {
    let blobs = ctx.stores.blobs.list(FOLDED).await?;
    let groups = records::list::<DatasetGroup>(&*ctx.stores.records).await?;
    let folders: HashSet<String> = groups.iter().map(|(_, group)| folder(&group.arn)).collect();
    for blob in &blobs {
        let of = blob.key.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
        if !folders.contains(&of) {
            remove(ctx, &blob.key).await;
        }
    }
    for (_, group) in &groups {
        fold(ctx, &group.arn).await?;
    }
    Ok(())
}
