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
    offsets: Vec<usize>,
    item: Vec<u32>,
    time: Vec<i64>,
    event_type: Vec<u16>,
    value: Vec<f32>,
    /// `[interactions]`, or empty where no interaction has an order.
    order: Vec<u16>,
}

/// One user's events, oldest first; the four slices have equal length.
#[derive(Debug, Clone, Copy)]
pub struct Sequence<'a> {
    /// Item indices ([`ItemIx`] as u32).
    pub items: &'a [u32],
    /// Seconds since the Unix epoch.
    pub times: &'a [i64],
    /// Indices into [`Dataset::event_types`].
    pub event_types: &'a [u16],
    /// Event values; NaN where absent.
    pub values: &'a [f32],
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
            values: &self.value[range],
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

    /// Every user with their events.
    pub fn sequences(&self) -> impl Iterator<Item = (UserIx, Sequence<'_>)> {
        (0..self.users.len() as u32).map(|u| (UserIx(u), self.sequence(UserIx(u))))
    }

    /// The dataset of the users for whom `keep` is true, with all their events. Items and event types keep their indices;
    /// users get new ones in the same order.
    pub fn with_users(&self, keep: impl Fn(UserIx) -> bool) -> Dataset {
        let mut kept = Dataset {
            items: self.items.clone(),
            event_types: self.event_types.clone(),
            offsets: vec![0],
            ..Dataset::default()
        };
        for (user, sequence) in self.sequences().filter(|(user, _)| keep(*user)) {
            kept.users.insert(self.users.id(user.0));
            kept.item.extend_from_slice(sequence.items);
            kept.time.extend_from_slice(sequence.times);
            kept.event_type.extend_from_slice(sequence.event_types);
            kept.value.extend_from_slice(sequence.values);
            kept.order.extend_from_slice(self.order.get(self.range(user)).unwrap_or_default());
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
        let mut kept = Dataset {
            users: self.users.clone(),
            items: self.items.clone(),
            event_types: self.event_types.clone(),
            offsets: vec![0],
            ..Dataset::default()
        };
        for window in self.offsets.windows(2) {
            for n in (window[0]..window[1]).filter(|&n| keep(n)) {
                kept.item.push(self.item[n]);
                kept.time.push(self.time[n]);
                kept.event_type.push(self.event_type[n]);
                kept.value.push(self.value[n]);
                kept.order.extend(self.order.get(n));
            }
            kept.offsets.push(kept.item.len());
        }
        kept
    }

    /// The dataset of each user's oldest events, `keep(events)` of them. Users, items and event types keep their indices.
    pub fn heads(&self, keep: impl Fn(usize) -> usize) -> Dataset {
        let mut kept = Dataset {
            users: self.users.clone(),
            items: self.items.clone(),
            event_types: self.event_types.clone(),
            offsets: vec![0],
            ..Dataset::default()
        };
        for window in self.offsets.windows(2) {
            let range = window[0]..window[0] + keep(window[1] - window[0]).min(window[1] - window[0]);
            kept.item.extend_from_slice(&self.item[range.clone()]);
            kept.time.extend_from_slice(&self.time[range.clone()]);
            kept.event_type.extend_from_slice(&self.event_type[range.clone()]);
            kept.value.extend_from_slice(&self.value[range.clone()]);
            kept.order.extend_from_slice(self.order.get(range).unwrap_or_default());
            kept.offsets.push(kept.item.len());
        }
        kept
    }

    /// The index of the item called `id`.
    pub fn item_ix(&self, id: &str) -> Option<ItemIx> {
        self.items.get(id).map(ItemIx)
    }
}

/// Collects rows in any order.
#[derive(Debug, Default, Clone)]
pub struct DatasetBuilder {
    users: IdMap,
    items: IdMap,
    event_types: IdMap,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    user: u32,
    item: u32,
    time: i64,
    value: f32,
    event_type: u16,
    order: u16,
}

impl DatasetBuilder {
    /// An empty builder.
    pub fn new() -> Self {
        let mut builder = Self::default();
        builder.event_types.insert("");
        builder
    }

    /// Adds one interaction. `time` is in seconds.
    pub fn push(&mut self, user: &str, item: &str, time: i64, event_type: Option<&str>, value: Option<f32>) {
        self.push_of_order(user, item, time, event_type, value, None);
    }

    /// As [`Self::push`], for an interaction of an order.
    pub fn push_of_order(
        &mut self,
        user: &str,
        item: &str,
        time: i64,
        event_type: Option<&str>,
        value: Option<f32>,
        order: Option<&str>,
    ) {
        let event_type = self.event_types.insert(event_type.unwrap_or("")).min(u32::from(u16::MAX)) as u16;
        let row = Row {
            user: self.users.insert(user),
            item: self.items.insert(item),
            time,
            value: value.unwrap_or(f32::NAN),
            event_type,
            order: order.filter(|order| !order.is_empty()).map_or(0, order_mark),
        };
        self.rows.push(row);
    }

    /// Makes an item known that may have no interaction.
    pub fn add_item(&mut self, item: &str) {
        self.items.insert(item);
    }

    /// Groups by user and sorts by time (equal times keep their order of arrival). Rows equal in user, item, time,
    /// type and value count once, as AWS documents.
    pub fn build(mut self) -> Dataset {
        self.rows.sort_by_key(|r| (r.user, r.time));
        let mut dataset = Dataset {
            users: self.users,
            items: self.items,
            event_types: self.event_types,
            offsets: vec![0],
            ..Dataset::default()
        };
        let has_orders = self.rows.iter().any(|row| row.order > 0);
        let mut rows = self.rows.iter().peekable();
        for user in 0..dataset.users.len() as u32 {
            let mut same_time_from = dataset.item.len();
            while let Some(row) = rows.next_if(|r| r.user == user) {
                if dataset.time.get(same_time_from) != Some(&row.time) {
                    same_time_from = dataset.item.len();
                }
                let seen = (same_time_from..dataset.item.len()).any(|k| {
                    dataset.item[k] == row.item
                        && dataset.event_type[k] == row.event_type
                        && dataset.value[k].to_bits() == row.value.to_bits()
                });
                if !seen {
                    dataset.item.push(row.item);
                    dataset.time.push(row.time);
                    dataset.event_type.push(row.event_type);
                    dataset.value.push(row.value);
                    dataset.order.extend(has_orders.then_some(row.order));
                }
            }
            dataset.offsets.push(dataset.item.len());
        }
        dataset
    }
}

/// 1 to 65,535 from an order's id by FNV-1a: 16 bits fit beside a row's other values, and marks are compared with their neighbors
/// only.
fn order_mark(order: &str) -> u16 {
    let hash = order.bytes().fold(0x811c_9dc5u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash % 65_535 + 1) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

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
