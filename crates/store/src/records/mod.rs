//! Record formats: resources in [`Records`] as JSON tagged with a format version, `{"v":1,...}`.
//!
//! | record | key |
//! |---|---|
//! | a resource | `<kind>/<arn>`, see [`Record::KIND`] |
//! | a job | `job/<id>` |
//! | the tracker of a tracking id | `tracking-id/<uuid>` |
//! | the dataset of an action tracking id | `action-tracking-id/<uuid>` |
//! | counts of a dataset group's streamed events | `streamed-statistics/<dataset group arn>` |
//! | the failures that a user of the console has put away | `dismissed/<access key id>` |
//! | when a campaign or recommender was asked last | `last-request/<arn>`, and since when that is kept at `last-request-since` |
//! | copies before imports that are not over | `planned-copy/<id>` |
//! | a resource deleted a moment ago | `deleted/<kind>/<arn>` |
//! | the tags of a resource | `tags/<arn>`, absent without tags |
//! | the version of all users, keys, roles and policies | `iam-version`, see [`load_identities_version`] |
//! | the identity of records, blobs and events | `instance`, see [`instance`](crate::instance) |
//! | the time by which things expire | `expiry-clock`, see [`expiry_clock`](crate::expiry_clock) |
//! | a list that one process asks another for, and the answer | `asked-list/<whom>/<who>/<recommendation id>`, `shown-list/<who>/<recommendation id>` |
//! | a process that shares the storage | `node/<id>`, see [`NodeRecord`] |
//! | the checksums of a blob | `blob/<key>`, see [`ChecksummedBlobs`](crate::ChecksummedBlobs) |
//! | a change of a status on its way to a receiver | `delivery/<receiver>/<number>`, see [`Delivery`] |
//! | one that the receiver did not take | `undelivered/<receiver>/<number>` |
//! | a quota's guard | `guard/<quota>/<arn prefix>`, see [`guard_key`] |
//!
//! A version's shape never changes: the files of `tests/records/v1` hold it fast. A member added to a resource gets
//! `#[serde(default)]` or, when old records cannot be read that way, a new version that is read beside the old one.

mod attribution;
mod codec;
mod delivery;
mod dismissed;
mod entry_id;
mod event;
mod identities_version;
mod job;
#[cfg(test)]
mod key_tests;
mod key_usage;
mod last_request;
mod node;
mod planned_copy;
mod row;
mod streamed_statistics;
mod tags;
#[cfg(test)]
mod tests;
mod tombstones;
mod v1;

pub use attribution::{
    AttributedValue, AttributionCursor, attribution_cursor_key, attribution_keys, attribution_window_key,
    attribution_windows, load_attribution_cursor, load_attribution_window, put_attribution_cursor,
    put_attribution_window,
};
pub use codec::FORMAT_NEWEST;
pub use delivery::{
    DELIVERIES_CHANNEL, DELIVERY_NUMBER, Delivery, StateChange, deliveries, delivery_key, receivers, undelivered,
    undelivered_key,
};
pub use dismissed::{dismissed_key, load_dismissed, put_dismissed};
pub use event::{
    EventArrival, decode_event, decode_event_arrival, encode_event, encode_received_event, interactions_stream,
};
pub use identities_version::{load_identities_version, put_identities_version};
pub use job::new_job;
pub use key_usage::{key_usage_key, key_usages, load_key_usage, put_key_usage};
pub use last_request::{
    LastRequest, last_request_key, last_requests, last_requests_since, load_last_request, put_last_request,
};
pub use node::{EVENTS_CHANNEL, HeldCampaign, NODES_CHANNEL, NodeRecord};
pub use planned_copy::{delete_planned_copy, load_planned_copies, put_planned_copy};
pub use row::{
    action_interactions_stream, decode_action_interaction, decode_row, encode_action_interaction, encode_row,
    rows_stream,
};
pub use streamed_statistics::{
    delete_streamed_statistics, load_streamed_statistics, put_streamed_statistics, streamed_statistics_unchanged,
};
pub use tags::{delete_tags, load_tags, put_tags, tags_key};
pub use tombstones::{forget_tombstones, load_tombstone, put_tombstone};

use crate::damage::{Kind, skip_damaged};
use crate::{Error, Records, RecordsExt, Result, Versioned, Write, from_json, put_json};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tastemaker_domain::resource::{EventTracker, TimeMs};

/// The channel that is notified when a job record was committed.
pub const JOBS_CHANNEL: &str = "jobs";

/// The channel that is notified when a campaign record reached another status.
pub const CAMPAIGNS_CHANNEL: &str = "campaigns";

/// The channel that is notified when a training has ended.
pub const TRAININGS_CHANNEL: &str = "trainings";

/// The channel that is notified when the rows of a dataset have changed.
pub const STATISTICS_CHANNEL: &str = "statistics";

/// The channel that is notified when users, their keys, roles or policies have changed.
pub const IDENTITIES_CHANNEL: &str = "identities";

/// The channel that is notified when a running training is asked to stop.
pub const STOPS_CHANNEL: &str = "stops";

/// A domain value that is kept as a record of its own.
pub trait Record: Sized + Send + Sync + 'static {
    /// The first segment of the key.
    const KIND: &'static str;

    /// The id of the value among its kind: an ARN, or a job's id.
    fn id(&self) -> &str;

    /// The record as JSON, in the newest format version.
    fn to_json(&self) -> serde_json::Result<Vec<u8>>;

    /// The value of a record of any known format version.
    fn from_json(json: &[u8]) -> serde_json::Result<Self>;
}

/// The key of the record of kind `R` with this ARN (or job id).
pub fn key<R: Record>(id: &str) -> String {
    format!("{}/{id}", R::KIND)
}

/// The record's bytes. Fails only for numbers that JSON cannot hold.
pub fn encode<R: Record>(record: &R) -> Result<Vec<u8>> {
    record.to_json().map_err(|error| Error::backend("records", format!("{}: {error}", key::<R>(record.id()))))
}

/// The value of stored bytes; [`Error::Corrupt`] names the key.
pub fn decode<R: Record>(key: &str, json: &[u8]) -> Result<R> {
    R::from_json(json).map_err(|error| Error::Corrupt(format!("{key}: {error}")))
}

/// A write of the record, to be part of a batch.
pub fn put<R: Record>(record: &R) -> Result<Write> {
    Ok(Write::Put { key: key::<R>(record.id()), value: encode(record)?.into() })
}

/// A removal of the record, to be part of a batch.
pub fn delete<R: Record>(id: &str) -> Write {
    Write::Delete { key: key::<R>(id) }
}

/// The value with this ARN (or job id) and its version, if there is one.
pub async fn load<R: Record>(records: &dyn Records, id: &str) -> Result<Option<(u64, R)>> {
    let key = key::<R>(id);
    match records.get(&key).await? {
        Some(found) => Ok(Some((found.version, decode(&key, &found.value)?))),
        None => Ok(None),
    }
}

/// Every value of kind `R` with its version, in the order of the ARNs (job ids).
pub async fn list<R: Record>(records: &dyn Records) -> Result<Vec<(u64, R)>> {
    list_under(records, "").await
}

/// As [`list`], and [`Error::Corrupt`] if one of them cannot be read: for decisions that must know all of them.
pub async fn list_whole<R: Record>(records: &dyn Records) -> Result<Vec<(u64, R)>> {
    let found = records.scan_all(&key::<R>("")).await?;
    found.into_iter().map(|(key, found)| Ok((found.version, decode(&key, &found.value)?))).collect()
}

/// Every value of kind `R` whose ARN (job id) starts with `id_prefix`, with its version, in the order of the ARNs. Damaged
/// ones are passed over; see [`damage`](crate::damage).
pub async fn list_under<R: Record>(records: &dyn Records, id_prefix: &str) -> Result<Vec<(u64, R)>> {
    let found = records.scan_all(&key::<R>(id_prefix)).await?;
    let value = |(key, found): (String, Versioned)| {
        let decoded = skip_damaged(Kind::Record, decode(&key, &found.value)).transpose()?;
        Some(decoded.map(|value| (found.version, value)))
    };
    found.into_iter().filter_map(value).collect()
}

/// Every value of kind `R` whose ARN starts with `id_prefix`, not yet decoded, with the time of its creation; see [`decode`].
pub async fn raw_under<R: Record>(records: &dyn Records, id_prefix: &str) -> Result<Vec<Raw>> {
    #[derive(Deserialize)]
    struct Created {
        created_ms: TimeMs,
    }
    let found = records.scan_all(&key::<R>(id_prefix)).await?;
    let raw = |(key, found): (String, Versioned)| {
        let created = skip_damaged(Kind::Record, from_json(&key, &found.value)).transpose()?;
        Some(created.map(|Created { created_ms }| Raw { created_ms, key, value: found.value }))
    };
    found.into_iter().filter_map(raw).collect()
}

/// A record as it is stored.
#[derive(Debug, Clone)]
pub struct Raw {
    /// When its resource was created.
    pub created_ms: TimeMs,
    /// Its key.
    pub key: String,
    /// Its bytes.
    pub value: Bytes,
}

impl Raw {
    /// The ARN.
    pub fn id(&self) -> &str {
        self.key.split_once('/').map_or("", |(_, id)| id)
    }
}

/// The number of values of kind `R` whose ARN starts with `id_prefix`.
pub async fn count_under<R: Record>(records: &dyn Records, id_prefix: &str) -> Result<usize> {
    records.count(&key::<R>(id_prefix)).await
}

/// The key of the index from a tracking id to its event tracker.
pub fn tracking_id_key(tracking_id: &str) -> String {
    format!("tracking-id/{tracking_id}")
}

#[derive(Serialize, Deserialize)]
struct TrackingId {
    v: codec::One,
    event_tracker_arn: String,
}

/// A write of the index from a tracker's tracking id to its ARN.
pub fn put_tracking_id(tracker: &EventTracker) -> Result<Write> {
    let entry = TrackingId { v: codec::One, event_tracker_arn: tracker.arn.clone() };
    put_json(tracking_id_key(&tracker.tracking_id), &entry)
}

#[derive(Serialize, Deserialize)]
struct ActionTrackingId {
    v: codec::One,
    dataset_arn: String,
}

/// The key of the index from the tracking id of a dataset of action interactions to its ARN.
pub fn action_tracking_id_key(tracking_id: &str) -> String {
    format!("action-tracking-id/{tracking_id}")
}

/// A write of that index.
pub fn put_action_tracking_id(tracking_id: &str, dataset_arn: &str) -> Result<Write> {
    let entry = ActionTrackingId { v: codec::One, dataset_arn: dataset_arn.to_owned() };
    put_json(action_tracking_id_key(tracking_id), &entry)
}

/// The ARN of the dataset of action interactions with this tracking id, if there is one.
pub async fn action_dataset_arn(records: &dyn Records, tracking_id: &str) -> Result<Option<String>> {
    let found = records.get_json::<ActionTrackingId>(&action_tracking_id_key(tracking_id)).await?;
    Ok(found.map(|(_, entry)| entry.dataset_arn))
}

/// The ARN of the event tracker with this tracking id, if there is one.
pub async fn event_tracker_arn(records: &dyn Records, tracking_id: &str) -> Result<Option<String>> {
    let found = records.get_json::<TrackingId>(&tracking_id_key(tracking_id)).await?;
    Ok(found.map(|(_, entry)| entry.event_tracker_arn))
}

/// The key of an empty record that every create under a quota rewrites, so that two of them cannot both take its last place.
/// `arn_prefix` is `arn:<partition>:personalize:<region>:<account>:`.
pub fn guard_key(quota: &str, arn_prefix: &str) -> String {
    format!("guard/{quota}/{arn_prefix}")
}
