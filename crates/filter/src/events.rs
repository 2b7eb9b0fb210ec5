//! Events as filters see them: which user had events of which types with which items.

use std::borrow::Cow;
use std::cmp::Reverse;
use tastemaker_data::{Bitmap, IdMap, ItemIx};

/// One event of the current user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interaction<'a> {
    /// The item, or the action.
    pub item: ItemIx,
    /// Its type; empty for events without one.
    pub event_type: &'a str,
    /// Seconds since the Unix epoch.
    pub time_s: i64,
}

/// The newest `per_type` events of every type. Of events at the same time the later in the slice are newer.
pub(crate) fn window<'s, 'a>(events: &'s [Interaction<'a>], per_type: usize) -> Cow<'s, [Interaction<'a>]> {
    if events.len() <= per_type {
        return Cow::Borrowed(events);
    }
    let mut newest: Vec<usize> = (0..events.len()).collect();
    newest.sort_by_key(|&n| Reverse((events[n].time_s, n)));
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let kept = newest.into_iter().map(|n| events[n]).filter(|event| {
        let known = counts.iter().position(|(event_type, _)| same_event_type(event_type, event.event_type));
        let known = known.unwrap_or_else(|| {
            counts.push((event.event_type, 0));
            counts.len() - 1
        });
        counts[known].1 += 1;
        counts[known].1 <= per_type
    });
    Cow::Owned(kept.collect())
}

/// Event types are compared in any case.
pub(crate) fn same_event_type(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!(a.is_ascii() && b.is_ascii()) && a.to_lowercase() == b.to_lowercase())
}

/// Which users had an event of which type, for filters with the target UserID.
#[derive(Debug, Clone, Default)]
pub struct UserEvents {
    users: usize,
    event_types: IdMap,
    /// `[event types]`.
    sets: Vec<Bitmap>,
}

impl UserEvents {
    /// No events of `users` users.
    pub fn new(users: usize) -> Self {
        Self { users, ..Self::default() }
    }

    /// Notes an event of the user with index `user`.
    pub fn add(&mut self, user: u32, event_type: &str) {
        let index = match self.event_types.get(event_type) {
            Some(known) => known,
            None => self.event_types.insert(&event_type.to_lowercase()),
        };
        if index as usize == self.sets.len() {
            self.sets.push(Bitmap::new(self.users));
        }
        self.sets[index as usize].set(ItemIx(user));
    }

    /// The users with an event whose type `counts`.
    pub(crate) fn with_any(&self, counts: impl Fn(&str) -> bool) -> Bitmap {
        let mut users = Bitmap::new(self.users);
        for (event_type, set) in self.event_types.iter().zip(&self.sets) {
            if counts(event_type) {
                users.or(set);
            }
        }
        users
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(item: u32, event_type: &str, time_s: i64) -> Interaction<'_> {
        Interaction { item: ItemIx(item), event_type, time_s }
    }

    #[track_caller]
    fn check(events: &[Interaction<'_>], per_type: usize, expected: &[u32]) {
        let mut items: Vec<u32> = window(events, per_type).iter().map(|e| e.item.0).collect();
        items.sort_unstable();
        assert_eq!(items, expected);
    }

    #[test]
    fn the_newest_of_every_type() {
        let events = [event(0, "view", 5), event(1, "View", 9), event(2, "buy", 1), event(3, "view", 7)];
        check(&events, 4, &[0, 1, 2, 3]);
        check(&events, 2, &[1, 2, 3]);
        check(&events, 1, &[1, 2]);
        check(&[event(0, "view", 5), event(1, "view", 5)], 1, &[1]);
        check(&[event(0, "Ä", 5), event(1, "ä", 6)], 1, &[1]);
    }

    #[test]
    fn users_by_event_type() {
        let mut events = UserEvents::new(3);
        for (user, event_type) in [(0, "View"), (1, "view"), (1, "Buy"), (2, "Buy"), (2, "buy")] {
            events.add(user, event_type);
        }
        let of = |wanted: &str| {
            events.with_any(|t| same_event_type(t, wanted)).iter_ones().map(|user| user.0).collect::<Vec<_>>()
        };
        assert_eq!((of("VIEW"), of("buy"), of("rate")), (vec![0, 1], vec![1, 2], vec![]));
    }
}
