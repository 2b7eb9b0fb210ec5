//! Interactions grouped by user in time order.

use crate::ids::{IdMap, ItemIx, UserIx};
use std::ops::Range;

/// Immutable interactions: every user's events oldest first, users and items by dense index.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// Users in order of first appearance.
    pub users: IdMap,
    /// Items in order of first appearance, including items that only the item table knows.
    pub items: IdMap,
    /// Event types in order of first appearance; index 0 is the empty type of rows without one.
    pub event_types: IdMap,
    pub(crate) offsets: Vec<usize>,
    pub(crate) item: Vec<u32>,
    pub(crate) time: Vec<i64>,
    pub(crate) event_type: Vec<u16>,
    /// `[interactions]`, or empty where no interaction has a value.
    pub(crate) value: Vec<f32>,
    /// `[interactions]`, or empty where no interaction has an order.
    pub(crate) order: Vec<u16>,
    /// `None` where all interactions are bulk ones.
    pub(crate) streamed: Option<Streamed>,
}

/// The streamed interactions among the others.
#[derive(Debug, Clone)]
pub(crate) struct Streamed {
    /// Users with bulk interactions, the first of all.
    pub bulk_users: usize,
    /// A bit for each interaction.
    pub rows: Vec<u64>,
}

/// One user's events, oldest first; the slices have equal length, but that of the values may be empty.
#[derive(Debug, Clone, Copy)]
pub struct Sequence<'a> {
    /// Item indices ([`ItemIx`] as u32).
    pub items: &'a [u32],
    /// Seconds since the Unix epoch.
    pub times: &'a [i64],
    /// Indices into [`Dataset::event_types`].
    pub event_types: &'a [u16],
    /// Event values, NaN where absent; empty where no event of the dataset has one.
    pub values: &'a [f32],
}

impl Sequence<'_> {
    /// The value of event `n`; NaN where absent.
    pub fn value(&self, n: usize) -> f32 {
        self.values.get(n).copied().unwrap_or(f32::NAN)
    }
}

impl Dataset {
    /// The number of interactions.
    pub fn len(&self) -> usize {
        self.item.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.item.is_empty()
    }

    /// The events of `user`, oldest first.
    pub fn sequence(&self, user: UserIx) -> Sequence<'_> {
        let range = self.range(user);
        Sequence {
            items: &self.item[range.clone()],
            times: &self.time[range.clone()],
            event_types: &self.event_type[range.clone()],
            values: self.value.get(range).unwrap_or_default(),
        }
    }

    fn range(&self, user: UserIx) -> Range<usize> {
        self.offsets[user.0 as usize]..self.offsets[user.0 as usize + 1]
    }

    /// `[users + 1]` (empty for an empty default), ascending from 0: the events of user `u` are `offsets[u]..offsets[u + 1]` of every column.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// `[interactions]`: item indices ([`ItemIx`] as u32), grouped by user, oldest first.
    pub fn item_column(&self) -> &[u32] {
        &self.item
    }

    /// `[interactions]`: seconds since the Unix epoch, in the order of [`Self::item_column`].
    pub fn time_column(&self) -> &[i64] {
        &self.time
    }

    /// `[interactions]`: indices into [`Self::event_types`], in the order of [`Self::item_column`].
    pub fn event_type_column(&self) -> &[u16] {
        &self.event_type
    }

    /// `[interactions]`: marks of the orders that the interactions belong to, in the order of [`Self::item_column`]; 0 where none is
    /// known, and empty where none is known of any. Interactions of one order have the same mark; two orders of a user that follow
    /// one another have different ones but in one case of 65,535.
    pub fn order_column(&self) -> &[u16] {
        &self.order
    }

    /// `[interactions]`: event values in the order of [`Self::item_column`], NaN where absent; empty where no interaction has one.
    pub fn value_column(&self) -> &[f32] {
        &self.value
    }

    /// The users with bulk interactions, who are the first of all. Choices of interactions have no streamed ones.
    pub fn bulk_users(&self) -> usize {
        self.streamed.as_ref().map_or(self.users.len(), |streamed| streamed.bulk_users)
    }

    /// Whether any interaction was streamed ([`DatasetBuilder::begin_streamed`](crate::DatasetBuilder::begin_streamed)).
    pub fn has_streamed(&self) -> bool {
        self.streamed.is_some()
    }

    /// A bit for each interaction, 64 in a number and set where it was streamed; empty where none was.
    pub fn streamed_bits(&self) -> &[u64] {
        self.streamed.as_ref().map_or(&[], |streamed| &streamed.rows)
    }

    /// Whether the interaction at this place of the columns was streamed.
    pub fn is_streamed(&self, n: usize) -> bool {
        let bit = |streamed: &Streamed| streamed.rows.get(n / 64).is_some_and(|bits| bits >> (n % 64) & 1 == 1);
        self.streamed.as_ref().is_some_and(bit)
    }

    /// Every user with their events.
    pub fn sequences(&self) -> impl Iterator<Item = (UserIx, Sequence<'_>)> {
        (0..self.users.len() as u32).map(|u| (UserIx(u), self.sequence(UserIx(u))))
    }

    /// The dataset of the users for whom `keep` is true, with all their events. Items and event types keep their indices;
    /// users get new ones in the same order.
    pub fn with_users(&self, keep: impl Fn(UserIx) -> bool) -> Dataset {
        let chosen = || self.sequences().filter(|(user, _)| keep(*user));
        let mut kept = self.emptied(chosen().map(|(_, sequence)| sequence.items.len()).sum());
        kept.users = IdMap::default();
        for (user, _) in chosen() {
            kept.users.insert(self.users.id(user.0));
            kept.extend(self, self.range(user));
            kept.offsets.push(kept.item.len());
        }
        kept
    }

    /// The dataset of the events whose type's name `keep` accepts. Users, items and event types keep their indices; users
    /// may be left without events.
    pub fn with_event_types(&self, keep: impl Fn(&str) -> bool) -> Dataset {
        let kept_type: Vec<bool> = self.event_types.iter().map(keep).collect();
        self.with_events(|n| kept_type[usize::from(self.event_type[n])])
    }

    /// As [`Self::with_event_types`], by the time in seconds since the Unix epoch.
    pub fn with_times(&self, keep: impl Fn(i64) -> bool) -> Dataset {
        self.with_events(|n| keep(self.time[n]))
    }

    /// The events whose index `keep` accepts.
    fn with_events(&self, keep: impl Fn(usize) -> bool) -> Dataset {
        let mut kept = self.emptied((0..self.len()).filter(|&n| keep(n)).count());
        for window in self.offsets.windows(2) {
            for n in (window[0]..window[1]).filter(|&n| keep(n)) {
                kept.extend(self, n..n + 1);
            }
            kept.offsets.push(kept.item.len());
        }
        kept
    }

    /// The dataset of each user's oldest events, `keep(events)` of them. Users, items and event types keep their indices.
    pub fn heads(&self, keep: impl Fn(usize) -> usize) -> Dataset {
        let heads = || {
            self.offsets
                .windows(2)
                .map(|window| window[0]..window[0] + keep(window[1] - window[0]).min(window[1] - window[0]))
        };
        let mut kept = self.emptied(heads().map(|head| head.len()).sum());
        for head in heads() {
            kept.extend(self, head);
            kept.offsets.push(kept.item.len());
        }
        kept
    }

    /// The same users, items and event types without interactions, with room for so many.
    fn emptied(&self, rows: usize) -> Dataset {
        let room = |column: usize| if column == 0 { 0 } else { rows };
        let mut offsets = Vec::with_capacity(self.offsets.len());
        offsets.push(0);
        Dataset {
            users: self.users.clone(),
            items: self.items.clone(),
            event_types: self.event_types.clone(),
            offsets,
            item: Vec::with_capacity(rows),
            time: Vec::with_capacity(rows),
            event_type: Vec::with_capacity(rows),
            value: Vec::with_capacity(room(self.value.len())),
            order: Vec::with_capacity(room(self.order.len())),
            streamed: None,
        }
    }

    /// Adds interactions of another dataset at the end.
    fn extend(&mut self, other: &Dataset, range: Range<usize>) {
        self.item.extend_from_slice(&other.item[range.clone()]);
        self.time.extend_from_slice(&other.time[range.clone()]);
        self.event_type.extend_from_slice(&other.event_type[range.clone()]);
        self.value.extend_from_slice(other.value.get(range.clone()).unwrap_or_default());
        self.order.extend_from_slice(other.order.get(range).unwrap_or_default());
    }

    /// The index of the item called `id`.
    pub fn item_ix(&self, id: &str) -> Option<ItemIx> {
        self.items.get(id).map(ItemIx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DatasetBuilder;

    #[test]
    fn orders_stay_with_their_events_in_every_choice() {
        let mut builder = DatasetBuilder::new();
        builder.push_of_order("u", "b", 20, Some("buy"), None, Some("o-2"));
        builder.push_of_order("u", "a", 10, Some("buy"), None, Some("o-1"));
        builder.push_of_order("u", "c", 20, Some("buy"), None, Some("o-2"));
        builder.push_of_order("v", "a", 5, Some("buy"), None, Some(""));
        builder.push("v", "b", 6, Some("buy"), None);
        let whole = builder.build();
        let [first, second, third, none, also_none] = *whole.order_column() else {
            panic!("{:?}", whole.order_column())
        };
        assert!(first != second && second == third && first > 0 && second > 0);
        assert_eq!((none, also_none), (0, 0));
        assert_eq!(whole.with_users(|user| user == UserIx(0)).order_column(), [first, second, third]);
        assert_eq!(whole.with_times(|time| time > 10).order_column(), [second, third]);
        assert_eq!(whole.heads(|events| events.min(2)).order_column(), [first, second, 0, 0]);
        let mut builder = DatasetBuilder::new();
        builder.push("u", "a", 1, None, None);
        assert!(builder.build().order_column().is_empty());
    }

    #[test]
    fn sorts_by_time_and_drops_exact_repeats() {
        let mut builder = DatasetBuilder::new();
        builder.push("u", "b", 20, Some("view"), None);
        builder.push("v", "a", 5, None, Some(2.0));
        builder.push("u", "a", 10, Some("view"), None);
        builder.push("u", "b", 20, Some("view"), None);
        builder.push("u", "b", 20, Some("buy"), None);
        builder.add_item("cold");
        let dataset = builder.build();
        assert_eq!((dataset.len(), dataset.users.len(), dataset.items.len()), (4, 2, 3));
        let u = dataset.sequence(UserIx(0));
        let names: Vec<_> = u.items.iter().map(|&i| dataset.items.id(i)).collect();
        assert_eq!(names, ["a", "b", "b"]);
        assert_eq!(u.times, [10, 20, 20]);
        let v = dataset.sequence(UserIx(1));
        assert_eq!(v.values, [2.0]);
        assert_eq!(dataset.event_types.id(u32::from(v.event_types[0])), "");
        assert_eq!(dataset.item_ix("cold"), Some(ItemIx(2)));
    }

    #[test]
    fn a_choice_of_users_keeps_item_indices() {
        let mut builder = DatasetBuilder::new();
        builder.push("u", "a", 1, Some("view"), None);
        builder.push("v", "b", 2, Some("buy"), Some(3.0));
        let whole = builder.build();
        assert_eq!((whole.offsets(), whole.item_column()), (&[0, 1, 2][..], &[0, 1][..]));
        assert_eq!((whole.time_column(), whole.event_type_column()), (&[1, 2][..], &[1, 2][..]));
        let part = whole.with_users(|user| user == UserIx(1));
        assert_eq!((part.len(), part.users.len(), part.items.len()), (1, 1, 2));
        assert_eq!(part.users.id(0), "v");
        let v = part.sequence(UserIx(0));
        assert_eq!((v.items, v.times, v.values), (&[1][..], &[2][..], &[3.0][..]));
        assert_eq!(part.event_types.id(u32::from(v.event_types[0])), "buy");
        let late = whole.with_times(|time| time >= 2);
        assert!(!late.is_empty() && late.len() < whole.len() && late.time_column().iter().all(|&time| time >= 2));
        let heads = whole.heads(|events| events - 1);
        assert_eq!((heads.len(), heads.users.len(), heads.offsets()), (0, 2, &[0, 0, 0][..]));
        let bought = whole.with_event_types(|name| name == "buy");
        assert_eq!((bought.offsets(), bought.item_column(), bought.users.len()), (&[0, 0, 1][..], &[1][..], 2));
    }

    #[test]
    fn events_keep_all_their_columns_in_every_choice() {
        let mut builder = DatasetBuilder::new();
        builder.push("u", "a", 1, Some("view"), Some(1.0));
        builder.push("u", "b", 2, Some("buy"), Some(2.0));
        builder.push("v", "c", 3, Some("view"), Some(3.0));
        let whole = builder.build();
        let columns = |dataset: &Dataset| {
            let of = |(_, s): (UserIx, Sequence<'_>)| {
                (s.items.to_vec(), s.times.to_vec(), s.event_types.to_vec(), s.values.to_vec())
            };
            dataset.sequences().map(of).collect::<Vec<_>>()
        };
        let all = [(vec![0, 1], vec![1, 2], vec![1, 2], vec![1.0, 2.0]), (vec![2], vec![3], vec![1], vec![3.0])];
        assert_eq!(columns(&whole), all);
        assert_eq!(columns(&whole.with_users(|_| true)), all);
        assert_eq!(columns(&whole.with_times(|_| true)), all);
        assert_eq!(columns(&whole.heads(|events| events + 5)), all);
        let heads = [(vec![0], vec![1], vec![1], vec![1.0]), all[1].clone()];
        assert_eq!(columns(&whole.heads(|_| 1)), heads);
        assert_eq!((whole.is_empty(), Dataset::default().is_empty(), Dataset::default().len()), (false, true, 0));
    }

    #[test]
    fn only_what_is_equal_in_everything_counts_once() {
        let mut builder = DatasetBuilder::new();
        let rows = [
            ("a", 1, "view", None),
            ("a", 2, "view", None),
            ("b", 2, "view", None),
            ("a", 2, "buy", None),
            ("a", 2, "view", Some(1.0)),
            ("a", 2, "view", Some(2.0)),
        ];
        for (item, time, event_type, value) in rows.into_iter().chain(rows) {
            builder.push("u", item, time, Some(event_type), value);
        }
        let dataset = builder.build();
        let u = dataset.sequence(UserIx(0));
        assert_eq!((u.items, u.times), (&[0, 0, 1, 0, 0, 0][..], &[1, 2, 2, 2, 2, 2][..]));
        assert_eq!(u.event_types, [1, 1, 1, 2, 1, 1]);
        assert_eq!((u.values[4], u.values[5], dataset.len()), (1.0, 2.0, 6));
    }
}
