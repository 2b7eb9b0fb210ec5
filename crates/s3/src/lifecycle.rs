//! Removal of what is due: unfinished uploads, and objects that the lifecycle rules of their buckets expire.
//!
//! An unfinished upload is removed after [`UPLOAD_AGE_MAX`], or earlier by an enabled `AbortIncompleteMultipartUpload` rule.
//! `Expiration` rules remove objects by age or date, filtered by prefix, size and tags. Days are counted as S3 counts them: what is
//! due becomes so at the next midnight in UTC. Objects have neither versions nor other storage classes here: transitions and
//! rules for noncurrent versions have nothing to do.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::TryStreamExt;
use s3s::dto::{BucketLifecycleConfiguration, ExpirationStatus, LifecycleRule, LifecycleRuleFilter, Tag};
use s3s::{S3Result, s3_error};
use tastemaker_store::objects::{ObjectRecord, decode, object_record_key};
use tastemaker_store::{Blobs, Error, Precondition, Records, RecordsExt, Result, Write, from_json};

use crate::operations::settings::Setting;
use crate::records::{BucketRecord, PARTS, UPLOADS, UploadRecord};
use crate::state::State;

/// Age at which an unfinished upload is removed, where no rule of its bucket says earlier.
pub const UPLOAD_AGE_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Rules that a configuration may have: S3's limit.
const RULES_MAX: usize = 1_000;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// The numbers of removed things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Unfinished uploads.
    pub uploads: usize,
    /// Objects.
    pub objects: usize,
}

/// Removes what is due at `now`, and parts that a crash left of uploads that are gone.
pub async fn expire(records: Arc<dyn Records>, blobs: Arc<dyn Blobs>, now: SystemTime) -> Result<Expired> {
    let state = State { records, blobs, region: String::new(), clock: Arc::new(move || now) };
    let mut expired = Expired::default();
    remove_abandoned_parts(&state).await?;
    for (key, found) in state.records.scan_all(UPLOADS).await? {
        let Some(upload) = readable::<UploadRecord>(from_json(&key, &found.value)) else { continue };
        let Some((bucket, _)) = key.strip_prefix(UPLOADS).and_then(|rest| rest.split_once('/')) else { continue };
        let rules = rules(&state, bucket).await;
        if !is_upload_due(&rules, &upload, state.now_ms()) {
            continue;
        }
        match state.remove_upload(bucket, &upload.upload_id, found.version).await {
            Ok(()) => expired.uploads += 1,
            // It was finished or aborted meanwhile.
            Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    for (key, found) in state.records.scan_all(BUCKETS).await? {
        let Some(bucket) = readable::<BucketRecord>(from_json(&key, &found.value)) else { continue };
        let rules = rules(&state, &bucket.name).await;
        if rules.iter().any(|rule| rule.expiration.is_some()) {
            expired.objects += expire_objects(&state, &bucket.name, &rules).await?;
        }
    }
    Ok(expired)
}

/// A damaged record is passed over, and expires nothing.
fn readable<T>(record: Result<T>) -> Option<T> {
    record.inspect_err(|error| tracing::warn!(%error, "a record is passed over")).ok()
}

/// The prefix of the records of every bucket.
const BUCKETS: &str = "s3/bucket/";

/// Parts first, uploads second: an upload that is missing behind its part is gone for good.
async fn remove_abandoned_parts(state: &State) -> Result<()> {
    let parts = state.records.scan_all(PARTS).await?;
    let of = |key: &str| Some(key.strip_prefix(PARTS)?.split_once('/')?.0.to_owned());
    let found: HashSet<_> = parts.iter().filter_map(|(key, _)| of(key)).collect();
    if found.is_empty() {
        return Ok(());
    }
    let uploads = state.records.scan_all(UPLOADS).await?;
    let uploads: HashSet<_> = uploads.iter().filter_map(|(key, _)| key.rsplit_once('/').map(|(_, id)| id)).collect();
    for upload_id in found.iter().filter(|id| !uploads.contains(id.as_str())) {
        state.remove_parts(upload_id).await;
    }
    Ok(())
}

async fn expire_objects(state: &State, bucket: &str, rules: &[LifecycleRule]) -> Result<usize> {
    let prefix = object_record_key(bucket, "");
    let mut pages = state.records.pages(&prefix);
    let mut removed = 0;
    while let Some(page) = pages.try_next().await? {
        for (key, found) in page {
            let Some(object) = readable(decode(&key, &found.value)) else { continue };
            if !rules.iter().any(|rule| is_object_due(rule, &object, state.now_ms())) {
                continue;
            }
            let unchanged = vec![Precondition::Version(key.clone(), found.version)];
            match state.records.commit(unchanged, vec![Write::Delete { key }]).await {
                Ok(()) => {
                    state.delete_blob(&object.blob).await;
                    removed += 1;
                }
                // It was overwritten or deleted meanwhile.
                Err(Error::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(removed)
}

/// The enabled rules of a bucket. Rules that cannot be read remove nothing.
async fn rules(state: &State, bucket: &str) -> Vec<LifecycleRule> {
    let found: S3Result<Option<BucketLifecycleConfiguration>> = state.setting(bucket, Setting::Lifecycle).await;
    let rules = found.ok().flatten().map(|configuration| configuration.rules).unwrap_or_default();
    rules.into_iter().filter(|rule| rule.status.as_str() == ExpirationStatus::ENABLED).collect()
}

fn is_upload_due(rules: &[LifecycleRule], upload: &UploadRecord, now_ms: u64) -> bool {
    let age_max_ms = u64::try_from(UPLOAD_AGE_MAX.as_millis()).unwrap_or(u64::MAX);
    let by_rule = |rule: &LifecycleRule| {
        let days = rule.abort_incomplete_multipart_upload.as_ref().and_then(|abort| abort.days_after_initiation);
        let filter = Filter::of(rule);
        let fits = upload.key.starts_with(filter.prefix) && filter.tags.is_empty() && !filter.sized();
        days.is_some_and(|days| fits && now_ms >= due_ms(upload.initiated_ms, days))
    };
    now_ms >= upload.initiated_ms.saturating_add(age_max_ms) || rules.iter().any(by_rule)
}

fn is_object_due(rule: &LifecycleRule, object: &ObjectRecord, now_ms: u64) -> bool {
    let Some(expiration) = &rule.expiration else { return false };
    let by_days = expiration.days.is_some_and(|days| now_ms >= due_ms(object.last_modified_ms, days));
    let by_date = expiration.date.as_ref().is_some_and(|date| {
        let date = SystemTime::from(time::OffsetDateTime::from(date.clone()));
        let date = date.duration_since(UNIX_EPOCH).unwrap_or_default();
        u128::from(now_ms) >= date.as_millis()
    });
    (by_days || by_date) && Filter::of(rule).fits(object)
}

/// The midnight in UTC that is `days` days after `from_ms`, or the next one.
fn due_ms(from_ms: u64, days: i32) -> u64 {
    let days = u64::try_from(days).unwrap_or(u64::MAX);
    let end = from_ms.saturating_add(days.saturating_mul(DAY_MS));
    end.checked_next_multiple_of(DAY_MS).unwrap_or(u64::MAX)
}

/// The conditions of a rule, whichever of S3's three places they are in.
struct Filter<'r> {
    prefix: &'r str,
    greater_than: Option<u64>,
    less_than: Option<u64>,
    /// Tags that an object must have.
    tags: Vec<&'r Tag>,
}

impl<'r> Filter<'r> {
    fn of(rule: &'r LifecycleRule) -> Self {
        let filter: Option<&LifecycleRuleFilter> = rule.filter.as_ref();
        let and = filter.and_then(|filter| filter.and.as_ref());
        let prefix = rule.prefix.as_deref();
        let prefix = prefix.or_else(|| filter?.prefix.as_deref()).or_else(|| and?.prefix.as_deref());
        let bytes = |bytes: Option<i64>| bytes.and_then(|bytes| u64::try_from(bytes).ok());
        let greater = filter.and_then(|filter| filter.object_size_greater_than);
        let less = filter.and_then(|filter| filter.object_size_less_than);
        Filter {
            prefix: prefix.unwrap_or_default(),
            greater_than: bytes(greater.or_else(|| and?.object_size_greater_than)),
            less_than: bytes(less.or_else(|| and?.object_size_less_than)),
            tags: filter
                .and_then(|filter| filter.tag.as_ref())
                .into_iter()
                .chain(and.and_then(|and| and.tags.as_ref()).into_iter().flatten())
                .collect(),
        }
    }

    fn sized(&self) -> bool {
        self.greater_than.is_some() || self.less_than.is_some()
    }

    fn fits(&self, object: &ObjectRecord) -> bool {
        object.key.starts_with(self.prefix)
            && self.greater_than.is_none_or(|bytes| object.size_bytes > bytes)
            && self.less_than.is_none_or(|bytes| object.size_bytes < bytes)
            && self.tags.iter().all(|tag| has(object, tag))
    }
}

fn has(object: &ObjectRecord, tag: &Tag) -> bool {
    let value = tag.key.as_ref().and_then(|key| object.tags.get(key));
    value.is_some_and(|value| Some(value.as_str()) == Some(tag.value.as_deref().unwrap_or_default()))
}

/// Refuses rules that S3 refuses, so that a mistake removes nothing.
pub(crate) fn check(configuration: &BucketLifecycleConfiguration) -> S3Result<()> {
    if !(1..=RULES_MAX).contains(&configuration.rules.len()) {
        return Err(s3_error!(MalformedXML, "A lifecycle configuration has 1 to {RULES_MAX} rules."));
    }
    for rule in &configuration.rules {
        if ![ExpirationStatus::ENABLED, ExpirationStatus::DISABLED].contains(&rule.status.as_str()) {
            return Err(s3_error!(
                MalformedXML,
                "The Status of a rule is Enabled or Disabled, not {:?}.",
                rule.status.as_str()
            ));
        }
        let abort = rule.abort_incomplete_multipart_upload.as_ref();
        let aborts = abort.map(|abort| abort.days_after_initiation.unwrap_or(0));
        if aborts.is_some_and(|days| days < 1) {
            return Err(s3_error!(InvalidArgument, "'DaysAfterInitiation' must be a positive integer."));
        }
        let filter = Filter::of(rule);
        if abort.is_some() && (!filter.tags.is_empty() || filter.sized()) {
            return Err(s3_error!(
                InvalidRequest,
                "AbortIncompleteMultipartUpload cannot be specified with tags or sizes of objects."
            ));
        }
        if let Some(expiration) = &rule.expiration {
            if expiration.days.is_some_and(|days| days < 1) {
                return Err(s3_error!(InvalidArgument, "'Days' for Expiration action must be a positive integer."));
            }
            if expiration.days.is_some() && expiration.date.is_some() {
                return Err(s3_error!(MalformedXML, "Expiration has either Days or Date."));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
