//! Changes of resources' statuses that are to be delivered to receivers outside, and those that could not be.
//!
//! | record | key |
//! |---|---|
//! | a change on its way to a receiver | `delivery/<receiver>/<number>` |
//! | a change that a receiver did not take | `undelivered/<receiver>/<number>` |
//! | the number of the newest change | `delivery-number` |

use super::codec::One;
use crate::{Records, RecordsExt, Result, Write, put_json};
use serde::{Deserialize, Serialize};
use tastemaker_domain::resource::TimeMs;

/// The channel that is notified when a change is to be delivered.
pub const DELIVERIES_CHANNEL: &str = "deliveries";

/// The key of the number of the newest change.
pub const DELIVERY_NUMBER: &str = "delivery-number";

/// A change of a resource's status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChange {
    /// A UUID, the same in every attempt to deliver it.
    pub id: String,
    /// Grows with every change of any resource.
    pub number: u64,
    /// The kind of the resource, as in its key: `campaign`, `solution-version`.
    pub kind: String,
    /// The resource.
    pub arn: String,
    /// The dataset group that it is in, or is.
    pub dataset_group_arn: Option<String>,
    /// The status now; `DELETED` when the resource is gone.
    pub status: String,
    /// The status before; absent when the resource is new.
    pub previous_status: Option<String>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// Whether it is the status of the resource's latest update, and not of the resource.
    pub is_update: bool,
    /// When it was committed.
    pub at_ms: TimeMs,
}

/// A change on its way to one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The change.
    pub change: StateChange,
    /// Attempts that failed.
    pub attempts: u32,
    /// The time before which it is not tried again.
    pub not_before_ms: TimeMs,
    /// What the last attempt met.
    pub last_error: Option<String>,
}

/// Format version 1.
#[derive(Serialize, Deserialize)]
struct DeliveryV1 {
    v: One,
    #[serde(flatten)]
    change: StateChange,
    attempts: u32,
    not_before_ms: TimeMs,
    last_error: Option<String>,
}

impl Delivery {
    /// A change that was not tried yet.
    pub fn new(change: StateChange) -> Self {
        Self { not_before_ms: change.at_ms, change, attempts: 0, last_error: None }
    }

    fn write(&self, key: String) -> Result<Write> {
        let Self { change, attempts, not_before_ms, last_error } = self.clone();
        put_json(key, &DeliveryV1 { v: One, change, attempts, not_before_ms, last_error })
    }

    /// A write of it on its way to `receiver`.
    pub fn put(&self, receiver: &str) -> Result<Write> {
        self.write(delivery_key(receiver, self.change.number))
    }

    /// A write of it among what `receiver` did not take.
    pub fn put_undelivered(&self, receiver: &str) -> Result<Write> {
        self.write(undelivered_key(receiver, self.change.number))
    }
}

/// The key of a change on its way to a receiver. Numbers are as long as the longest, so that keys are in their order.
pub fn delivery_key(receiver: &str, number: u64) -> String {
    format!("delivery/{receiver}/{number:020}")
}

/// The key of a change that a receiver did not take.
pub fn undelivered_key(receiver: &str, number: u64) -> String {
    format!("undelivered/{receiver}/{number:020}")
}

/// At most `limit` changes on their way to a receiver whose number is greater than `after`, the oldest first.
pub async fn deliveries(
    records: &dyn Records,
    receiver: &str,
    after: Option<u64>,
    limit: usize,
) -> Result<Vec<Delivery>> {
    page(records, &format!("delivery/{receiver}/"), after.map(|number| delivery_key(receiver, number)), limit).await
}

/// Every change that a receiver did not take, the oldest first.
pub async fn undelivered(records: &dyn Records, receiver: &str) -> Result<Vec<Delivery>> {
    let found = records.scan_all_json::<DeliveryV1>(&format!("undelivered/{receiver}/")).await?;
    Ok(found.into_iter().map(|(_, _, found)| found.into()).collect())
}

async fn page(records: &dyn Records, prefix: &str, after: Option<String>, limit: usize) -> Result<Vec<Delivery>> {
    let found = records.scan(prefix, after.as_deref(), limit).await?;
    let decode =
        |(key, found): (String, crate::Versioned)| Ok(crate::from_json::<DeliveryV1>(&key, &found.value)?.into());
    found.into_iter().map(decode).collect()
}

/// The receivers of which there is anything.
pub async fn receivers(records: &dyn Records) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for prefix in ["delivery/", "undelivered/"] {
        let mut after: Option<String> = None;
        loop {
            let found = records.scan(prefix, after.as_deref(), 1).await?;
            let Some((key, _)) = found.into_iter().next() else { break };
            let Some(receiver) = key.strip_prefix(prefix).and_then(|rest| rest.split('/').next()) else { break };
            // The next receiver's keys are behind all numbers of this one.
            after = Some(format!("{prefix}{receiver}/~"));
            all.push(receiver.to_owned());
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

impl From<DeliveryV1> for Delivery {
    fn from(found: DeliveryV1) -> Self {
        let DeliveryV1 { change, attempts, not_before_ms, last_error, .. } = found;
        Self { change, attempts, not_before_ms, last_error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryRecords;

    const GOLDEN: &str = include_str!("../../tests/records/v1/delivery.json");

    #[tokio::test]
    async fn what_is_on_its_way_is_written_as_it_was_read_and_listed_by_receiver() {
        let records = MemoryRecords::new();
        let (one, two) = (delivery_key("one", 7), undelivered_key("two", 7));
        assert_eq!(
            (one.as_str(), two.as_str()),
            ("delivery/one/00000000000000000007", "undelivered/two/00000000000000000007")
        );
        let put = Write::Put { key: one.clone(), value: GOLDEN.trim_end().to_owned().into() };
        records.commit(vec![], vec![put.clone()]).await.expect("committed");
        let found = deliveries(&records, "one", None, 10).await.expect("read");
        assert_eq!((found.len(), found[0].change.number, found[0].attempts), (1, 7, 2));
        assert_eq!(found[0].put("one").expect("written"), put);
        assert_eq!(deliveries(&records, "one", Some(7), 10).await.expect("read"), []);
        let writes = vec![found[0].put_undelivered("two").expect("written"), found[0].put("three").expect("written")];
        records.commit(vec![], writes).await.expect("committed");
        assert_eq!(undelivered(&records, "two").await.expect("read"), found);
        assert_eq!(receivers(&records).await.expect("read"), ["one", "three", "two"]);
    }
}
