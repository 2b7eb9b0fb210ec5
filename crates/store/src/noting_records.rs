//! Records that note every change of a resource's status, in the commit that makes it, for receivers outside.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use tastemaker_domain::resource::TimeMs;

use crate::records::{DELIVERIES_CHANNEL, DELIVERY_NUMBER, Delivery, Record, StateChange};
use crate::{Error, Precondition, Records, RecordsExt, Result, Versioned, Wakeups, Write, from_json, put_json};
use tastemaker_domain::resource as r;

/// The kinds of resources whose statuses are noted.
pub const NOTED_KINDS: [&str; 14] = [
    r::DatasetGroup::KIND,
    r::Dataset::KIND,
    r::DatasetImportJob::KIND,
    r::DatasetExportJob::KIND,
    r::DataDeletionJob::KIND,
    r::EventTracker::KIND,
    r::Solution::KIND,
    r::SolutionVersion::KIND,
    r::Campaign::KIND,
    r::Recommender::KIND,
    r::Filter::KIND,
    r::BatchInferenceJob::KIND,
    r::BatchSegmentJob::KIND,
    r::MetricAttribution::KIND,
];

/// The status of what is gone.
pub const DELETED: &str = "DELETED";

/// The times that a commit is tried again because another one noted a change first.
const RIVALS_MAX: usize = 1_000;

/// The choice of the receivers of a change.
pub trait Receivers: Send + Sync {
    /// Whether there is any at all; without one no change is looked for.
    fn any(&self) -> bool;

    /// The receivers that are told of a change.
    fn of(&self, change: &StateChange) -> Vec<String>;
}

impl<F: Fn(&StateChange) -> Vec<String> + Send + Sync> Receivers for F {
    fn any(&self) -> bool {
        true
    }

    fn of(&self, change: &StateChange) -> Vec<String> {
        self(change)
    }
}

/// [`Records`] whose commits also write a [`Delivery`] for each receiver of each change. Changes are numbered in the order of
/// their commits.
pub struct NotingRecords {
    inner: Arc<dyn Records>,
    wakeups: Arc<dyn Wakeups>,
    clock: Arc<dyn Fn() -> TimeMs + Send + Sync>,
    receivers: Arc<dyn Receivers>,
}

/// What matters of a resource's record of any kind.
#[derive(Deserialize)]
struct Watched {
    status: Option<String>,
    failure_reason: Option<String>,
    dataset_group_arn: Option<String>,
    dataset_arn: Option<String>,
    latest_update: Option<Update>,
}

#[derive(Deserialize, PartialEq)]
struct Update {
    status: String,
    failure_reason: Option<String>,
    created_ms: TimeMs,
}

impl NotingRecords {
    /// Over other records.
    pub fn new(
        inner: Arc<dyn Records>,
        wakeups: Arc<dyn Wakeups>,
        clock: Arc<dyn Fn() -> TimeMs + Send + Sync>,
        receivers: Arc<dyn Receivers>,
    ) -> Self {
        Self { inner, wakeups, clock, receivers }
    }

    /// The changes that the writes make, without numbers.
    async fn changes(&self, writes: &[Write]) -> Result<Vec<StateChange>> {
        let mut changes = Vec::new();
        for write in writes {
            let Some((kind, arn)) = write.key().split_once('/').filter(|(kind, _)| NOTED_KINDS.contains(kind)) else {
                continue;
            };
            let read = |value: &[u8]| from_json::<Watched>(write.key(), value);
            // A record that cannot be read has no status that could be told.
            let before = self.inner.get(write.key()).await?.and_then(|found| read(&found.value).ok());
            let after = match write {
                Write::Put { value, .. } => Some(read(value)?),
                Write::Delete { .. } => None,
            };
            let change = |status: String, previous_status, failure_reason, is_update| StateChange {
                id: uuid::Uuid::new_v4().to_string(),
                number: 0,
                kind: kind.to_owned(),
                arn: arn.to_owned(),
                dataset_group_arn: after.as_ref().or(before.as_ref()).and_then(|watched| group_of(kind, arn, watched)),
                status,
                previous_status,
                failure_reason,
                is_update,
                at_ms: (self.clock)(),
            };
            let status_before = before.as_ref().and_then(|before| before.status.clone());
            let Some(after) = &after else {
                if before.is_some() {
                    changes.push(change(DELETED.to_owned(), status_before, None, false));
                }
                continue;
            };
            if let Some(status) = after.status.clone().filter(|_| after.status != status_before) {
                changes.push(change(status, status_before, after.failure_reason.clone(), false));
            }
            let update_before = before.as_ref().and_then(|before| before.latest_update.as_ref());
            if let Some(update) = after.latest_update.as_ref().filter(|update| Some(*update) != update_before) {
                // The update before it is another one, and its status not this one's.
                let previous = update_before.filter(|before| before.created_ms == update.created_ms);
                let previous = previous.map(|before| before.status.clone());
                if previous.as_ref() != Some(&update.status) {
                    changes.push(change(update.status.clone(), previous, update.failure_reason.clone(), true));
                }
            }
        }
        Ok(changes)
    }
}

/// The dataset group of a resource. The ARN of a dataset says it.
fn group_of(kind: &str, arn: &str, watched: &Watched) -> Option<String> {
    if kind == r::DatasetGroup::KIND {
        return Some(arn.to_owned());
    }
    let of_dataset = || {
        let (before, after) = watched.dataset_arn.as_ref()?.split_once(":dataset/")?;
        let (name, _) = after.split_once('/')?;
        Some(format!("{before}:dataset-group/{name}"))
    };
    watched.dataset_group_arn.clone().or_else(of_dataset)
}

#[async_trait]
impl Records for NotingRecords {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        self.inner.get(key).await
    }

    async fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Versioned)>> {
        self.inner.scan(prefix, after, limit).await
    }

    async fn count(&self, prefix: &str) -> Result<usize> {
        self.inner.count(prefix).await
    }

    async fn commit(&self, preconditions: Vec<Precondition>, writes: Vec<Write>) -> Result<()> {
        if !self.receivers.any() {
            return self.inner.commit(preconditions, writes).await;
        }
        for _ in 0..RIVALS_MAX {
            let mut noted = Vec::new();
            let number = match self.changes(&writes).await? {
                changes if changes.is_empty() => None,
                changes => {
                    let (version, mut number) = self.inner.get_json::<u64>(DELIVERY_NUMBER).await?.unzip();
                    for mut change in changes {
                        change.number = number.unwrap_or(0) + 1;
                        number = Some(change.number);
                        for receiver in self.receivers.of(&change) {
                            noted.push(Delivery::new(change.clone()).put(&receiver)?);
                        }
                    }
                    number.map(|number| (version, number))
                }
            };
            let Some((version, number)) = number.filter(|_| !noted.is_empty()) else {
                return self.inner.commit(preconditions, writes).await;
            };
            noted.push(put_json(DELIVERY_NUMBER, &number)?);
            let key = DELIVERY_NUMBER.to_owned();
            let unrivaled = match version {
                Some(version) => Precondition::Version(key, version),
                None => Precondition::Absent(key),
            };
            // The caller's own conditions come first, so that a conflict of theirs is named.
            let conditions = preconditions.iter().cloned().chain([unrivaled]).collect();
            let all = writes.iter().cloned().chain(noted).collect();
            match self.inner.commit(conditions, all).await {
                Err(Error::Conflict(key)) if key == DELIVERY_NUMBER => {}
                Ok(()) => {
                    self.wakeups.notify(DELIVERIES_CHANNEL).await;
                    return Ok(());
                }
                refused => return refused,
            }
        }
        Err(Error::Contended { key: DELIVERY_NUMBER.to_owned(), attempts: RIVALS_MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{self, deliveries};
    use crate::{MemoryRecords, MemoryWakeups};
    use tastemaker_domain::Status;
    use tastemaker_domain::resource::{Campaign, DatasetImportJob};

    const CAMPAIGN: &str = include_str!("../tests/records/v1/campaign.json");
    const IMPORT: &str = include_str!("../tests/records/v1/dataset-import-job.json");

    fn noting() -> NotingRecords {
        let receivers = Arc::new(|change: &StateChange| match change.kind.as_str() {
            "campaign" => vec!["a".to_owned(), "b".to_owned()],
            "dataset-import-job" => vec!["a".to_owned()],
            _ => Vec::new(),
        });
        NotingRecords::new(Arc::new(MemoryRecords::new()), Arc::new(MemoryWakeups::new()), Arc::new(|| 5), receivers)
    }

    async fn told(records: &NotingRecords, receiver: &str) -> Vec<(u64, String, Option<String>, bool)> {
        let found = deliveries(records, receiver, None, 1_000).await.expect("read");
        let short = |found: Delivery| {
            let StateChange { number, status, previous_status, is_update, .. } = found.change;
            (number, status, previous_status, is_update)
        };
        found.into_iter().map(short).collect()
    }

    #[tokio::test]
    async fn every_change_of_a_status_is_noted_once_for_each_receiver() {
        let records = noting();
        let campaign: Campaign = records::decode("k", CAMPAIGN.trim_end().as_bytes()).expect("a campaign");
        let new = Campaign { status: Status::CreatePending, latest_update: None, ..campaign.clone() };
        let put = |campaign: &Campaign| vec![records::put(campaign).expect("a write")];
        records.commit(Vec::new(), put(&new)).await.expect("committed");
        // Written again with the same status: nothing to tell.
        records.commit(Vec::new(), put(&Campaign { updated_ms: 9, ..new.clone() })).await.expect("committed");
        records.commit(Vec::new(), put(&Campaign { status: Status::Active, ..new })).await.expect("committed");
        records.commit(Vec::new(), put(&campaign)).await.expect("committed");
        records.commit(Vec::new(), vec![records::delete::<Campaign>(&campaign.arn)]).await.expect("committed");
        records.commit(Vec::new(), vec![records::delete::<Campaign>(&campaign.arn)]).await.expect("committed");
        let update = campaign.latest_update.as_ref().expect("an update").status.as_str();
        let some = |text: &str| Some(text.to_owned());
        let expected = [
            (1, "CREATE PENDING".to_owned(), None, false),
            (2, "ACTIVE".to_owned(), some("CREATE PENDING"), false),
            (3, update.to_owned(), None, true),
            (4, DELETED.to_owned(), some("ACTIVE"), false),
        ];
        assert_eq!(told(&records, "a").await, expected);
        assert_eq!(told(&records, "b").await, expected);
        let first = deliveries(&records, "a", None, 1).await.expect("read").remove(0);
        assert_eq!(first.change.dataset_group_arn.as_deref(), Some(campaign.dataset_group_arn.as_str()));
        assert_eq!((first.change.arn, first.change.at_ms, first.not_before_ms), (campaign.arn, 5, 5));
    }

    #[tokio::test]
    async fn a_job_names_its_group_and_its_failure() {
        let records = noting();
        let job: DatasetImportJob = records::decode("k", IMPORT.trim_end().as_bytes()).expect("a job");
        records.commit(Vec::new(), vec![records::put(&job).expect("a write")]).await.expect("committed");
        let found = deliveries(&records, "a", None, 10).await.expect("read").remove(0).change;
        assert!(found.dataset_group_arn.is_some_and(|arn| arn.ends_with(":dataset-group/shop")));
        assert_eq!(found.failure_reason, job.failure_reason);
    }

    #[tokio::test]
    async fn a_refused_commit_notes_nothing_and_names_the_callers_condition() {
        let records = noting();
        let campaign: Campaign = records::decode("k", CAMPAIGN.trim_end().as_bytes()).expect("a campaign");
        let write = records::put(&campaign).expect("a write");
        let condition = Precondition::Exists("nothing".to_owned());
        let refused = records.commit(vec![condition], vec![write]).await.expect_err("refused");
        assert!(matches!(refused, Error::Conflict(key) if key == "nothing"));
        assert_eq!(told(&records, "a").await, []);
    }

    #[tokio::test]
    async fn rivals_are_numbered_one_after_another() {
        let records = noting();
        let campaign: Campaign = records::decode("k", CAMPAIGN.trim_end().as_bytes()).expect("a campaign");
        let commit = |n: usize| {
            let other = Campaign { arn: format!("{}-{n}", campaign.arn), latest_update: None, ..campaign.clone() };
            let write = records::put(&other).expect("a write");
            let records = &records;
            async move { records.commit(Vec::new(), vec![write]).await }
        };
        futures::future::try_join_all((0..30).map(commit)).await.expect("all commit");
        let numbers: Vec<u64> = told(&records, "a").await.into_iter().map(|(number, ..)| number).collect();
        assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn the_records_conform() {
        let factory = async || {
            let none = Arc::new(|_: &StateChange| vec!["a".to_owned()]);
            let wakeups = Arc::new(MemoryWakeups::new());
            Arc::new(NotingRecords::new(Arc::new(MemoryRecords::new()), wakeups, Arc::new(|| 5), none))
                as Arc<dyn Records>
        };
        crate::conformance::records::run_all(factory).await;
    }
}
