//! The cache of records that were read lately, so that a request which looks up the same few costs no query.
//!
//! This process is the only writer of its file. The writing task forgets what a transaction may have changed before it
//! answers, and a reader whose query began before that keeps nothing; so nothing older than an answered commit is ever given.

use std::collections::HashMap;

use parking_lot::Mutex;
use tastemaker_store::Versioned;

/// Records that are kept; when they are so many, all are forgotten.
const RECORDS_MAX: usize = 4_096;

/// Bytes of a value that is kept.
const VALUE_BYTES_MAX: usize = 32 << 10;

#[derive(Debug, Default)]
pub(crate) struct RecordCache(Mutex<Cached>);

#[derive(Debug, Default)]
struct Cached {
    /// Transactions so far.
    generation: u64,
    /// The value of each key; `None` for a key without one.
    values: HashMap<String, Option<Versioned>>,
}

/// The cache's knowledge of a key.
pub(crate) enum Known {
    Value(Option<Versioned>),
    /// Nothing; a value that is read from now on may be kept with this generation.
    Unknown(u64),
}

impl RecordCache {
    pub(crate) fn get(&self, key: &str) -> Known {
        let cached = self.0.lock();
        cached.values.get(key).map_or(Known::Unknown(cached.generation), |value| Known::Value(value.clone()))
    }

    /// Keeps what was read, unless a transaction ended since `generation`.
    pub(crate) fn keep(&self, generation: u64, key: &str, value: &Option<Versioned>) {
        let mut cached = self.0.lock();
        if cached.generation != generation || value.as_ref().is_some_and(|v| v.value.len() > VALUE_BYTES_MAX) {
            return;
        }
        if cached.values.len() >= RECORDS_MAX {
            cached.values.clear();
        }
        cached.values.insert(key.to_owned(), value.clone());
    }

    /// Forgets what a transaction may have changed.
    pub(crate) fn forget<'a>(&self, keys: impl Iterator<Item = &'a str>) {
        let mut cached = self.0.lock();
        cached.generation += 1;
        keys.for_each(|key| drop(cached.values.remove(key)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(version: u64) -> Option<Versioned> {
        Some(Versioned { version, value: bytes::Bytes::from_static(b"x") })
    }

    fn version(cache: &RecordCache, key: &str) -> Option<Option<u64>> {
        match cache.get(key) {
            Known::Value(value) => Some(value.map(|value| value.version)),
            Known::Unknown(_) => None,
        }
    }

    #[test]
    fn a_reader_that_began_before_a_transaction_keeps_nothing() {
        let cache = RecordCache::default();
        let Known::Unknown(began) = cache.get("a") else { panic!("nothing is known yet") };
        cache.forget(["b"].into_iter());
        cache.keep(began, "a", &value(1));
        assert_eq!(version(&cache, "a"), None);
        let Known::Unknown(began) = cache.get("a") else { panic!("nothing was kept") };
        cache.keep(began, "a", &value(2));
        cache.keep(began, "none", &None);
        assert_eq!((version(&cache, "a"), version(&cache, "none")), (Some(Some(2)), Some(None)));
        cache.forget(["a", "none"].into_iter());
        assert_eq!((version(&cache, "a"), version(&cache, "none")), (None, None));
    }

    #[test]
    fn it_stays_bounded() {
        let cache = RecordCache::default();
        for n in 0..3 * RECORDS_MAX {
            cache.keep(0, &n.to_string(), &value(1));
        }
        assert!(cache.0.lock().values.len() <= RECORDS_MAX);
        let large = Some(Versioned { version: 1, value: vec![0; VALUE_BYTES_MAX + 1].into() });
        cache.keep(0, "large", &large);
        assert_eq!(version(&cache, "large"), None);
    }
}
