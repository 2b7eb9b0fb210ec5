//! The failures that a user of the console has put away, at `dismissed/<access key id>`.

use super::codec::One;
use crate::{Records, RecordsExt, Result, Write, put_json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::resource::TimeMs;

/// Format version 1.
#[derive(Serialize, Deserialize)]
struct DismissedV1 {
    v: One,
    /// When each was put away, by the ARN of what failed.
    failures: BTreeMap<String, TimeMs>,
}

/// The key of what an access key has put away.
pub fn dismissed_key(access_key_id: &str) -> String {
    format!("dismissed/{access_key_id}")
}

/// A write of what an access key has put away, by ARN.
pub fn put_dismissed(access_key_id: &str, failures: &BTreeMap<String, TimeMs>) -> Result<Write> {
    put_json(dismissed_key(access_key_id), &DismissedV1 { v: One, failures: failures.clone() })
}

/// The failures that an access key has put away, with the version of the record, which is absent where that is nothing.
pub async fn load_dismissed(
    records: &dyn Records,
    access_key_id: &str,
) -> Result<(Option<u64>, BTreeMap<String, TimeMs>)> {
    Ok(match records.get_json::<DismissedV1>(&dismissed_key(access_key_id)).await? {
        Some((version, found)) => (Some(version), found.failures),
        None => (None, BTreeMap::new()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryRecords;

    const DISMISSED: &str = include_str!("../../tests/records/v1/dismissed.json");

    #[tokio::test]
    async fn what_was_put_away_is_read_and_written_again() {
        let records = MemoryRecords::new();
        assert_eq!(load_dismissed(&records, "KEY").await.expect("read"), (None, BTreeMap::new()));
        let put = Write::Put { key: dismissed_key("KEY"), value: DISMISSED.trim_end().to_owned().into() };
        records.commit(vec![], vec![put.clone()]).await.expect("committed");
        let (version, failures) = load_dismissed(&records, "KEY").await.expect("read");
        assert!(version.is_some() && failures.values().eq([&1_750_000_000_000]), "{failures:?}");
        assert_eq!(put_dismissed("KEY", &failures).expect("written"), put);
    }
}
