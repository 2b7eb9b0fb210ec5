//! The data of each dataset group, as the last look at it counted.

use super::server_inspect::ServerInspect;
use super::texts::{name_of, seconds_text, time_text};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tastemaker_domain::Result;
use tastemaker_domain::dataset_statistics::DatasetStatistics;
use tastemaker_domain::resource::{Dataset, DatasetGroup};
use tastemaker_store::records;

/// The most days of a group that are shown, the newest.
const DAYS_MAX: usize = 14;

/// All groups with their datasets.
pub async fn get(server: &ServerInspect) -> Result<Value> {
    let records = &*server.stores.records;
    let mut datasets: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut days: BTreeMap<String, Value> = BTreeMap::new();
    for (_, dataset) in records::list::<Dataset>(records).await? {
        let found = records::load::<DatasetStatistics>(records, &dataset.arn).await?.map(|(_, found)| found);
        let interactions = found.as_ref().and_then(|found| found.interactions.as_ref());
        let metadata = found.as_ref().and_then(|found| found.metadata.as_ref());
        let rows = found.as_ref().map_or(dataset.bulk_rows, |found| found.rows);
        datasets.entry(dataset.dataset_group_arn.clone()).or_default().push(json!({
            "type": dataset.dataset_type.as_str(),
            "name": dataset.name,
            "status": dataset.status.as_str(),
            "rows": rows,
            "importedRows": dataset.bulk_rows,
            "users": interactions.map(|found| found.users),
            "items": interactions.map(|found| found.items),
            "ids": metadata.map(|found| found.ids),
            "first": interactions.map(|found| seconds_text(found.first_s)),
            "last": interactions.map(|found| seconds_text(found.last_s)),
            "counted": found.as_ref().map(|found| time_text(found.made_ms)),
            "isEstimate": found.as_ref().map(|found| found.is_estimate),
        }));
        if let Some(found) = interactions {
            let newest = found.by_day.iter().rev().take(DAYS_MAX).rev();
            let day = |(day_s, events): &(i64, u64)| json!({"day": seconds_text(*day_s).get(..10), "events": events, "days": found.bucket_days});
            days.insert(dataset.dataset_group_arn.clone(), newest.map(day).collect());
        }
    }
    let mut groups = Vec::new();
    for (_, group) in records::list::<DatasetGroup>(records).await? {
        let (_, streamed) = records::load_streamed_statistics(records, &group.arn).await?;
        groups.push(json!({
            "name": name_of(&group.arn),
            "arn": group.arn,
            "status": group.status.as_str(),
            "datasets": datasets.remove(&group.arn).unwrap_or_default(),
            "eventsPerDay": days.remove(&group.arn),
            "streamedEvents": streamed.events,
            "lastStreamed": streamed.last_received_ms.map(time_text),
        }));
    }
    Ok(json!({"datasetGroups": groups}))
}
