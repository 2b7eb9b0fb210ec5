//! Requests and bytes of every access key, and the rates at which a key may ask.
//!
//! A temporary key counts as the long-term key that it was given out for. Only keys whose signatures were verified are here, so
//! nobody can invent one.

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use metrics::{counter, describe_counter};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Instant;
pub use tastemaker_domain::iam::KeyCounts;
use tastemaker_domain::resource::TimeMs;

const REQUESTS: &str = "tastemaker_key_requests_total";
const BYTES: &str = "tastemaker_key_bytes_total";
const THROTTLED: &str = "tastemaker_key_throttled_total";

/// Keys that have counts of their own at `/metrics`; those beyond are counted together as `other`.
pub const KEYS_SHOWN_MAX: usize = 1_000;

/// The kinds of requests that have rates and counts of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFamily {
    /// GetRecommendations and its siblings.
    Recommendations,
    /// PutEvents and its siblings.
    Events,
    /// The control plane, IAM, STS and Systems Manager.
    Control,
    /// S3.
    Storage,
}

impl KeyFamily {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Recommendations, Self::Events, Self::Control, Self::Storage];

    /// The word in metrics and settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recommendations => "recommendations",
            Self::Events => "events",
            Self::Control => "control",
            Self::Storage => "s3",
        }
    }
}

/// The rate of one family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRate {
    /// Requests of one key in a second, for long.
    pub per_second: NonZeroU32,
    /// Requests of one key at once.
    pub burst: NonZeroU32,
}

/// The rates of every key, by family; a family without one has no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyRates {
    /// For recommendations.
    pub recommendations: Option<KeyRate>,
    /// For streamed data.
    pub events: Option<KeyRate>,
    /// For the control plane and the services beside it.
    pub control: Option<KeyRate>,
    /// For S3.
    pub storage: Option<KeyRate>,
}

impl KeyRates {
    fn of(&self, family: KeyFamily) -> Option<KeyRate> {
        match family {
            KeyFamily::Recommendations => self.recommendations,
            KeyFamily::Events => self.events,
            KeyFamily::Control => self.control,
            KeyFamily::Storage => self.storage,
        }
    }
}

type Bucket = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<Instant>>;

/// The counts of a key, and what is left of its rates.
pub struct KeyUsage {
    requests: [AtomicU64; 4],
    throttled: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    last_used_ms: AtomicI64,
    buckets: RwLock<[Option<Bucket>; 4]>,
}

fn bucket(rate: Option<KeyRate>) -> Option<Bucket> {
    let KeyRate { per_second, burst } = rate?;
    let quota = Quota::per_second(per_second).allow_burst(burst);
    Some(RateLimiter::direct_with_clock(quota, MonotonicClock))
}

impl std::fmt::Debug for KeyUsage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.counts().fmt(f)
    }
}

impl KeyUsage {
    fn new(rates: &KeyRates) -> Self {
        Self {
            requests: Default::default(),
            throttled: AtomicU64::new(0),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
            last_used_ms: AtomicI64::new(i64::MIN),
            buckets: RwLock::new(KeyFamily::ALL.map(|family| bucket(rates.of(family)))),
        }
    }

    /// Takes a request in; the seconds after which there is room for it, if there have been too many.
    fn admit(&self, family: KeyFamily, now_ms: TimeMs) -> Result<(), u64> {
        self.requests[family as usize].fetch_add(1, Ordering::Relaxed);
        self.last_used_ms.fetch_max(now_ms, Ordering::Relaxed);
        let buckets = self.buckets.read();
        let Some(bucket) = &buckets[family as usize] else { return Ok(()) };
        bucket.check().map_err(|not_until| {
            self.throttled.fetch_add(1, Ordering::Relaxed);
            let wait = not_until.wait_time_from(MonotonicClock.now());
            wait.as_secs() + 1
        })
    }

    /// Takes the rates that differ; a rate that stays keeps what is left of it.
    fn change(&self, old: &KeyRates, new: &KeyRates) {
        let mut buckets = self.buckets.write();
        for family in KeyFamily::ALL.into_iter().filter(|family| old.of(*family) != new.of(*family)) {
            buckets[family as usize] = bucket(new.of(family));
        }
    }

    /// Counts the bodies of a request and its answer.
    pub fn transferred(&self, bytes_in: u64, bytes_out: u64) {
        self.bytes_in.fetch_add(bytes_in, Ordering::Relaxed);
        self.bytes_out.fetch_add(bytes_out, Ordering::Relaxed);
    }

    /// The counts now.
    pub fn counts(&self) -> KeyCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let last = self.last_used_ms.load(Ordering::Relaxed);
        KeyCounts {
            requests: [0, 1, 2, 3].map(|at: usize| read(&self.requests[at])),
            throttled: read(&self.throttled),
            bytes_in: read(&self.bytes_in),
            bytes_out: read(&self.bytes_out),
            last_used_ms: (last != i64::MIN).then_some(last),
        }
    }
}

/// The counts of all keys of this process since it started.
#[derive(Debug, Default)]
pub struct KeyTable {
    rates: RwLock<KeyRates>,
    keys: RwLock<HashMap<String, Arc<KeyUsage>>>,
    /// What of them is in the records.
    kept: RwLock<HashMap<String, KeyCounts>>,
}

impl KeyTable {
    /// A table whose keys have these rates.
    pub fn new(rates: KeyRates) -> Self {
        Self { rates: RwLock::new(rates), ..Self::default() }
    }

    /// Gives every key other rates from now on.
    pub fn change_rates(&self, rates: KeyRates) {
        let mut current = self.rates.write();
        for usage in self.keys.read().values() {
            usage.change(&current, &rates);
        }
        *current = rates;
    }

    /// Takes a request of a verified key in. Errors with the seconds after which there is room for it.
    pub fn admit(&self, key_id: &str, family: KeyFamily, now_ms: TimeMs) -> (Arc<KeyUsage>, Result<(), u64>) {
        let known = self.keys.read().get(key_id).cloned();
        let usage = known.unwrap_or_else(|| {
            // In the order of `change_rates`, so that no key is begun between its two halves.
            let rates = self.rates.read();
            let mut keys = self.keys.write();
            keys.entry(key_id.to_owned()).or_insert_with(|| Arc::new(KeyUsage::new(&rates))).clone()
        });
        let admitted = usage.admit(family, now_ms);
        (usage, admitted)
    }

    /// The counts of a key that was used.
    pub fn counts(&self, key_id: &str) -> Option<KeyCounts> {
        self.keys.read().get(key_id).map(|usage| usage.counts())
    }

    /// The counts of every key that are not in the records yet, where there are some.
    pub fn not_kept(&self) -> Vec<(String, KeyCounts)> {
        let kept = self.kept.read();
        let rest = |(id, usage): (&String, &Arc<KeyUsage>)| {
            let before = kept.get(id).copied().unwrap_or_default();
            let counts = usage.counts();
            (counts != before).then(|| (id.clone(), counts.since(before)))
        };
        self.keys.read().iter().filter_map(rest).collect()
    }

    /// The counts of a key that are not in the records yet.
    pub fn not_kept_of(&self, key_id: &str) -> KeyCounts {
        let before = self.kept.read().get(key_id).copied().unwrap_or_default();
        self.counts(key_id).map(|counts| counts.since(before)).unwrap_or_default()
    }

    /// Notes that so much more is in the records.
    pub fn note_kept(&self, key_id: &str, more: KeyCounts) {
        let mut kept = self.kept.write();
        let before = kept.entry(key_id.to_owned()).or_default();
        *before = before.plus(more);
    }

    /// Brings the metrics up to date.
    pub fn publish(&self) {
        describe_counter!(REQUESTS, "Requests with a good signature, by access key and family.");
        describe_counter!(BYTES, "Bytes of request bodies (in) and of answers (out), by access key.");
        describe_counter!(THROTTLED, "Requests that were refused because their access key sent too many.");
        let mut keys: Vec<(String, KeyCounts)> =
            self.keys.read().iter().map(|(id, usage)| (id.clone(), usage.counts())).collect();
        keys.sort_by(|a, b| a.0.cmp(&b.0));
        let mut other = KeyCounts::default();
        for (_, counts) in keys.drain(keys.len().min(KEYS_SHOWN_MAX)..) {
            other = other.plus(KeyCounts { last_used_ms: None, ..counts });
        }
        if other != KeyCounts::default() {
            keys.push(("other".to_owned(), other));
        }
        for (key, counts) in keys {
            for (family, count) in KeyFamily::ALL.into_iter().zip(counts.requests) {
                if count > 0 {
                    counter!(REQUESTS, "key" => key.clone(), "family" => family.word()).absolute(count);
                }
            }
            counter!(BYTES, "key" => key.clone(), "direction" => "in").absolute(counts.bytes_in);
            counter!(BYTES, "key" => key.clone(), "direction" => "out").absolute(counts.bytes_out);
            counter!(THROTTLED, "key" => key).absolute(counts.throttled);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics_exporter_prometheus::PrometheusBuilder;

    fn rate(per_second: u32, burst: u32) -> Option<KeyRate> {
        Some(KeyRate { per_second: NonZeroU32::new(per_second)?, burst: NonZeroU32::new(burst)? })
    }

    #[test]
    fn a_key_has_its_burst_and_others_theirs() {
        let table = KeyTable::new(KeyRates { events: rate(1, 3), ..KeyRates::default() });
        let ask = |key: &str, family| table.admit(key, family, 7).1;
        for _ in 0..3 {
            assert_eq!(ask("A", KeyFamily::Events), Ok(()));
        }
        let refused = ask("A", KeyFamily::Events);
        assert!(refused.is_err_and(|seconds| (1..=2).contains(&seconds)), "{refused:?}");
        assert_eq!((ask("B", KeyFamily::Events), ask("A", KeyFamily::Storage)), (Ok(()), Ok(())));
        let counts = table.counts("A").expect("it was used");
        assert_eq!((counts.requests, counts.throttled, counts.last_used_ms), ([0, 4, 0, 1], 1, Some(7)));
        assert_eq!(table.counts("C"), None);
    }

    #[test]
    fn other_rates_count_for_known_and_new_keys() {
        let table = KeyTable::new(KeyRates { events: rate(1, 1), control: rate(1, 1), ..KeyRates::default() });
        let ask = |key: &str, family| table.admit(key, family, 7).1.is_ok();
        assert_eq!((ask("A", KeyFamily::Events), ask("A", KeyFamily::Control)), (true, true));
        table.change_rates(KeyRates { events: rate(1, 2), control: rate(1, 1), ..KeyRates::default() });
        assert_eq!((ask("A", KeyFamily::Events), ask("A", KeyFamily::Events)), (true, true));
        assert!(!ask("A", KeyFamily::Events) && !ask("A", KeyFamily::Control), "a rate that stays is not filled anew");
        assert_eq!([0; 3].map(|_| ask("B", KeyFamily::Events)), [true, true, false]);
        table.change_rates(KeyRates::default());
        assert!(ask("A", KeyFamily::Events) && ask("A", KeyFamily::Control));
        assert_eq!(table.counts("A").expect("it was used").requests, [0, 5, 3, 0]);
    }

    #[test]
    fn room_comes_back_with_time() {
        let table = KeyTable::new(KeyRates { control: rate(1_000, 1), ..KeyRates::default() });
        assert_eq!(table.admit("A", KeyFamily::Control, 0).1, Ok(()));
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_eq!(table.admit("A", KeyFamily::Control, 0).1, Ok(()));
    }

    #[test]
    fn metrics_have_so_many_keys_and_no_more() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let table = KeyTable::default();
        for n in 0..KEYS_SHOWN_MAX + 5 {
            table.admit(&format!("K{n:05}"), KeyFamily::Recommendations, 1).0.transferred(10, 100);
        }
        metrics::with_local_recorder(&recorder, || table.publish());
        let text = recorder.handle().render();
        for line in [
            r#"tastemaker_key_requests_total{key="K00000",family="recommendations"} 1"#,
            r#"tastemaker_key_bytes_total{key="K00999",direction="out"} 100"#,
            r#"tastemaker_key_requests_total{key="other",family="recommendations"} 5"#,
            r#"tastemaker_key_bytes_total{key="other",direction="in"} 50"#,
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not there");
        }
        assert!(!text.contains("K01000"));
    }
}
