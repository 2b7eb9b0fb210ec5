//! The users' bulk histories as they were when the model was trained.

use tastemaker_data::{IdMap, ItemIx};
use tastemaker_learn::Event;

/// The columns of all histories, in one order.
#[derive(Debug, Clone, Default)]
pub struct HistoryColumns {
    /// Item indices.
    pub items: Vec<u32>,
    /// Seconds since the Unix epoch.
    pub times: Vec<i64>,
    /// Indices into the event types of the training data.
    pub event_types: Vec<u16>,
}

/// Every known user's events, oldest first, in one buffer.
#[derive(Debug, Clone, Default)]
pub struct TrainingHistories {
    users: IdMap,
    offsets: Vec<usize>,
    events: HistoryColumns,
}

impl TrainingHistories {
    /// Builds from ids and columns: the events of user `u` are at `offsets[u]..offsets[u + 1]`.
    ///
    /// Returns `None` when the offsets do not ascend from 0 to the number of events with one entry more than users, or the
    /// columns differ in length.
    pub fn new(users: IdMap, offsets: Vec<usize>, events: HistoryColumns) -> Option<Self> {
        let complete = offsets.len() == users.len() + 1 && offsets.first() == Some(&0);
        let ends = [events.items.len(), events.times.len(), events.event_types.len()].map(Some);
        let ends = ends.iter().all(|&end| offsets.last().copied() == end);
        (complete && ends && offsets.is_sorted()).then_some(Self { users, offsets, events })
    }

    /// The events of the user called `id`, oldest first; none for unknown users.
    pub fn of(&self, id: &str) -> impl ExactSizeIterator<Item = Event> {
        let range = self.users.get(id).map_or(0..0, |u| self.offsets[u as usize]..self.offsets[u as usize + 1]);
        range.map(|n| self.event(n))
    }

    fn event(&self, n: usize) -> Event {
        let event_type = self.events.event_types[n];
        Event { event_type, ..Event::new(ItemIx(self.events.items[n]), self.events.times[n]) }
    }

    /// All events, in no particular order.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        (0..self.events.items.len()).map(|n| self.event(n))
    }

    /// For each of `items` items, how many users have it.
    pub fn user_counts(&self, items: usize) -> Vec<u32> {
        let (mut counts, mut last_user) = (vec![0; items], vec![usize::MAX; items]);
        for (user, bounds) in self.offsets.windows(2).enumerate() {
            for &item in &self.events.items[bounds[0]..bounds[1]] {
                if let (Some(count), Some(last)) = (counts.get_mut(item as usize), last_user.get_mut(item as usize))
                    && *last != user
                {
                    *last = user;
                    *count += 1;
                }
            }
        }
        counts
    }

    /// The user with the given share of users whose history is shorter: 0.5 is one of median length; `None` without users.
    pub fn user_at(&self, share: f64) -> Option<&str> {
        let last = self.users.len().checked_sub(1)?;
        let mut order: Vec<u32> = (0..u32::try_from(self.users.len()).ok()?).collect();
        let length = |user: &u32| self.offsets[*user as usize + 1] - self.offsets[*user as usize];
        let at = (share.clamp(0.0, 1.0) * last as f64).round() as usize;
        let (_, user, _) = order.select_nth_unstable_by_key(at.min(last), |user| (length(user), *user));
        Some(self.users.id(*user))
    }

    /// The number of users.
    pub fn users(&self) -> usize {
        self.users.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_by_the_length_of_their_history() {
        let mut users = IdMap::default();
        for user in ["two", "none", "three", "one"] {
            users.insert(user);
        }
        let events = HistoryColumns { items: vec![0; 6], times: vec![0; 6], event_types: vec![0; 6] };
        let histories = TrainingHistories::new(users, vec![0, 2, 2, 5, 6], events).expect("consistent");
        let at = |share| histories.user_at(share);
        assert_eq!((at(0.0), at(0.34), at(0.66), at(1.0)), (Some("none"), Some("one"), Some("two"), Some("three")));
        assert_eq!(TrainingHistories::default().user_at(0.5), None);
    }

    #[test]
    fn refuses_offsets_that_do_not_fit() {
        let users = || {
            let mut map = IdMap::default();
            map.insert("u");
            map
        };
        let events = || HistoryColumns { items: vec![1, 2], times: vec![7, 8], event_types: vec![0, 3] };
        let good = TrainingHistories::new(users(), vec![0, 2], events()).expect("consistent");
        let columns: Vec<_> = good.of("u").map(|e| (e.item.0, e.time_s, e.event_type)).collect();
        assert_eq!((columns, good.of("v").len()), (vec![(1, 7, 0), (2, 8, 3)], 0));
        let short = HistoryColumns { times: vec![7], ..events() };
        assert!(TrainingHistories::new(users(), vec![0, 2], short).is_none());
        for bad in [vec![], vec![0], vec![0, 1], vec![1, 2], vec![0, 3], vec![0, 1, 2]] {
            assert!(TrainingHistories::new(users(), bad.clone(), events()).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_user_counts_once_for_an_item() {
        let mut users = IdMap::default();
        ["u", "v"].iter().for_each(|id| _ = users.insert(id));
        let events = HistoryColumns { items: vec![1, 1, 0, 1, 9], times: vec![0; 5], event_types: vec![0; 5] };
        let histories = TrainingHistories::new(users, vec![0, 3, 5], events).expect("consistent");
        assert_eq!((histories.user_counts(3), histories.users()), (vec![1, 2, 0], 2));
    }
}
