//! Calls that sent events and were refused, with the reasons.

use parking_lot::Mutex;
use std::collections::VecDeque;

/// Refusals that are kept apart; the one that came least lately gives way.
pub const REFUSED_EVENTS_MAX: usize = 100;
/// Characters that are kept of a text.
const TEXT_CHARS_MAX: usize = 300;

/// Calls that were refused for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedEvents {
    /// The operation or path.
    pub operation: String,
    /// The tracking id or the dataset's ARN that the calls named; empty where they named none.
    pub target: String,
    /// The name of the exception.
    pub error: String,
    /// Its text.
    pub message: String,
    /// The calls.
    pub calls: u64,
    /// When the last of them came, in milliseconds since the Unix epoch.
    pub last_ms: i64,
}

/// The newest refusals, the one that came last at the end.
#[derive(Default)]
pub(super) struct Refusals(Mutex<VecDeque<RefusedEvents>>);

impl Refusals {
    /// Notes a call; equal ones are counted together.
    pub fn note(&self, [operation, target, error, message]: [&str; 4], now_ms: i64) {
        let cut = |text: &str| text.chars().take(TEXT_CHARS_MAX).collect::<String>();
        let (target, message) = (cut(target), cut(message));
        let same = |kept: &RefusedEvents| {
            kept.operation == operation && kept.target == target && kept.error == error && kept.message == message
        };
        let mut kept = self.0.lock();
        let known = kept.iter().position(same).and_then(|at| kept.remove(at));
        let calls = known.map_or(0, |known| known.calls) + 1;
        if kept.len() >= REFUSED_EVENTS_MAX {
            kept.pop_front();
        }
        let (operation, error) = (operation.to_owned(), error.to_owned());
        kept.push_back(RefusedEvents { operation, target, error, message, calls, last_ms: now_ms });
    }

    /// The refusals, the newest first.
    pub fn all(&self) -> Vec<RefusedEvents> {
        self.0.lock().iter().rev().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_refusals_are_counted_and_the_newest_stay() {
        let refusals = Refusals::default();
        let long = "x".repeat(400);
        refusals.note(["PutEvents", "t1", "InvalidInputException", &long], 1);
        refusals.note(["PutEvents", "t2", "InvalidInputException", "wrong"], 2);
        refusals.note(["PutEvents", "t1", "InvalidInputException", &long], 3);
        let all = refusals.all();
        assert_eq!((all.len(), all[0].calls, all[0].last_ms, all[0].message.len()), (2, 2, 3, TEXT_CHARS_MAX));
        assert_eq!(all[1].target, "t2");
        (0..REFUSED_EVENTS_MAX as i64).for_each(|at| refusals.note(["PutItems", "", "E", &at.to_string()], 10 + at));
        let all = refusals.all();
        assert!(all.len() == REFUSED_EVENTS_MAX && all.iter().all(|kept| kept.operation == "PutItems"));
    }
}
