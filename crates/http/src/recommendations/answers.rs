//! Answers as they were given, repeated byte for byte for a while: the fields of one card make the same call several times,
//! and must show the same item.

use super::plan::Endpoint;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tastemaker_braze::query::Request;

/// Memory for answers, in bytes; the oldest go first.
pub const ANSWERS_BYTES_MAX: usize = 128 << 20;
/// How long an answer from a fallback is repeated: as long as one message takes.
const FALLBACK_MS: i64 = 2_000;

const SHARDS: usize = 16;
/// Bytes that an answer takes besides its body.
const ANSWER_BYTES: usize = 1024;

/// What an answer depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub endpoint: Endpoint,
    pub request: Request,
}

/// Where a list came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Model,
    ColdStart,
    Fallback,
}

impl Origin {
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
pub struct Answer {
    pub body: Bytes,
    /// Of the body before compression, with quotes.
    pub etag: String,
    pub origin: Origin,
    pub recipe: &'static str,
    pub recommendation_id: String,
    /// Whether anybody else would be answered alike.
    pub for_everybody: bool,
    /// The user's streamed events that it knew of.
    pub events_seen: u64,
    /// Milliseconds since the Unix epoch.
    pub made_ms: i64,
    gzip: OnceLock<Bytes>,
}

/// What is known of an answer before its list.
#[derive(Debug, Clone)]
pub struct Terms {
    pub recommendation_id: String,
    pub for_everybody: bool,
    pub events_seen: u64,
    pub made_ms: i64,
}

impl Answer {
    pub fn new(body: Vec<u8>, origin: Origin, recipe: &'static str, terms: Terms) -> Self {
        let digest = Sha256::digest(&body);
        let etag = format!("\"{}\"", digest[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        let Terms { recommendation_id, for_everybody, events_seen, made_ms } = terms;
        Self {
            body: body.into(),
            etag,
            origin,
            recipe,
            recommendation_id,
            for_everybody,
            events_seen,
            made_ms,
            gzip: OnceLock::new(),
        }
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
        (0..window).contains(&(now_ms - self.made_ms)) && self.events_seen == events_seen
    }
}

#[derive(Default)]
struct Shard {
    answers: HashMap<Arc<Key>, Arc<Answer>>,
    /// Oldest first; an answer that was replaced leaves its older entry behind.
    order: VecDeque<(Arc<Key>, i64)>,
    bytes: usize,
}

/// Answers by request, as many as the memory holds.
pub struct Answers {
    window: Duration,
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
}

impl Answers {
    pub fn new(window: Duration) -> Self {
        Self { window, shards: Default::default(), hasher: RandomState::new() }
    }

    /// The answer to the same request, unless it is too old or the user has done something since.
    pub fn get(&self, key: &Key, now_ms: i64, events_seen: u64) -> Option<Arc<Answer>> {
        let shard = self.shard(key).lock().unwrap_or_else(PoisonError::into_inner);
        shard.answers.get(key).filter(|answer| answer.lasts(now_ms, events_seen, self.window)).cloned()
    }

    /// Keeps an answer and gives the one that counts: of two requests at once both get the first one's. With `anew` it
    /// replaces any other.
    pub fn keep(&self, key: Key, answer: Answer, anew: bool) -> Arc<Answer> {
        let answer = Arc::new(answer);
        if self.window.is_zero() {
            return answer;
        }
        let mut shard = self.shard(&key).lock().unwrap_or_else(PoisonError::into_inner);
        let shard = &mut *shard;
        let known = shard
            .answers
            .get(&key)
            .filter(|known| !anew && known.lasts(answer.made_ms.max(known.made_ms), answer.events_seen, self.window));
        if let Some(known) = known {
            return known.clone();
        }
        let key = Arc::new(key);
        if let Some(old) = shard.answers.insert(key.clone(), answer.clone()) {
            shard.bytes -= ANSWER_BYTES + old.body.len();
        }
        shard.bytes += ANSWER_BYTES + answer.body.len();
        shard.order.push_back((key, answer.made_ms));
        // Entries of replaced answers count as bytes too, or the order would grow for ever.
        while shard.bytes > ANSWERS_BYTES_MAX / SHARDS || shard.order.len() > 2 * shard.answers.len() + SHARDS {
            let Some((oldest, made_ms)) = shard.order.pop_front() else { break };
            if shard.answers.get(&oldest).is_some_and(|held| held.made_ms == made_ms)
                && let Some(gone) = shard.answers.remove(&oldest)
            {
                shard.bytes -= ANSWER_BYTES + gone.body.len();
            }
        }
        answer
    }

    fn shard(&self, key: &Key) -> &Mutex<Shard> {
        &self.shards[self.hasher.hash_one(key) as usize % SHARDS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: usize) -> Key {
        Key { endpoint: Endpoint::User, request: Request { user_id: Some(n.to_string()), ..Request::default() } }
    }

    fn answer(text: &str, origin: Origin, events_seen: u64, made_ms: i64) -> Answer {
        let terms = Terms { recommendation_id: "RID-1".into(), for_everybody: false, events_seen, made_ms };
        Answer::new(text.as_bytes().to_vec(), origin, "recipe", terms)
    }

    #[test]
    fn the_first_answer_counts_until_the_window_ends_or_the_user_acts() {
        let answers = Answers::new(Duration::from_secs(60));
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
        let answers = Answers::new(Duration::from_secs(60));
        answers.keep(key(1), answer("a", Origin::Fallback, 0, 0), false);
        assert!(answers.get(&key(1), 1_999, 0).is_some());
        assert!(answers.get(&key(1), 2_000, 0).is_none());
        let off = Answers::new(Duration::ZERO);
        off.keep(key(1), answer("a", Origin::Model, 0, 0), false);
        assert!(off.get(&key(1), 0, 0).is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let answers = Answers::new(Duration::from_secs(60));
        let body = "x".repeat(1 << 20);
        for n in 0..400 {
            answers.keep(key(n), answer(&body, Origin::Model, 0, n as i64), false);
        }
        for round in 0..100 {
            answers.keep(key(399), answer("y", Origin::Model, round, 1_000 + round as i64), true);
        }
        for shard in &answers.shards {
            let shard = shard.lock().expect("not poisoned");
            assert!(shard.bytes <= ANSWERS_BYTES_MAX / SHARDS);
            assert_eq!(shard.bytes, shard.answers.values().map(|a| ANSWER_BYTES + a.body.len()).sum::<usize>());
            assert!(shard.order.len() <= 2 * shard.answers.len() + SHARDS);
        }
        assert!(answers.get(&key(399), 1_099, 99).is_some());
        assert!(answers.get(&key(0), 1, 0).is_none());
    }

    #[test]
    fn compressed_bytes_are_the_same_each_time() {
        let (one, two) = (answer("[1,2,3]", Origin::Model, 0, 0), answer("[1,2,3]", Origin::Model, 0, 9));
        assert_eq!((one.gzip(), &one.etag), (two.gzip(), &two.etag));
        assert_ne!(one.etag, answer("[1,2]", Origin::Model, 0, 0).etag);
        assert_eq!(one.gzip()[..2], [0x1f, 0x8b]);
    }
}
