//! Encoded users, so that a new event costs one model step instead of the whole history.

use hashbrown::HashMap;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use tastemaker_learn::UserState;

/// States kept by each snapshot, at most, in two generations of half that size.
const STATES_MAX: usize = 100_000;

/// A user's state and how many of their streamed events it contains.
#[derive(Clone)]
pub(crate) struct Encoded {
    pub state: UserState,
    pub live_consumed: u64,
}

/// A bounded cache. When the young generation is full it becomes the old one and the previous old one is dropped; a hit
/// in the old generation moves to the young one, so whatever was used recently survives.
#[derive(Default)]
pub(crate) struct StateCache {
    generations: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    young: HashMap<Box<str>, Encoded>,
    old: HashMap<Box<str>, Encoded>,
}

impl StateCache {
    pub fn get(&self, user_id: &str) -> Option<Encoded> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(encoded) = generations.young.get(user_id) {
            return Some(encoded.clone());
        }
        let (id, encoded) = generations.old.remove_entry(user_id)?;
        generations.young.insert(id, encoded.clone());
        Some(encoded)
    }

    /// Forgets the states of users.
    pub fn forget(&self, users: &HashSet<Box<str>>) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        for user in users {
            generations.young.remove(user);
            generations.old.remove(user);
        }
    }

    /// Keeps `encoded` unless a state with more events is there already.
    pub fn put(&self, user_id: &str, encoded: Encoded) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= STATES_MAX / 2 {
            generations.old = std::mem::take(&mut generations.young);
        }
        let slot = generations.young.entry_ref(user_id).or_insert_with(|| encoded.clone());
        if slot.live_consumed < encoded.live_consumed {
            *slot = encoded;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(live_consumed: u64) -> Encoded {
        Encoded { state: UserState { events: 1, ..UserState::new(Box::new([])) }, live_consumed }
    }

    #[test]
    fn stays_bounded_and_keeps_what_is_used() {
        let cache = StateCache::default();
        cache.put("kept", encoded(1));
        for n in 0..2 * STATES_MAX {
            cache.put(&n.to_string(), encoded(0));
            if n % 1000 == 0 {
                assert!(cache.get("kept").is_some(), "after {n}");
            }
        }
        let generations = cache.generations.lock().expect("not poisoned");
        assert!(generations.young.len() + generations.old.len() <= STATES_MAX + 1);
    }

    #[test]
    fn an_older_state_never_replaces_a_newer_one() {
        let cache = StateCache::default();
        cache.put("u", encoded(5));
        cache.put("u", encoded(3));
        assert_eq!(cache.get("u").map(|e| e.live_consumed), Some(5));
    }
}
