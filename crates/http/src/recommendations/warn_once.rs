//! Memory of the warnings about configuration and data that were logged already, so that a request does not repeat them.

use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Warnings that are remembered; further ones are not logged.
const WARNINGS_MAX: usize = 1000;

static LOGGED: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

/// Whether a warning about `what` was not logged before; from now on it was.
pub fn is_first(what: &impl Hash) -> bool {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    let mut logged = LOGGED.lock();
    logged.len() < WARNINGS_MAX && logged.insert(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_warning_is_logged_once() {
        assert!(is_first(&("a test", 1)));
        assert!(is_first(&("a test", 2)));
        assert!(!is_first(&("a test", 1)));
    }
}
