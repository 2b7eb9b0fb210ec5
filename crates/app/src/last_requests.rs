//! When campaigns and recommenders were asked last, in the records: each process adds what it saw, every ten minutes and at its end.

use futures::FutureExt;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_console::ports;
use tastemaker_http::traffic::Traffic;
use tastemaker_store::records::{
    LastRequest, last_request_key, last_requests, last_requests_since, load_last_request, put_last_request,
};
use tastemaker_store::{Error, Precondition, Records};
use tokio::sync::watch;

/// The time between two additions.
const PERIOD: Duration = Duration::from_secs(600);
/// Requests that are this much newer than those kept are worth a write.
const NEWER_MS: i64 = 3_600_000;
/// Days after which a filter that no request had is forgotten.
const FILTER_DAYS: i64 = 400;
const DAY_MS: i64 = 86_400_000;
/// Attempts beside another process.
const ATTEMPTS_MAX: usize = 5;

/// The last requests that this process saw, and those that are kept.
#[derive(Clone)]
pub struct LastRequests {
    /// The records.
    pub records: Arc<dyn Records>,
    /// The requests of this process.
    pub traffic: Arc<Traffic>,
    /// The time, in milliseconds since the Unix epoch.
    pub clock: fn() -> i64,
}

impl LastRequests {
    /// Adds what was seen again and again, and a last time when the server stops.
    pub async fn keep(self, mut stopped: watch::Receiver<bool>) {
        let mut written = BTreeMap::new();
        if let Err(error) = last_requests_since(&*self.records, (self.clock)()).await {
            tracing::warn!(%error, "the time since which last requests are kept cannot be noted");
        }
        loop {
            let is_end = tokio::select! {
                () = tokio::time::sleep(PERIOD) => false,
                // The sender is dropped only with the whole server, which is a stop as well.
                _ = stopped.wait_for(|stop| *stop) => true,
            };
            self.add(&mut written, if is_end { 1 } else { NEWER_MS }).await;
            if is_end {
                return;
            }
        }
    }

    /// Writes the requests that are newer by this much than what this process wrote before.
    async fn add(&self, written: &mut BTreeMap<String, LastRequest>, newer_ms: i64) {
        for (arn, seen) in self.seen() {
            if written.get(&arn).is_some_and(|before| !is_newer(&seen, before, newer_ms)) {
                continue;
            }
            match self.put(&arn, &seen).await {
                Ok(()) => {
                    written.insert(arn, seen);
                }
                Err(error) => tracing::warn!(%error, arn, "the time of the last request cannot be kept"),
            }
        }
    }

    async fn put(&self, arn: &str, seen: &LastRequest) -> Result<(), Error> {
        for attempt in 1.. {
            let kept = load_last_request(&*self.records, arn).await?;
            let key = last_request_key(arn);
            let unchanged = match &kept {
                Some((version, _)) => Precondition::Version(key, *version),
                None => Precondition::Absent(key),
            };
            let before = kept.map(|(_, last)| last).unwrap_or_default();
            let mut last = newest(before.clone(), seen);
            let oldest_ms = (self.clock)() - FILTER_DAYS * DAY_MS;
            last.filters.retain(|_, at_ms| *at_ms >= oldest_ms);
            if last == before {
                return Ok(());
            }
            match self.records.commit(vec![unchanged], vec![put_last_request(arn, &last)?]).await {
                Err(Error::Conflict(_)) if attempt < ATTEMPTS_MAX => {}
                committed => return committed,
            }
        }
        Ok(())
    }

    fn seen(&self) -> impl Iterator<Item = (String, LastRequest)> {
        self.traffic.last_requests().into_iter().map(|seen| {
            let filters = seen.filters.into_iter().collect();
            (seen.arn, LastRequest { at_ms: seen.at_ms, filters })
        })
    }

    async fn all(&self) -> Result<ports::RequestsKept, Error> {
        let since_ms = last_requests_since(&*self.records, (self.clock)()).await?;
        let mut all = last_requests(&*self.records).await?;
        for (arn, seen) in self.seen() {
            let kept = all.remove(&arn).unwrap_or_default();
            all.insert(arn, newest(kept, &seen));
        }
        let shown = |(arn, LastRequest { at_ms, filters })| (arn, ports::LastRequest { at_ms, filters });
        Ok(ports::RequestsKept { since_ms, campaigns: all.into_iter().map(shown).collect() })
    }
}

fn is_newer(seen: &LastRequest, before: &LastRequest, by_ms: i64) -> bool {
    let newer = |seen: i64, before: Option<&i64>| before.is_none_or(|before| seen - before >= by_ms);
    newer(seen.at_ms, Some(&before.at_ms)) || seen.filters.iter().any(|(arn, at)| newer(*at, before.filters.get(arn)))
}

/// The newer of each.
fn newest(mut one: LastRequest, other: &LastRequest) -> LastRequest {
    one.at_ms = one.at_ms.max(other.at_ms);
    for (arn, at_ms) in &other.filters {
        let kept = one.filters.entry(arn.clone()).or_insert(*at_ms);
        *kept = (*kept).max(*at_ms);
    }
    one
}

impl ports::LastRequests for LastRequests {
    fn read(&self) -> BoxFuture<'_, Option<ports::RequestsKept>> {
        async {
            match self.all().await {
                Ok(all) => Some(all),
                Err(error) => {
                    tracing::warn!(%error, "the console cannot read the last requests");
                    None
                }
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_store::Stores;

    fn last(at_ms: i64, filters: &[(&str, i64)]) -> LastRequest {
        LastRequest { at_ms, filters: filters.iter().map(|(arn, at)| ((*arn).to_owned(), *at)).collect() }
    }

    #[tokio::test]
    async fn processes_add_to_the_same_and_the_newest_stays() {
        let now = || 1_000 * DAY_MS;
        let kept = LastRequests { records: Stores::in_memory().records, traffic: Arc::default(), clock: now };
        let old = now() - 500 * DAY_MS;
        kept.put("c", &last(now() - 9, &[("f", now() - 20), ("old", old)])).await.expect("put");
        kept.put("c", &last(now() - 10, &[("f", now() - 5), ("g", now() - 7)])).await.expect("put");
        let all = ports::LastRequests::read(&kept).await.expect("read");
        let expected = last(now() - 9, &[("f", now() - 5), ("g", now() - 7)]);
        assert_eq!((all.since_ms, all.campaigns.len()), (now(), 1));
        assert_eq!((all.campaigns["c"].at_ms, &all.campaigns["c"].filters), (expected.at_ms, &expected.filters));
    }

    #[test]
    fn a_write_is_made_for_an_hour_or_a_new_filter() {
        let before = last(5, &[("f", 5)]);
        assert!(!is_newer(&last(NEWER_MS, &[("f", 9)]), &before, NEWER_MS));
        assert!(is_newer(&last(NEWER_MS + 5, &[("f", 9)]), &before, NEWER_MS));
        assert!(is_newer(&last(6, &[("f", 5), ("g", 6)]), &before, NEWER_MS));
        assert!(is_newer(&last(6, &[("f", NEWER_MS + 5)]), &before, NEWER_MS));
    }
}
