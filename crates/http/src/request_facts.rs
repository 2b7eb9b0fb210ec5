//! Facts of the request under way that only its handler knows: the campaign that answers, the source of its list, the caller's
//! key and the times of its parts. Counts of traffic, the log and traces are made of them.

use crate::key_usage::KeyUsage;
use parking_lot::Mutex;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tastemaker_domain::recommendation::Source;
use uuid::Uuid;

/// A part of the work on a request that is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The arrival of the body.
    ReadBody,
    /// The verification of the caller.
    Authenticate,
    /// From bytes to a checked input.
    Decode,
    /// The wait for a turn to compute.
    Admission,
    /// The making of a list.
    Compute,
    /// Calls of the stores of records, events and blobs.
    Storage,
    /// From the output to bytes.
    Encode,
}

impl Part {
    /// Every part, in the order of a request.
    pub const ALL: [Part; 7] =
        [Part::ReadBody, Part::Authenticate, Part::Decode, Part::Admission, Part::Compute, Part::Storage, Part::Encode];

    /// The word in logs and traces.
    pub fn as_str(self) -> &'static str {
        match self {
            Part::ReadBody => "read_body",
            Part::Authenticate => "authenticate",
            Part::Decode => "decode",
            Part::Admission => "admission",
            Part::Compute => "compute",
            Part::Storage => "storage",
            Part::Encode => "encode",
        }
    }
}

/// The time of a part: from the start of the request to its first beginning, and how long it took, all times of it together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartTime {
    /// From the start of the request; `None` for a part that it did not have.
    pub began: Option<Duration>,
    /// Its length.
    pub took: Duration,
}

/// The times of a request's parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartTimes([PartTime; Part::ALL.len()]);

impl PartTimes {
    /// The time of a part.
    pub fn of(&self, part: Part) -> PartTime {
        self.0[part as usize]
    }

    fn add(&mut self, part: Part, began: Duration, took: Duration) {
        let time = &mut self.0[part as usize];
        time.began = Some(time.began.map_or(began, |earlier| earlier.min(began)));
        time.took += took;
    }
}

/// Facts of a request that only its handler knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestFacts {
    /// Its id.
    pub id: Uuid,
    /// The campaign or recommender that answers.
    pub campaign_arn: Option<Arc<str>>,
    /// The source of its list.
    pub source: Option<Source>,
    /// The filters of its list, with that of its promotion.
    pub filter_arns: Vec<String>,
    /// The access key of its verified signature.
    pub access_key_id: Option<String>,
    /// The counts of the access key that signed it.
    pub key: Option<Arc<KeyUsage>>,
    /// The user that it is about, where the log names users.
    pub user_id: Option<String>,
    /// Its parts.
    pub parts: PartTimes,
    /// Whether the log names users.
    pub names_users: bool,
    /// When it started; parts of requests without a start are not timed.
    pub started: Option<Instant>,
}

impl RequestFacts {
    /// Of a request that starts now.
    pub fn new(id: Uuid, started: Instant, names_users: bool) -> Self {
        Self { id, names_users, started: Some(started), ..Self::default() }
    }
}

tokio::task_local! {
    static FACTS: RefCell<RequestFacts>;
}

/// Runs a request's handler; returns what it noted beside its answer.
pub(crate) async fn noted<T>(facts: RequestFacts, handler: impl Future<Output = T>) -> (T, RequestFacts) {
    let handled = async {
        let answer = handler.await;
        (answer, FACTS.with(RefCell::take))
    };
    FACTS.scope(RefCell::new(facts), handled).await
}

/// Notes a fact of the request under way. Callers in the same process are no traffic, and note nothing.
fn note(fact: impl FnOnce(&mut RequestFacts)) {
    FACTS.try_with(|facts| fact(&mut facts.borrow_mut())).ok();
}

/// Notes the campaign of the request under way.
pub(crate) fn campaign(arn: &Arc<str>) {
    note(|facts| facts.campaign_arn = Some(arn.clone()));
}

/// Notes the source of the list of the request under way.
pub(crate) fn source(source: Source) {
    note(|facts| facts.source = Some(source));
}

/// Notes a filter of the list of the request under way.
pub(crate) fn filter(arn: &str) {
    note(|facts| facts.filter_arns.push(arn.to_owned()));
}

/// Notes the access key of the verified caller.
pub(crate) fn access_key(access_key_id: String) {
    note(|facts| facts.access_key_id = Some(access_key_id));
}

/// The access key of the verified caller of the request under way.
pub(crate) fn access_key_id() -> Option<String> {
    FACTS.try_with(|facts| facts.borrow().access_key_id.clone()).ok().flatten()
}

/// Notes the access key of the verified caller, by its counts.
pub(crate) fn key(usage: &Arc<KeyUsage>) {
    note(|facts| facts.key = Some(usage.clone()));
}

/// Notes the user that the request is about, where the log names users.
pub(crate) fn user(user_id: Option<&str>) {
    note(|facts| {
        if facts.names_users {
            facts.user_id = user_id.map(str::to_owned);
        }
    });
}

/// The id of the request under way.
pub(crate) fn id() -> Option<String> {
    FACTS.try_with(|facts| facts.borrow().id.to_string()).ok()
}

/// Notes a part of the request under way that began then and ends now.
pub(crate) fn part(part: Part, began: Instant) {
    part_took(part, began, began.elapsed());
}

/// Notes a part of the request under way that began then and took so long.
pub(crate) fn part_took(part: Part, began: Instant, took: Duration) {
    note(|facts| {
        if let Some(started) = facts.started {
            facts.parts.add(part, began.saturating_duration_since(started), took);
        }
    });
}

/// Notes a call of a store that began then and ends now, if a request is under way in this task.
pub fn storage(began: Instant) {
    part(Part::Storage, began);
}

/// Times a part of the request under way.
pub(crate) fn timed<T>(of: Part, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = work();
    part(of, began);
    done
}

/// Times a part of the request under way that waits.
pub(crate) async fn timed_wait<T>(of: Part, work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let done = work.await;
    part(of, began);
    done
}

/// The times of parts that a task of its own has, for the request that started it.
#[derive(Debug, Clone, Default)]
pub(crate) struct PartsElsewhere(Arc<Mutex<Vec<(Part, Instant, Duration)>>>);

impl PartsElsewhere {
    /// Notes a part that began then and ends now.
    pub fn part(&self, part: Part, began: Instant) {
        self.0.lock().push((part, began, began.elapsed()));
    }

    /// Notes in the request under way what was noted here.
    pub fn note(&self) {
        for (part, began, took) in self.0.lock().drain(..) {
            part_took(part, began, took);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(names_users: bool) -> RequestFacts {
        RequestFacts::new(Uuid::from_u128(7), Instant::now(), names_users)
    }

    #[tokio::test]
    async fn only_the_request_under_way_is_noted() {
        campaign(&"arn:none".into());
        storage(Instant::now());
        assert_eq!(id(), None);
        let (answer, noted_facts) = noted(facts(false), async {
            campaign(&"arn:c".into());
            tokio::task::yield_now().await;
            source(Source::ColdStart);
            user(Some("u"));
            access_key("AK".to_owned());
            assert_eq!(id(), Some(Uuid::from_u128(7).to_string()));
            7
        })
        .await;
        assert_eq!((answer, noted_facts.campaign_arn.as_deref()), (7, Some("arn:c")));
        assert_eq!((noted_facts.source, noted_facts.user_id), (Some(Source::ColdStart), None));
        assert_eq!(noted_facts.access_key_id.as_deref(), Some("AK"));
        assert!(noted(facts(false), async {}).await.1.campaign_arn.is_none());
        let named = noted(facts(true), async { user(Some("u")) }).await.1;
        assert_eq!(named.user_id.as_deref(), Some("u"));
    }

    #[tokio::test]
    async fn parts_add_up_and_keep_their_first_beginning() {
        let (_, facts) = noted(facts(false), async {
            let began = Instant::now();
            part_took(Part::Storage, began, Duration::from_millis(2));
            part_took(Part::Storage, began + Duration::from_secs(1), Duration::from_millis(3));
            let elsewhere = PartsElsewhere::default();
            elsewhere.part(Part::Compute, began);
            elsewhere.note();
            elsewhere.note();
        })
        .await;
        let storage = facts.parts.of(Part::Storage);
        assert_eq!(storage.took, Duration::from_millis(5));
        assert!(storage.began.is_some_and(|began| began < Duration::from_secs(1)));
        assert!(facts.parts.of(Part::Compute).began.is_some() && facts.parts.of(Part::Encode).began.is_none());
        for (at, part) in Part::ALL.into_iter().enumerate() {
            assert_eq!(part as usize, at);
        }
    }
}
