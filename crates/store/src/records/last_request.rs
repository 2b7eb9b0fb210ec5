//! When a campaign or recommender was asked last, and with which filters, at `last-request/<arn>`; and since when that is kept, at
//! `last-request-since`.

use super::codec::One;
use crate::{Precondition, Records, RecordsExt, Result, Write, put_json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::resource::TimeMs;

const PREFIX: &str = "last-request/";
const SINCE: &str = "last-request-since";

/// The last requests to a campaign or recommender, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastRequest {
    /// The last of all.
    pub at_ms: TimeMs,
    /// The last with each filter, by the filter's ARN; promotions count as their filter.
    pub filters: BTreeMap<String, TimeMs>,
}

/// Format version 1.
#[derive(Serialize, Deserialize)]
struct LastRequestV1 {
    v: One,
    at_ms: TimeMs,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    filters: BTreeMap<String, TimeMs>,
}

#[derive(Serialize, Deserialize)]
struct SinceV1 {
    v: One,
    at_ms: TimeMs,
}

/// The key of the last requests to a campaign or recommender.
pub fn last_request_key(arn: &str) -> String {
    format!("{PREFIX}{arn}")
}

/// A write of the last requests to a campaign or recommender.
pub fn put_last_request(arn: &str, last: &LastRequest) -> Result<Write> {
    put_json(last_request_key(arn), &LastRequestV1 { v: One, at_ms: last.at_ms, filters: last.filters.clone() })
}

/// The last requests to a campaign or recommender, with the version of the record; `None` where nobody asked yet.
pub async fn load_last_request(records: &dyn Records, arn: &str) -> Result<Option<(u64, LastRequest)>> {
    let found = records.get_json::<LastRequestV1>(&last_request_key(arn)).await?;
    Ok(found.map(|(version, LastRequestV1 { at_ms, filters, .. })| (version, LastRequest { at_ms, filters })))
}

/// The last requests of every campaign and recommender that was asked, by ARN.
pub async fn last_requests(records: &dyn Records) -> Result<BTreeMap<String, LastRequest>> {
    let found = records.scan_all_json::<LastRequestV1>(PREFIX).await?;
    let named = found.into_iter().filter_map(|(key, _, LastRequestV1 { at_ms, filters, .. })| {
        Some((key.strip_prefix(PREFIX)?.to_owned(), LastRequest { at_ms, filters }))
    });
    Ok(named.collect())
}

/// Since when last requests are kept; from now on, where they were not before.
pub async fn last_requests_since(records: &dyn Records, now_ms: TimeMs) -> Result<TimeMs> {
    if let Some((_, SinceV1 { at_ms, .. })) = records.get_json::<SinceV1>(SINCE).await? {
        return Ok(at_ms);
    }
    let begin = put_json(SINCE.to_owned(), &SinceV1 { v: One, at_ms: now_ms })?;
    match records.commit(vec![Precondition::Absent(SINCE.to_owned())], vec![begin]).await {
        Ok(()) => Ok(now_ms),
        // Another process began at the same time.
        Err(crate::Error::Conflict(_)) => Ok(records.require_json::<SinceV1>(SINCE).await?.1.at_ms),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryRecords;

    const LAST_REQUEST: &str = include_str!("../../tests/records/v1/last-request.json");

    #[tokio::test]
    async fn last_requests_are_read_and_written_again() {
        let records = MemoryRecords::new();
        let arn = "arn:aws:personalize:eu-west-1:000000000000:campaign/home";
        assert_eq!(load_last_request(&records, arn).await.expect("read"), None);
        let put = Write::Put { key: last_request_key(arn), value: LAST_REQUEST.trim_end().to_owned().into() };
        records.commit(vec![], vec![put.clone()]).await.expect("committed");
        let (_, last) = load_last_request(&records, arn).await.expect("read").expect("there");
        assert_eq!((last.at_ms, last.filters.len()), (1_750_000_000_000, 1));
        assert_eq!(put_last_request(arn, &last).expect("written"), put);
        assert_eq!(last_requests(&records).await.expect("read"), BTreeMap::from([(arn.to_owned(), last)]));
    }

    #[tokio::test]
    async fn the_time_since_which_they_are_kept_stays() {
        let records = MemoryRecords::new();
        assert_eq!(last_requests_since(&records, 7).await.expect("begun"), 7);
        assert_eq!(last_requests_since(&records, 9).await.expect("read"), 7);
        assert!(last_requests(&records).await.expect("read").is_empty());
    }
}
