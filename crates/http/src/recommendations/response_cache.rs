//! A cache of answers, which are repeated byte for byte for a while: the fields of one card make the same call several
//! times, and must show the same item.

use crate::routing::Endpoint;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use quick_cache::sync::{Cache, DefaultLifecycle, EntryAction, EntryResult};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tastemaker_braze::query::Request;
use tastemaker_domain::recommendation::Source;

/// Memory for answers, in bytes.
pub const RESPONSE_CACHE_BYTES_MAX: usize = 128 << 20;
/// Time for which an answer from a fallback is repeated: as long as one message takes.
const FALLBACK_MS: i64 = 2_000;

const SHARDS: usize = 8;
/// The part of the memory for answers that were repeated; in the rest the oldest go first.
const HOT_PART: f64 = 0.5;
/// Bytes that an answer takes besides its body and the texts of its key.
const ANSWER_BYTES: usize = 1024;
/// Bytes that the compressed form of a body may have beyond those of the body.
const GZIP_BYTES: usize = 64;

/// The parts of a request on which its answer depends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    pub endpoint: Endpoint,
    pub request: Request,
}

/// The source of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Model,
    ColdStart,
    Fallback,
}

impl Origin {
    /// The same as the source of a list.
    pub fn source(self) -> Source {
        match self {
            Origin::Model => Source::Model,
            Origin::ColdStart => Source::ColdStart,
            Origin::Fallback => Source::Prepared,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Origin::Model => "model",
            Origin::ColdStart => "cold-start",
            Origin::Fallback => "fallback",
        }
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct CachedResponse {
    pub body: Bytes,
    /// Of the body before compression, with quotes.
    pub etag: String,
    pub origin: Origin,
    pub recipe: &'static str,
    pub terms: Terms,
    gzip: OnceLock<Bytes>,
}

/// The facts of an answer that are known before its list.
#[derive(Debug)]
pub struct Terms {
    pub recommendation_id: String,
    /// Whether anybody else would be answered alike.
    pub for_everybody: bool,
    /// The user's streamed events that it knew of.
    pub events_seen: u64,
    /// Milliseconds since the Unix epoch.
    pub made_ms: i64,
}

impl CachedResponse {
    pub fn new(body: Vec<u8>, origin: Origin, recipe: &'static str, terms: Terms) -> Self {
        let digest = Sha256::digest(&body);
        let etag = format!("\"{}\"", digest[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        Self { body: body.into(), etag, origin, recipe, terms, gzip: OnceLock::new() }
    }

    /// The body compressed, made once.
    pub fn gzip(&self) -> Bytes {
        let compress = || {
            let mut encoder = GzEncoder::new(Vec::with_capacity(self.body.len() / 2), Compression::default());
            let written = encoder.write_all(&self.body).and_then(|()| encoder.finish());
            // Writing to memory does not fail.
            written.unwrap_or_default().into()
        };
        self.gzip.get_or_init(compress).clone()
    }

    fn lasts(&self, now_ms: i64, events_seen: u64, window: Duration) -> bool {
        let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        let window = if self.origin == Origin::Fallback { window.min(FALLBACK_MS) } else { window };
        (0..window).contains(&(now_ms - self.terms.made_ms)) && self.terms.events_seen == events_seen
    }
}

/// The weight of an answer in bytes of memory: its key, its body, and the compressed body that it may come to hold.
#[derive(Clone)]
struct ByteWeighter;

impl Weighter<CacheKey, Arc<CachedResponse>> for ByteWeighter {
    fn weight(&self, key: &CacheKey, answer: &Arc<CachedResponse>) -> u64 {
        (ANSWER_BYTES + key.request.heap_bytes() + 2 * answer.body.len() + GZIP_BYTES) as u64
    }
}

/// Answers by request, as many as the memory holds.
pub struct ResponseCache {
    window: Duration,
    answers: Cache<CacheKey, Arc<CachedResponse>, ByteWeighter>,
    /// Milliseconds since the Unix epoch of the next removal of what is too old.
    next_sweep_ms: AtomicI64,
}

impl ResponseCache {
    /// An empty cache that repeats an answer for at most `window`.
    pub fn new(window: Duration) -> Self {
        let options = OptionsBuilder::new()
            .shards(SHARDS)
            .estimated_items_capacity(RESPONSE_CACHE_BYTES_MAX / (2 * ANSWER_BYTES))
            .weight_capacity(RESPONSE_CACHE_BYTES_MAX as u64)
            .hot_allocation(HOT_PART)
            .ghost_allocation(0.0)
            .build()
            .expect("both capacities are given");
        let answers =
            Cache::with_options(options, ByteWeighter, DefaultHashBuilder::default(), DefaultLifecycle::default());
        Self { window, answers, next_sweep_ms: AtomicI64::new(i64::MIN) }
    }

    /// The answer to the same request, unless it is too old or the user has done something since.
    pub fn get(&self, key: &CacheKey, now_ms: i64, events_seen: u64) -> Option<Arc<CachedResponse>> {
        self.answers.get(key).filter(|answer| answer.lasts(now_ms, events_seen, self.window))
    }

    /// Keeps an answer and gives the one that counts: of two requests at once both get the first one's. With `anew` it
    /// replaces any other.
    pub fn keep(&self, key: CacheKey, answer: CachedResponse, anew: bool) -> Arc<CachedResponse> {
        let answer = Arc::new(answer);
        if self.window.is_zero() {
            return answer;
        }
        self.sweep(answer.terms.made_ms);
        let kept = self.answers.entry(&key, None, |_, known| {
            let now_ms = answer.terms.made_ms.max(known.terms.made_ms);
            if anew || !known.lasts(now_ms, answer.terms.events_seen, self.window) {
                *known = answer.clone();
            }
            EntryAction::Retain(known.clone())
        });
        match kept {
            EntryResult::Retained(known) => known,
            EntryResult::Vacant(vacancy) => {
                // An answer that is larger than a shard takes is given and not kept.
                let _ = vacancy.insert(answer.clone());
                answer
            }
            _ => answer,
        }
    }

    /// Removes what is too old, once in each window.
    fn sweep(&self, now_ms: i64) {
        let window_ms = i64::try_from(self.window.as_millis()).unwrap_or(i64::MAX);
        let due_ms = self.next_sweep_ms.load(Ordering::Relaxed);
        let next_ms = now_ms.saturating_add(window_ms);
        if now_ms < due_ms
            || self.next_sweep_ms.compare_exchange(due_ms, next_ms, Ordering::Relaxed, Ordering::Relaxed).is_err()
        {
            return;
        }
        self.answers.retain(|_, answer| answer.lasts(now_ms, answer.terms.events_seen, self.window));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn key(n: usize) -> CacheKey {
        CacheKey { endpoint: Endpoint::User, request: Request { user_id: Some(n.to_string()), ..Request::default() } }
    }

    fn weight(answers: &ResponseCache) -> u64 {
        answers.answers.iter().map(|(key, answer)| ByteWeighter.weight(&key, &answer)).sum()
    }

    fn answer(text: &str, origin: Origin, events_seen: u64, made_ms: i64) -> CachedResponse {
        let terms = Terms { recommendation_id: "RID-1".into(), for_everybody: false, events_seen, made_ms };
        CachedResponse::new(text.as_bytes().to_vec(), origin, "recipe", terms)
    }

    #[test]
    fn the_first_answer_counts_until_the_window_ends_or_the_user_acts() {
        let answers = ResponseCache::new(Duration::from_secs(60));
        let first = answers.keep(key(1), answer("a", Origin::Model, 0, 1_000), false);
        let second = answers.keep(key(1), answer("b", Origin::Model, 0, 1_001), false);
        assert!(Arc::ptr_eq(&first, &second));
        let get = |now_ms, events| answers.get(&key(1), now_ms, events).map(|a| a.body.clone());
        assert_eq!(get(60_999, 0), Some(Bytes::from_static(b"a")));
        assert_eq!(get(61_000, 0), None);
        assert_eq!(get(2_000, 1), None);
        assert_eq!(answers.get(&key(2), 1_000, 0).map(|_| ()), None);
        answers.keep(key(1), answer("c", Origin::Model, 1, 2_000), false);
        assert_eq!(get(2_000, 1), Some(Bytes::from_static(b"c")));
        answers.keep(key(1), answer("d", Origin::Model, 1, 2_001), true);
        assert_eq!(get(2_002, 1), Some(Bytes::from_static(b"d")));
    }

    #[test]
    fn fallbacks_last_as_long_as_one_message() {
        let answers = ResponseCache::new(Duration::from_secs(60));
        answers.keep(key(1), answer("a", Origin::Fallback, 0, 0), false);
        assert!(answers.get(&key(1), 1_999, 0).is_some());
        assert!(answers.get(&key(1), 2_000, 0).is_none());
        let off = ResponseCache::new(Duration::ZERO);
        off.keep(key(1), answer("a", Origin::Model, 0, 0), false);
        assert!(off.get(&key(1), 0, 0).is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let answers = ResponseCache::new(Duration::from_secs(60));
        let body = "x".repeat(1 << 20);
        for n in 0..400 {
            answers.keep(key(n), answer(&body, Origin::Model, 0, n as i64), false);
        }
        for round in 0..100 {
            answers.keep(key(399), answer("y", Origin::Model, round, 1_000 + round as i64), true);
        }
        let weight = weight(&answers);
        assert!((RESPONSE_CACHE_BYTES_MAX as u64 / 2..=RESPONSE_CACHE_BYTES_MAX as u64).contains(&weight), "{weight}");
        assert_eq!(answers.answers.weight(), weight);
        assert!(answers.get(&key(399), 1_099, 99).is_some());
        let kept = (0..400).filter(|n| answers.get(&key(*n), 400, 0).is_some()).count();
        assert!(kept < 64, "{kept} answers of a mebibyte, each with room for its compressed form");
    }

    #[test]
    fn keys_count_as_bodies_do() {
        let answers = ResponseCache::new(Duration::from_secs(60));
        let context = |n: usize| BTreeMap::from([(n.to_string(), "x".repeat(60_000))]);
        for n in 0..5_000 {
            let request = Request { context: context(n), ..Request::default() };
            answers.keep(CacheKey { endpoint: Endpoint::User, request }, answer("[]", Origin::Model, 0, 0), false);
        }
        let kept = answers.answers.len();
        assert!((1_000..=RESPONSE_CACHE_BYTES_MAX / 60_000).contains(&kept), "{kept} keys of 60 kB");
        assert!(weight(&answers) <= RESPONSE_CACHE_BYTES_MAX as u64);
    }

    #[test]
    fn what_is_too_old_is_removed() {
        let answers = ResponseCache::new(Duration::from_secs(60));
        for n in 0..1_000 {
            answers.keep(key(n), answer("a", Origin::Model, 0, n as i64), false);
        }
        assert_eq!(answers.answers.len(), 1_000);
        answers.keep(key(1_000), answer("a", Origin::Model, 0, 60_500), false);
        assert_eq!(answers.answers.len(), 500, "499 that last and the new one");
        answers.keep(key(1_001), answer("a", Origin::Model, 0, 200_000), false);
        assert_eq!(answers.answers.len(), 1);
    }

    #[test]
    fn compressed_bytes_are_the_same_each_time() {
        let (one, two) = (answer("[1,2,3]", Origin::Model, 0, 0), answer("[1,2,3]", Origin::Model, 0, 9));
        assert_eq!((one.gzip(), &one.etag), (two.gzip(), &two.etag));
        assert_ne!(one.etag, answer("[1,2]", Origin::Model, 0, 0).etag);
        assert_eq!(one.gzip()[..2], [0x1f, 0x8b]);
    }
}
