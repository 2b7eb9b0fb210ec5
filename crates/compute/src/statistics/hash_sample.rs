//! Counts by the hash of a key in bounded memory: exact up to a number of keys, beyond it those of a random sample of the keys.
//!
//! Which keys are in the sample is decided by bits of their hash alone, so that it is the same sample in every file and dataset,
//! and a key that is in it has its exact count.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// A hasher for keys that are hashes already.
#[derive(Default, Clone, Copy)]
pub(super) struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// A map from hashes.
pub(super) type HashedMap<V> = HashMap<u64, V, BuildHasherDefault<Identity>>;

/// The hash of a value, the same in every process.
pub(super) fn hash_of(value: impl Hash) -> u64 {
    // Without keys of its own: the same value has the same hash in every file.
    let mut hasher = std::hash::DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Values by the hash of their key.
pub(super) struct HashSample<V> {
    map: HashedMap<V>,
    /// One key of 2^level is kept.
    level: u32,
    keys_max: usize,
}

impl<V: Default> HashSample<V> {
    pub fn new(keys_max: usize) -> Self {
        Self { map: HashedMap::default(), level: 0, keys_max }
    }

    /// Updates the value of a key, if it is in the sample.
    #[inline]
    pub fn update(&mut self, hash: u64, update: impl FnOnce(&mut V)) {
        if !is_sampled(hash, self.level) {
            return;
        }
        update(self.map.entry(hash).or_default());
        while self.map.len() > self.keys_max && self.level < LEVEL_MAX {
            self.level += 1;
            let level = self.level;
            self.map.retain(|hash, _| is_sampled(*hash, level));
        }
    }

    /// Distinct keys.
    pub fn distinct(&self) -> u64 {
        self.scaled(self.map.len() as u64)
    }

    /// Whether counts are estimates.
    pub fn is_estimate(&self) -> bool {
        self.level > 0
    }

    /// The estimate for all keys of a count over the keys of the sample.
    pub fn scaled(&self, of_sample: u64) -> u64 {
        of_sample.saturating_mul(1 << self.level)
    }

    /// The keys of the sample with their values, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &V)> {
        self.map.iter().map(|(hash, value)| (*hash, value))
    }

    /// Whether the key is there; `None` if it would not be in the sample anyway.
    pub fn contains(&self, hash: u64) -> Option<bool> {
        is_sampled(hash, self.level).then(|| self.map.contains_key(&hash))
    }
}

/// Levels that the bits of a hash are enough for.
const LEVEL_MAX: u32 = 36;

#[inline]
fn is_sampled(hash: u64, level: u32) -> bool {
    // Bits that a hash map does not place its keys by.
    (hash >> 20) & ((1 << level) - 1) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(keys: u64, keys_max: usize) -> HashSample<u64> {
        let mut sample = HashSample::new(keys_max);
        (0..keys * 3).for_each(|n| sample.update(hash_of(n % keys), |count| *count += 1));
        sample
    }

    #[test]
    fn counts_are_exact_up_to_the_size_and_near_beyond_it() {
        let exact = filled(1000, 1000);
        assert_eq!((exact.distinct(), exact.is_estimate()), (1000, false));
        assert!(exact.iter().all(|(_, count)| *count == 3));
        let sampled = filled(100_000, 4096);
        assert!(sampled.is_estimate() && sampled.map.len() <= 4096);
        assert!((95_000..=105_000).contains(&sampled.distinct()), "{}", sampled.distinct());
    }

    #[test]
    fn a_key_of_the_sample_keeps_all_of_its_count_once_it_stays() {
        let sampled = filled(50_000, 1000);
        assert!(sampled.iter().all(|(_, count)| *count == 3));
        assert_eq!(filled(10, 100).contains(hash_of(3_u64)), Some(true));
        assert_eq!(filled(10, 100).contains(hash_of(11_u64)), Some(false));
        let outside = (0..100_u64).map(hash_of).filter(|hash| sampled.contains(*hash).is_none()).count();
        assert!(outside > 50, "{outside}");
    }
}
