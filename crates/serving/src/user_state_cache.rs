//! A bounded cache of encoded users, so that a new event costs one model step instead of the whole history.

use quick_cache::sync::{Cache, DefaultLifecycle, EntryAction, EntryResult};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, UnitWeighter};
use std::collections::HashSet;
use tastemaker_learn::UserState;

/// States kept by each snapshot, at most.
const STATES_MAX: u64 = 100_000;
/// States for which there is room from the start.
const STATES_EXPECTED: usize = 1024;
const SHARDS: usize = 32;

/// A user's state and how many of their streamed events it contains.
#[derive(Clone)]
pub(crate) struct EncodedUser {
    pub state: UserState,
    pub streamed_events_consumed: u64,
}

/// The states of the users who asked recently or often; the others are encoded anew when they ask.
pub(crate) struct UserStateCache(Cache<String, EncodedUser>);

impl Default for UserStateCache {
    fn default() -> Self {
        let mut options = OptionsBuilder::new();
        options.estimated_items_capacity(STATES_EXPECTED).weight_capacity(STATES_MAX).shards(SHARDS);
        Self(match options.build() {
            Ok(options) => {
                Cache::with_options(options, UnitWeighter, DefaultHashBuilder::default(), DefaultLifecycle::default())
            }
            // Both capacities are given, which is all that can be missing.
            Err(_) => Cache::new(STATES_MAX as usize),
        })
    }
}

impl UserStateCache {
    pub fn get(&self, user_id: &str) -> Option<EncodedUser> {
        self.0.get(user_id)
    }

    /// Forgets the states of users.
    pub fn forget(&self, users: &HashSet<Box<str>>) {
        for user in users {
            self.0.remove(&**user);
        }
    }

    /// Keeps `encoded` unless a state with more events is there already.
    pub fn put(&self, user_id: &str, encoded: EncodedUser) {
        let newer = |_: &String, known: &mut EncodedUser| {
            if known.streamed_events_consumed < encoded.streamed_events_consumed {
                *known = encoded.clone();
            }
            EntryAction::Retain(())
        };
        if let EntryResult::Vacant(place) = self.0.entry(user_id, None, newer) {
            // Fails only when the user was forgotten in between; then nothing is to be kept.
            let _ = place.insert(encoded);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(streamed_events_consumed: u64) -> EncodedUser {
        EncodedUser { state: UserState { events: 1, ..UserState::new(Box::new([])) }, streamed_events_consumed }
    }

    #[test]
    fn stays_bounded_and_keeps_what_is_used() {
        let cache = UserStateCache::default();
        cache.put("kept", encoded(1));
        for n in 0..2 * STATES_MAX {
            cache.put(&n.to_string(), encoded(0));
            if n % 1000 == 0 {
                assert!(cache.get("kept").is_some(), "after {n}");
            }
        }
        assert!(cache.0.len() as u64 <= STATES_MAX);
        assert!(cache.0.len() as u64 > STATES_MAX / 2);
    }

    #[test]
    fn an_older_state_never_replaces_a_newer_one() {
        let cache = UserStateCache::default();
        cache.put("u", encoded(5));
        cache.put("u", encoded(3));
        assert_eq!(cache.get("u").map(|e| e.streamed_events_consumed), Some(5));
    }
}
