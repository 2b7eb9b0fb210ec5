//! How often access keys were used, by all processes together, at `key-usage/<id of the key>`.

use super::codec::One;
use crate::{Records, RecordsExt, Result, Write, put_json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::iam::KeyCounts;
use tastemaker_domain::resource::TimeMs;

const PREFIX: &str = "key-usage/";

/// Format version 1.
#[derive(Serialize, Deserialize)]
struct KeyUsageV1 {
    v: One,
    recommendations: u64,
    events: u64,
    control: u64,
    s3: u64,
    throttled: u64,
    bytes_in: u64,
    bytes_out: u64,
    last_used_ms: Option<TimeMs>,
}

impl From<KeyUsageV1> for KeyCounts {
    fn from(kept: KeyUsageV1) -> Self {
        Self {
            requests: [kept.recommendations, kept.events, kept.control, kept.s3],
            throttled: kept.throttled,
            bytes_in: kept.bytes_in,
            bytes_out: kept.bytes_out,
            last_used_ms: kept.last_used_ms,
        }
    }
}

/// The key of the counts of an access key.
pub fn key_usage_key(id: &str) -> String {
    format!("{PREFIX}{id}")
}

/// A write of the counts of an access key.
pub fn put_key_usage(id: &str, counts: &KeyCounts) -> Result<Write> {
    let [recommendations, events, control, s3] = counts.requests;
    let KeyCounts { throttled, bytes_in, bytes_out, last_used_ms, .. } = *counts;
    let kept =
        KeyUsageV1 { v: One, recommendations, events, control, s3, throttled, bytes_in, bytes_out, last_used_ms };
    put_json(key_usage_key(id), &kept)
}

/// The counts of an access key with the version of the record; `None` where none are kept yet.
pub async fn load_key_usage(records: &dyn Records, id: &str) -> Result<Option<(u64, KeyCounts)>> {
    let found = records.get_json::<KeyUsageV1>(&key_usage_key(id)).await?;
    Ok(found.map(|(version, kept)| (version, kept.into())))
}

/// The counts of all access keys by their ids.
pub async fn key_usages(records: &dyn Records) -> Result<BTreeMap<String, KeyCounts>> {
    let found = records.scan_all_json::<KeyUsageV1>(PREFIX).await?;
    let named =
        found.into_iter().filter_map(|(key, _, kept)| Some((key.strip_prefix(PREFIX)?.to_owned(), kept.into())));
    Ok(named.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryRecords;

    const KEY_USAGE: &str = include_str!("../../tests/records/v1/key-usage.json");

    #[tokio::test]
    async fn counts_are_read_and_written_again() {
        let records = MemoryRecords::new();
        assert_eq!(load_key_usage(&records, "AKIA").await.expect("read"), None);
        let put = Write::Put { key: key_usage_key("AKIA"), value: KEY_USAGE.trim_end().to_owned().into() };
        records.commit(vec![], vec![put.clone()]).await.expect("committed");
        let (_, counts) = load_key_usage(&records, "AKIA").await.expect("read").expect("there");
        assert_eq!((counts.requests, counts.last_used_ms), ([1, 2, 3, 4], Some(1_750_000_000_000)));
        assert_eq!(put_key_usage("AKIA", &counts).expect("written"), put);
        assert_eq!(key_usages(&records).await.expect("read"), BTreeMap::from([("AKIA".to_owned(), counts)]));
    }
}
