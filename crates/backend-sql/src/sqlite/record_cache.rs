//! The cache of records that were read lately, so that a request which looks up the same few costs no query.
//!
//! This process is the only writer of its file. The writing task forgets the keys of a transaction before it commits, none of
//! them is kept until it has ended, and a reader whose query began before the end keeps nothing. So a kept value is always the
//! newest that is committed: nothing older than an answered commit is ever given, and no reader goes back in time.

use std::collections::{HashMap, HashSet};

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
    /// The keys of the transaction under way.
    written: HashSet<String>,
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

    /// Keeps what was read, unless a transaction ended since `generation` or is writing the key.
    pub(crate) fn keep(&self, generation: u64, key: &str, value: &Option<Versioned>) {
        let mut cached = self.0.lock();
        let is_newest = cached.generation == generation && !cached.written.contains(key);
        if !is_newest || value.as_ref().is_some_and(|v| v.value.len() > VALUE_BYTES_MAX) {
            return;
        }
        if cached.values.len() >= RECORDS_MAX {
            cached.values.clear();
        }
        cached.values.insert(key.to_owned(), value.clone());
    }

    /// Forgets keys of a transaction that is about to commit.
    pub(crate) fn begin<'a>(&self, keys: impl Iterator<Item = &'a str>) {
        let mut cached = self.0.lock();
        for key in keys {
            cached.values.remove(key);
            cached.written.insert(key.to_owned());
        }
    }

    /// Ends the transaction under way, well or not.
    pub(crate) fn end(&self) {
        let mut cached = self.0.lock();
        cached.generation += 1;
        cached.written.clear();
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

    fn commit(cache: &RecordCache, keys: &[&str]) {
        cache.begin(keys.iter().copied());
        cache.end();
    }

    #[test]
    fn a_reader_that_began_before_the_end_of_a_transaction_keeps_nothing() {
        let cache = RecordCache::default();
        let Known::Unknown(began) = cache.get("a") else { panic!("nothing is known yet") };
        commit(&cache, &["b"]);
        cache.keep(began, "a", &value(1));
        assert_eq!(version(&cache, "a"), None);
        let Known::Unknown(began) = cache.get("a") else { panic!("nothing was kept") };
        cache.keep(began, "a", &value(2));
        cache.keep(began, "none", &None);
        assert_eq!((version(&cache, "a"), version(&cache, "none")), (Some(Some(2)), Some(None)));
        commit(&cache, &["a", "none"]);
        assert_eq!((version(&cache, "a"), version(&cache, "none")), (None, None));
    }

    #[test]
    fn no_key_is_known_while_it_is_written() {
        let cache = RecordCache::default();
        cache.keep(0, "a", &value(1));
        cache.keep(0, "b", &value(1));
        cache.begin(["a"].into_iter());
        // Read before the commit, which another reader may see at any time from now on.
        cache.keep(0, "a", &value(1));
        assert_eq!((version(&cache, "a"), version(&cache, "b")), (None, Some(Some(1))));
        cache.end();
        cache.keep(0, "a", &value(1));
        assert_eq!(version(&cache, "a"), None);
        cache.keep(1, "a", &value(2));
        assert_eq!(version(&cache, "a"), Some(Some(2)));
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

    #[test]
    fn it_holds_as_many_records_and_as_long_values_as_its_limits() {
        let cache = RecordCache::default();
        for n in 0..RECORDS_MAX {
            cache.keep(0, &n.to_string(), &value(1));
        }
        assert_eq!(cache.0.lock().values.len(), RECORDS_MAX);
        let longest = Some(Versioned { version: 2, value: vec![0; VALUE_BYTES_MAX].into() });
        cache.keep(0, "longest", &longest);
        assert_eq!(version(&cache, "longest"), Some(Some(2)));
        assert_eq!(cache.0.lock().values.len(), 1, "all others are forgotten");
    }
}
