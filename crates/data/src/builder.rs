//! The collection of interactions in any order, in compact columns.
//!
//! | column | bytes a row |
//! |---|---|
//! | user, item | 4 each |
//! | time | 4; 8 where those of a quarter of a million rows span more than 68 years |
//! | event type and value | 2 for the pair, or 6 where there are more than 65,536 pairs |
//! | order | 2 where any is known |
//!
//! [`DatasetBuilder::build`] moves one column after the other to its place and gives the former one back meanwhile, so that it takes at most
//! 10 bytes a row beside what it collected.

use crate::chunks::{Chunks, Times};
use crate::dataset::{Dataset, Streamed};
use crate::ids::IdMap;
use hashbrown::HashMap;

/// Collects rows in any order.
#[derive(Debug, Default, Clone)]
pub struct DatasetBuilder {
    users: IdMap,
    items: IdMap,
    event_types: IdMap,
    user: Chunks<u32>,
    item: Chunks<u32>,
    time: Times,
    kinds: Kinds,
    /// Empty until there is an order.
    order: Chunks<u16>,
    streamed: Option<StreamedFrom>,
}

/// The first row of the streamed ones, and the users before it.
#[derive(Debug, Clone, Copy)]
struct StreamedFrom {
    row: usize,
    users: usize,
}

/// An event type with the bits of a value, those of NaN where there is none.
type Kind = (u16, u32);

/// Event types and values of rows.
#[derive(Debug, Clone)]
enum Kinds {
    Coded { known: Vec<Kind>, codes: HashMap<Kind, u16>, column: Chunks<u16> },
    Plain { event_types: Chunks<u16>, values: Chunks<u32> },
}

impl Default for Kinds {
    fn default() -> Self {
        Self::Coded { known: Vec::new(), codes: HashMap::new(), column: Chunks::default() }
    }
}

impl Kinds {
    fn push(&mut self, kind: Kind) {
        if let Self::Coded { known, codes, column } = self {
            let code = codes.get(&kind).copied().or_else(|| {
                let code = u16::try_from(known.len()).ok()?;
                known.push(kind);
                codes.insert(kind, code);
                Some(code)
            });
            match code {
                Some(code) => return column.push(code),
                None => *self = Self::plain(known, std::mem::take(column)),
            }
        }
        if let Self::Plain { event_types, values } = self {
            event_types.push(kind.0);
            values.push(kind.1);
        }
    }

    fn plain(known: &[Kind], column: Chunks<u16>) -> Self {
        let (mut event_types, mut values) = (Chunks::default(), Chunks::default());
        for code in column {
            let (event_type, value) = known[usize::from(code)];
            event_types.push(event_type);
            values.push(value);
        }
        Self::Plain { event_types, values }
    }
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
        self.user.push(self.users.insert(user));
        self.item.push(self.items.insert(item));
        self.time.push(time);
        self.kinds.push((event_type, value.unwrap_or(f32::NAN).to_bits()));
        let order = order.filter(|order| !order.is_empty()).map_or(0, order_mark);
        if order > 0 || self.order.len() > 0 {
            self.order.fill(self.user.len() - 1, 0);
            self.order.push(order);
        }
    }

    /// Makes an item known that may have no interaction.
    pub fn add_item(&mut self, item: &str) {
        self.items.insert(item);
    }

    /// Says that the interactions from here on were streamed: [`Dataset::is_streamed`] tells them apart from the bulk ones before.
    pub fn begin_streamed(&mut self) {
        self.streamed.get_or_insert(StreamedFrom { row: self.user.len(), users: self.users.len() });
    }

    /// Groups by user and sorts by time (equal times keep their order of arrival). Rows equal in user, item, time,
    /// type and value count once, as AWS documents.
    pub fn build(self) -> Dataset {
        let Self { users, items, event_types, user, item, time, kinds, order, streamed } = self;
        let rows = user.len();
        let mut offsets = vec![0usize; users.len() + 1];
        user.iter().for_each(|user| offsets[user as usize + 1] += 1);
        for user in 0..users.len() {
            offsets[user + 1] += offsets[user];
        }
        let places = Places { user: &user, offsets: &offsets };
        let streamed = streamed.filter(|from| from.row < rows);
        let mut columns = Columns {
            kinds: match kinds {
                Kinds::Coded { known, column, .. } => KindColumns::Coded { known, codes: places.grouped(column) },
                Kinds::Plain { event_types, values } => {
                    let event_types = places.grouped(event_types);
                    KindColumns::Plain { event_types, values: places.grouped(values) }
                }
            },
            order: match order.len() {
                0 => Vec::new(),
                _ => places.grouped(order),
            },
            streamed: streamed.map(|from| {
                let mut bits = Bits(vec![0; rows.div_ceil(64)]);
                places.each(|row, place| bits.set(place, row >= from.row));
                bits
            }),
            item: places.grouped(item),
            time: places.grouped(time.into_times()),
        };
        drop(user);
        columns.sort_and_drop_repeats(&mut offsets);
        let Columns { item, time, kinds, order, streamed: bits } = columns;
        let (event_type, value) = kinds.separate();
        let streamed = streamed.zip(bits).map(|(from, bits)| Streamed { bulk_users: from.users, rows: bits.0 });
        Dataset { users, items, event_types, offsets, item, time, event_type, value, order, streamed }
    }
}

/// The places of rows when they are grouped by user, in their order of arrival within each.
struct Places<'a> {
    user: &'a Chunks<u32>,
    offsets: &'a [usize],
}

impl Places<'_> {
    /// Calls `put` with each row and its place.
    fn each(&self, mut put: impl FnMut(usize, usize)) {
        let mut next = self.offsets.to_vec();
        for (row, user) in self.user.iter().enumerate() {
            let place = &mut next[user as usize];
            put(row, *place);
            *place += 1;
        }
    }

    fn grouped<T: Copy + Default>(&self, column: impl IntoIterator<Item = T>) -> Vec<T> {
        let mut grouped = vec![T::default(); self.user.len()];
        let mut column = column.into_iter();
        self.each(|_, place| {
            if let Some(value) = column.next() {
                grouped[place] = value;
            }
        });
        grouped
    }
}

/// A bit for each row.
struct Bits(Vec<u64>);

impl Bits {
    fn get(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    fn set(&mut self, at: usize, to: bool) {
        let bit = 1 << (at % 64);
        if to { self.0[at / 64] |= bit } else { self.0[at / 64] &= !bit }
    }
}

/// Event types and values by place.
enum KindColumns {
    Coded { known: Vec<Kind>, codes: Vec<u16> },
    Plain { event_types: Vec<u16>, values: Vec<u32> },
}

impl KindColumns {
    /// The event types, and the values or nothing where no row has one.
    fn separate(self) -> (Vec<u16>, Vec<f32>) {
        let absent = f32::NAN.to_bits();
        match self {
            Self::Coded { known, mut codes } => {
                let has_values = known.iter().any(|kind| kind.1 != absent);
                let value = |code: &u16| f32::from_bits(known[usize::from(*code)].1);
                let values = if has_values { codes.iter().map(value).collect() } else { Vec::new() };
                codes.iter_mut().for_each(|code| *code = known[usize::from(*code)].0);
                (codes, values)
            }
            Self::Plain { event_types, values } => (event_types, values.into_iter().map(f32::from_bits).collect()),
        }
    }
}

/// The columns of rows that are grouped by user.
struct Columns {
    item: Vec<u32>,
    time: Vec<i64>,
    kinds: KindColumns,
    /// Empty where there is no order.
    order: Vec<u16>,
    streamed: Option<Bits>,
}

impl Columns {
    /// Sorts the rows of each user by time, and drops those that repeat another one; `offsets` are then those of what remains.
    fn sort_and_drop_repeats(&mut self, offsets: &mut [usize]) {
        let mut kept = 0;
        let mut begin = 0;
        for end in offsets.iter_mut().skip(1) {
            let range = begin..*end;
            begin = *end;
            if !self.time[range.clone()].is_sorted() {
                let mut by_time: Vec<usize> = range.clone().collect();
                by_time.sort_by_key(|&row| self.time[row]);
                self.reorder(range.start, &by_time);
            }
            let mut same_time_from = kept;
            for row in range {
                if self.time.get(same_time_from).filter(|_| same_time_from < kept) != Some(&self.time[row]) {
                    same_time_from = kept;
                }
                if !(same_time_from..kept).any(|other| self.repeats(other, row)) {
                    self.put(row, kept);
                    kept += 1;
                }
            }
            *end = kept;
        }
        self.truncate(kept);
    }

    /// Puts the rows `from` into the places from `begin` on.
    fn reorder(&mut self, begin: usize, from: &[usize]) {
        fn take<T: Copy>(column: &mut [T], begin: usize, from: &[usize]) {
            if !column.is_empty() {
                let taken: Vec<T> = from.iter().map(|&row| column[row]).collect();
                column[begin..][..taken.len()].copy_from_slice(&taken);
            }
        }
        take(&mut self.item, begin, from);
        take(&mut self.time, begin, from);
        take(&mut self.order, begin, from);
        match &mut self.kinds {
            KindColumns::Coded { codes, .. } => take(codes, begin, from),
            KindColumns::Plain { event_types, values } => {
                take(event_types, begin, from);
                take(values, begin, from);
            }
        }
        if let Some(bits) = &mut self.streamed {
            let taken: Vec<bool> = from.iter().map(|&row| bits.get(row)).collect();
            taken.into_iter().enumerate().for_each(|(n, bit)| bits.set(begin + n, bit));
        }
    }

    /// Whether two rows of a user and a time are the same interaction.
    fn repeats(&self, one: usize, other: usize) -> bool {
        let same_kind = match &self.kinds {
            KindColumns::Coded { codes, .. } => codes[one] == codes[other],
            KindColumns::Plain { event_types, values } => {
                event_types[one] == event_types[other] && values[one] == values[other]
            }
        };
        same_kind && self.item[one] == self.item[other]
    }

    /// Copies a row to a place at or before it.
    fn put(&mut self, row: usize, place: usize) {
        if row == place {
            return;
        }
        self.item[place] = self.item[row];
        self.time[place] = self.time[row];
        if !self.order.is_empty() {
            self.order[place] = self.order[row];
        }
        match &mut self.kinds {
            KindColumns::Coded { codes, .. } => codes[place] = codes[row],
            KindColumns::Plain { event_types, values } => {
                event_types[place] = event_types[row];
                values[place] = values[row];
            }
        }
        if let Some(bits) = &mut self.streamed {
            bits.set(place, bits.get(row));
        }
    }

    fn truncate(&mut self, rows: usize) {
        self.item.truncate(rows);
        self.time.truncate(rows);
        self.order.truncate(rows);
        match &mut self.kinds {
            KindColumns::Coded { codes, .. } => codes.truncate(rows),
            KindColumns::Plain { event_types, values } => {
                event_types.truncate(rows);
                values.truncate(rows);
            }
        }
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
    use crate::ids::UserIx;
    use std::collections::HashSet;

    /// A row as it is given.
    #[derive(Clone, PartialEq)]
    struct Given {
        user: String,
        item: String,
        time: i64,
        event_type: String,
        value: Option<f32>,
        order: String,
    }

    fn given(rows: usize, values: u64, orders: bool) -> Vec<Given> {
        let mut state = 7u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let row = |_| Given {
            user: format!("u{}", draw(50)),
            item: format!("i{}", draw(9)),
            time: if draw(300) == 0 { i64::MAX } else { draw(40) as i64 - 20 },
            event_type: ["", "view", "buy"][draw(3) as usize].to_owned(),
            value: (draw(3) > 0 && values > 0).then(|| draw(values.max(1)) as f32),
            order: if orders && draw(2) == 0 { format!("o{}", draw(5)) } else { String::new() },
        };
        (0..rows).map(row).collect()
    }

    fn built(rows: &[Given], streamed_from: usize) -> Dataset {
        let mut builder = DatasetBuilder::new();
        for (n, row) in rows.iter().enumerate() {
            if n == streamed_from {
                builder.begin_streamed();
            }
            let event_type = Some(row.event_type.as_str());
            builder.push_of_order(&row.user, &row.item, row.time, event_type, row.value, Some(&row.order));
        }
        builder.build()
    }

    /// The rows of each user in the order of `build`, by plain sorting.
    fn reference(rows: &[Given]) -> Vec<(&str, Vec<(usize, &Given)>)> {
        let mut seen = HashSet::new();
        let users: Vec<&str> = rows.iter().map(|row| row.user.as_str()).filter(|user| seen.insert(*user)).collect();
        let of = |user| {
            let mut own: Vec<(usize, &Given)> = rows.iter().enumerate().filter(|(_, row)| row.user == user).collect();
            own.sort_by_key(|(_, row)| row.time);
            let mut seen = HashSet::new();
            own.retain(|(_, row)| seen.insert((row.time, &row.item, &row.event_type, row.value.map(f32::to_bits))));
            (user, own)
        };
        users.into_iter().map(of).collect()
    }

    #[test]
    fn rows_are_grouped_sorted_and_told_apart_as_by_plain_sorting() {
        for (rows, values, orders, streamed_from) in [
            (0, 0, false, 0),
            (3000, 0, false, usize::MAX),
            (3000, 5, true, 2000),
            (3000, 0, true, 0),
            // More pairs of types and values than have a number.
            (300_000, 10_000_000, false, 150_000),
        ] {
            let rows = given(rows, values, orders);
            let dataset = built(&rows, streamed_from);
            let reference = reference(&rows);
            assert!(dataset.users.iter().eq(reference.iter().map(|(user, _)| *user)));
            let bulk = rows.iter().take(streamed_from).map(|row| &row.user);
            let bulk_users = bulk.collect::<HashSet<_>>().len();
            assert_eq!(dataset.bulk_users(), bulk_users);
            assert_eq!(dataset.has_streamed(), streamed_from < rows.len());
            assert_eq!(dataset.value_column().is_empty(), values == 0);
            for (user, (_, expected)) in (0u32..).zip(&reference) {
                let sequence = dataset.sequence(UserIx(user));
                let begin = dataset.offsets()[user as usize];
                assert_eq!(sequence.items.len(), expected.len());
                for (n, (row, given)) in expected.iter().enumerate() {
                    assert_eq!(dataset.items.id(sequence.items[n]), given.item);
                    assert_eq!(sequence.times[n], given.time);
                    assert_eq!(dataset.event_types.id(u32::from(sequence.event_types[n])), given.event_type);
                    assert_eq!(sequence.value(n).to_bits(), given.value.unwrap_or(f32::NAN).to_bits());
                    let mark = dataset.order_column().get(begin + n).copied().unwrap_or(0);
                    assert_eq!(mark, if given.order.is_empty() { 0 } else { order_mark(&given.order) });
                    assert_eq!(dataset.is_streamed(begin + n), *row >= streamed_from, "row {row}");
                }
            }
        }
    }

    #[test]
    fn a_builder_that_is_cloned_goes_on() {
        let mut builder = DatasetBuilder::new();
        builder.push("u", "a", 2, None, None);
        let before = builder.clone().build();
        builder.begin_streamed();
        builder.push("v", "b", 1, None, Some(1.5));
        let after = builder.build();
        assert_eq!((before.len(), before.bulk_users(), after.len(), after.bulk_users()), (1, 1, 2, 1));
        assert!(after.sequence(UserIx(0)).value(0).is_nan() && after.sequence(UserIx(1)).value(0) == 1.5);
    }

    #[test]
    fn a_row_takes_fourteen_bytes() {
        let mut builder = DatasetBuilder::new();
        for n in 0..100_000i64 {
            builder.push(&format!("u{}", n / 20), &format!("i{}", n % 50), n, Some("view"), Some((n % 5) as f32));
        }
        let Kinds::Coded { column, known, .. } = &builder.kinds else { panic!("five pairs have numbers") };
        assert_eq!((column.len(), known.len(), builder.order.len()), (100_000, 5, 0));
        assert_eq!(
            builder.user.len() * 4 + builder.item.len() * 4 + builder.time.bytes() + column.len() * 2,
            1_400_000
        );
    }
}
