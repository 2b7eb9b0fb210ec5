//! The counts of a dataset group's streamed events, at `streamed-statistics/<dataset group arn>`.

use super::codec::One;
use crate::{Records, RecordsExt, Result, Write, put_json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::dataset_statistics::StreamedStatistics;
use tastemaker_domain::resource::TimeMs;

/// Format version 1.
#[derive(Serialize, Deserialize)]
struct StreamedV1 {
    v: One,
    position: u64,
    events: u64,
    timed: u64,
    late: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_received_ms: Option<TimeMs>,
    event_types: BTreeMap<String, u64>,
}

fn key(dataset_group_arn: &str) -> String {
    format!("streamed-statistics/{dataset_group_arn}")
}

/// A write of a group's counts.
pub fn put_streamed_statistics(counts: &StreamedStatistics) -> Result<Write> {
    let stored = StreamedV1 {
        v: One,
        position: counts.position,
        events: counts.events,
        timed: counts.timed,
        late: counts.late,
        last_received_ms: counts.last_received_ms,
        event_types: counts.event_types.clone(),
    };
    put_json(key(&counts.dataset_group_arn), &stored)
}

/// A removal of a group's counts.
pub fn delete_streamed_statistics(dataset_group_arn: &str) -> Write {
    Write::Delete { key: key(dataset_group_arn) }
}

/// The condition that a group's counts are still those of this version, or absent.
pub fn streamed_statistics_unchanged(dataset_group_arn: &str, version: Option<u64>) -> crate::Precondition {
    let key = key(dataset_group_arn);
    match version {
        Some(version) => crate::Precondition::Version(key, version),
        None => crate::Precondition::Absent(key),
    }
}

/// A group's counts with the version of their record, which is absent while nothing was counted.
pub async fn load_streamed_statistics(
    records: &dyn Records,
    dataset_group_arn: &str,
) -> Result<(Option<u64>, StreamedStatistics)> {
    let dataset_group_arn = dataset_group_arn.to_owned();
    Ok(match records.get_json::<StreamedV1>(&key(&dataset_group_arn)).await? {
        Some((version, found)) => {
            let StreamedV1 { v: One, position, events, timed, late, last_received_ms, event_types } = found;
            let counts =
                StreamedStatistics { dataset_group_arn, position, events, timed, late, last_received_ms, event_types };
            (Some(version), counts)
        }
        None => (None, StreamedStatistics { dataset_group_arn, ..StreamedStatistics::default() }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryRecords;

    const STREAMED: &str = include_str!("../../tests/records/v1/streamed-statistics.json");

    #[tokio::test]
    async fn counts_are_read_and_written_again() {
        let records = MemoryRecords::new();
        let (version, none) = load_streamed_statistics(&records, "g").await.expect("read");
        assert_eq!((version, none.events, none.dataset_group_arn.as_str()), (None, 0, "g"));
        let put = Write::Put { key: key("g"), value: STREAMED.trim_end().to_owned().into() };
        records.commit(vec![], vec![put.clone()]).await.expect("committed");
        let (version, counts) = load_streamed_statistics(&records, "g").await.expect("read");
        assert!(version.is_some());
        assert_eq!((counts.position, counts.events, counts.late), (7, 5, 1));
        assert_eq!(put_streamed_statistics(&counts).expect("written"), put);
        records.commit(vec![], vec![delete_streamed_statistics("g")]).await.expect("committed");
        assert_eq!(load_streamed_statistics(&records, "g").await.expect("read").1.events, 0);
    }
}
