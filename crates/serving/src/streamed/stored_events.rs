//! The streamed events of a dataset group as bytes, from which a process that starts goes on.
//!
//! A safetensors file: names of items, event types, users and counted items as `<list>.text` and `<list>.ends`; for each user the
//! number of events ever, of those claimed, and of those held; the events of all users, user by user, the older first; the newest times.

use super::events::{HeldEvent, ItemCounts, StreamedEvents, UserEvents};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;
use tastemaker_data::NewestTimes;
use tastemaker_domain::{Error, Result};

/// The layout, and what event ids are hashed to: bytes of another build are not read.
const KIND: &str = "streamed-events/1";
const KIND_KEY: &str = "kind";

fn damaged(what: impl std::fmt::Display) -> Error {
    Error::Internal(format!("stored events: {what}"))
}

/// The columns of the file, by name.
#[derive(Default)]
struct Columns(Vec<(&'static str, Dtype, Vec<u8>)>);

impl Columns {
    fn numbers<const N: usize>(&mut self, name: &'static str, dtype: Dtype, values: impl Iterator<Item = [u8; N]>) {
        self.0.push((name, dtype, values.flatten().collect()));
    }

    fn texts<'a>(&mut self, names: [&'static str; 2], texts: impl Iterator<Item = &'a str>) {
        let (mut text, mut ends) = (Vec::new(), Vec::new());
        for one in texts {
            text.extend_from_slice(one.as_bytes());
            ends.extend_from_slice(&(text.len() as u64).to_le_bytes());
        }
        self.0.push((names[0], Dtype::U8, text));
        self.0.push((names[1], Dtype::U64, ends));
    }

    fn bytes(self, kind: String) -> Result<Vec<u8>> {
        let views = self.0.iter().map(|(name, dtype, bytes)| {
            let length = bytes.len() * 8 / dtype.bitsize();
            TensorView::new(*dtype, vec![length], bytes).map(|view| (*name, view)).map_err(damaged)
        });
        let views = views.collect::<Result<Vec<_>>>()?;
        safetensors::serialize(views, Some(HashMap::from([(KIND_KEY.to_owned(), kind)]))).map_err(damaged)
    }
}

/// The file, read.
struct Reader<'a>(SafeTensors<'a>);

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], kind: &str) -> Result<Self> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        if metadata.metadata().as_ref().and_then(|m| m.get(KIND_KEY)).is_none_or(|found| found != kind) {
            return Err(damaged("the file is of another build"));
        }
        SafeTensors::deserialize(bytes).map(Self).map_err(damaged)
    }

    fn bytes(&self, name: &str, dtype: Dtype) -> Result<&'a [u8]> {
        let view = self.0.tensor(name).map_err(damaged)?;
        if view.dtype() != dtype { Err(damaged(format!("{name} must be {dtype:?}"))) } else { Ok(view.data()) }
    }

    fn numbers<const N: usize>(&self, name: &str, dtype: Dtype) -> Result<&'a [[u8; N]]> {
        Ok(self.bytes(name, dtype)?.as_chunks::<N>().0)
    }

    fn texts(&self, names: [&str; 2]) -> Result<Vec<&'a str>> {
        let text = std::str::from_utf8(self.bytes(names[0], Dtype::U8)?).map_err(damaged)?;
        let mut begin = 0;
        let ends = self.numbers::<8>(names[1], Dtype::U64)?.iter().map(|end| {
            let end = u64::from_le_bytes(*end) as usize;
            let one = text.get(begin..end).ok_or_else(|| damaged(format!("{} must ascend within its text", names[1])));
            begin = end;
            one
        });
        ends.collect()
    }
}

const ITEMS: [&str; 2] = ["items.text", "items.ends"];
const EVENT_TYPES: [&str; 2] = ["event_types.text", "event_types.ends"];
const USERS: [&str; 2] = ["users.text", "users.ends"];
const COUNTED: [&str; 2] = ["counted.text", "counted.ends"];

impl StreamedEvents {
    /// Everything that is held, as bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut columns = Columns::default();
        let [items, event_types] = [&self.items, &self.event_types].map(super::names::Names::all);
        columns.texts(ITEMS, items.iter().map(|name| &**name));
        columns.texts(EVENT_TYPES, event_types.iter().map(|name| &**name));
        let shards: Vec<_> = self.shards.iter().map(|shard| shard.lock()).collect();
        let users = || shards.iter().flat_map(|shard| shard.iter());
        columns.texts(USERS, users().map(|(id, _)| &**id));
        columns.numbers("users.total", Dtype::U64, users().map(|(_, user)| user.total.to_le_bytes()));
        columns.numbers("users.claimed", Dtype::U64, users().map(|(_, user)| user.claimed.to_le_bytes()));
        columns.numbers("users.older", Dtype::U32, users().map(|(_, user)| (user.older.len() as u32).to_le_bytes()));
        columns.numbers("users.recent", Dtype::U32, users().map(|(_, user)| (user.recent.len() as u32).to_le_bytes()));
        let events = || users().flat_map(|(_, user)| user.older.iter().chain(&user.recent));
        columns.numbers("events.item", Dtype::U32, events().map(|event| { event.item }.to_le_bytes()));
        columns.numbers("events.kind", Dtype::U32, events().map(|event| { event.kind }.to_le_bytes()));
        columns.numbers("events.value", Dtype::U32, events().map(|event| { event.value }.to_bits().to_le_bytes()));
        columns.numbers("events.time", Dtype::I64, events().map(|event| { event.time_s }.to_le_bytes()));
        columns.numbers("events.id_hash", Dtype::U64, events().map(|event| { event.id_hash }.to_le_bytes()));
        let counts: Vec<_> = self.counts.iter().map(|shard| shard.lock()).collect();
        let counted = || counts.iter().flat_map(|shard| shard.iter());
        columns.texts(COUNTED, counted().map(|(id, _)| &**id));
        columns.numbers("counted.events", Dtype::U32, counted().map(|(_, counts)| counts.interactions.to_le_bytes()));
        columns.numbers("counted.shown", Dtype::U32, counted().map(|(_, counts)| counts.impressions.to_le_bytes()));
        let newest = self.newest.lock();
        let times = std::iter::once(newest.events() as i64).chain(newest.times().iter().copied());
        columns.numbers("newest", Dtype::I64, times.map(i64::to_le_bytes));
        columns.bytes(self.kind())
    }

    /// What [`Self::to_bytes`] wrote; refused if the bytes are damaged or of another build.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let events = Self::default();
        let reader = Reader::new(bytes, &events.kind())?;
        let (items, event_types) = (reader.texts(ITEMS)?, reader.texts(EVENT_TYPES)?);
        let same = |numbers: Vec<u32>| numbers.iter().zip(0..).all(|(&number, n)| number == n);
        if !same(items.iter().map(|name| events.items.number(name)).collect())
            || !same(event_types.iter().map(|name| events.event_types.number(name)).collect())
        {
            return Err(damaged("names must differ from each other"));
        }
        let held: Vec<HeldEvent> = read_events(&reader)?;
        let is_known = |event: &HeldEvent| {
            (event.item as usize) < items.len() && (event.event_type() as usize) < event_types.len()
        };
        if !held.iter().all(is_known) {
            return Err(damaged("events must be of known items and types"));
        }
        read_users(&reader, &held, &events)?;
        let counted = reader.texts(COUNTED)?;
        let taken = reader.numbers::<4>("counted.events", Dtype::U32)?;
        let shown = reader.numbers::<4>("counted.shown", Dtype::U32)?;
        if [taken.len(), shown.len()] != [counted.len(); 2] {
            return Err(damaged("the columns of counted items differ in length"));
        }
        for ((item, taken), shown) in counted.iter().zip(taken).zip(shown) {
            let [interactions, impressions] = [taken, shown].map(|count| u32::from_le_bytes(*count));
            events.count(item, |counts| *counts = ItemCounts { interactions, impressions });
        }
        let newest = reader.numbers::<8>("newest", Dtype::I64)?;
        let mut times = newest.iter().map(|time| i64::from_le_bytes(*time));
        let count = times.next().ok_or_else(|| damaged("newest must begin with a count"))?;
        *events.newest.lock() =
            NewestTimes::of(count as u64, times.collect()).ok_or_else(|| damaged("newest must ascend"))?;
        Ok(events)
    }

    /// Takes over everything of `other`, in the order of its names. Refused unless nothing is held yet.
    pub fn take_over(&self, other: Self) -> Result<()> {
        if self.shards.iter().any(|shard| !shard.lock().is_empty()) || !self.items.all().is_empty() {
            return Err(Error::Internal("stored events come before any others".to_owned()));
        }
        other.items.all().iter().for_each(|name| _ = self.items.number(name));
        other.event_types.all().iter().for_each(|name| _ = self.event_types.number(name));
        for (id, user) in other.shards.into_iter().flat_map(|shard| shard.into_inner()) {
            self.shard(&id).lock().insert(id, user);
        }
        for (id, counts) in other.counts.into_iter().flat_map(|shard| shard.into_inner()) {
            self.count(&id, |own| *own = counts);
        }
        *self.newest.lock() = other.newest.into_inner();
        Ok(())
    }

    /// The layout with what a text is hashed to.
    fn kind(&self) -> String {
        format!("{KIND} {:x}", Self::id_hash("event", "item", "type"))
    }

    /// The number of users and of events that are held.
    #[cfg(test)]
    fn held(&self) -> (usize, usize) {
        let shards = self.shards.iter().map(|shard| shard.lock());
        shards.fold((0, 0), |(users, events), shard| {
            let held = shard.values().map(|user| user.older.len() + user.recent.len());
            (users + shard.len(), events + held.sum::<usize>())
        })
    }
}

fn read_events(reader: &Reader<'_>) -> Result<Vec<HeldEvent>> {
    let items = reader.numbers::<4>("events.item", Dtype::U32)?;
    let kinds = reader.numbers::<4>("events.kind", Dtype::U32)?;
    let values = reader.numbers::<4>("events.value", Dtype::U32)?;
    let times = reader.numbers::<8>("events.time", Dtype::I64)?;
    let hashes = reader.numbers::<8>("events.id_hash", Dtype::U64)?;
    if [kinds.len(), values.len(), times.len(), hashes.len()] != [items.len(); 4] {
        return Err(damaged("the columns of events differ in length"));
    }
    let event = |n: usize| HeldEvent {
        item: u32::from_le_bytes(items[n]),
        kind: u32::from_le_bytes(kinds[n]),
        value: f32::from_bits(u32::from_le_bytes(values[n])),
        time_s: i64::from_le_bytes(times[n]),
        id_hash: u64::from_le_bytes(hashes[n]),
    };
    Ok((0..items.len()).map(event).collect())
}

fn read_users(reader: &Reader<'_>, held: &[HeldEvent], events: &StreamedEvents) -> Result<()> {
    let ids = reader.texts(USERS)?;
    let totals = reader.numbers::<8>("users.total", Dtype::U64)?;
    let claims = reader.numbers::<8>("users.claimed", Dtype::U64)?;
    let older = reader.numbers::<4>("users.older", Dtype::U32)?;
    let recent = reader.numbers::<4>("users.recent", Dtype::U32)?;
    if [totals.len(), claims.len(), older.len(), recent.len()] != [ids.len(); 4] {
        return Err(damaged("the columns of users differ in length"));
    }
    let mut rest = held;
    let mut take = |count: &[u8; 4]| {
        let (taken, others) = rest.split_at_checked(u32::from_le_bytes(*count) as usize)?;
        rest = others;
        Some(taken)
    };
    for (n, id) in ids.into_iter().enumerate() {
        let (Some(older), Some(recent)) = (take(&older[n]), take(&recent[n])) else {
            return Err(damaged("users must have as many events as there are"));
        };
        let user = UserEvents {
            total: u64::from_le_bytes(totals[n]),
            recent: recent.iter().copied().collect(),
            older: older.to_vec(),
            claimed: u64::from_le_bytes(claims[n]),
        };
        events.shard(id).lock().insert(id.into(), user);
    }
    if rest.is_empty() { Ok(()) } else { Err(damaged("users must have as many events as there are")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::event;
    use tastemaker_domain::resource::InteractionEvent;

    fn some() -> StreamedEvents {
        let events = StreamedEvents::default();
        for n in 0..3000 {
            let user = format!("u{}", n % 3);
            let mut pushed = event(n, &user, &format!("i{}", n % 17), if n % 2 == 0 { "Click" } else { "View" });
            pushed.timestamp_s = n as i64;
            pushed.event_value = (n % 5 == 0).then_some(n as f32);
            pushed.impression = vec![format!("shown{}", n % 4)];
            events.push(&pushed);
        }
        let session =
            |n: usize, user: &str| InteractionEvent { session_id: "s".into(), ..event(n, user, "i1", "Click") };
        events.push(&session(9001, "s"));
        events.push(&session(9002, "s"));
        events.push(&session(9003, "ann"));
        events
    }

    #[test]
    fn events_go_on_where_they_were_stored() {
        let before = some();
        let after = StreamedEvents::from_bytes(&before.to_bytes().expect("bytes")).expect("read");
        assert_eq!(before.held(), after.held());
        for user in ["u0", "u1", "u2", "s", "ann", "nobody"] {
            assert_eq!(before.remembered(user), after.remembered(user), "{user}");
            assert_eq!(before.since(user, 1), after.since(user, 1), "{user}");
        }
        assert_eq!(before.newest_s(), after.newest_s());
        assert_eq!(
            (before.counts_of("i3"), before.counts_of("shown1")),
            (after.counts_of("i3"), after.counts_of("shown1"))
        );
        // Both know what they have, and take in the same.
        for events in [&before, &after] {
            assert!(!events.push(&event(2999, "u2", &format!("i{}", 2999 % 17), "View")), "known");
            assert!(events.push(&event(9004, "s", "i1", "Click")));
            assert!(events.push(&InteractionEvent { session_id: "s".into(), ..event(9005, "bob", "i2", "Click") }));
        }
        assert_eq!(before.remembered("bob"), after.remembered("bob"));
        let empty = StreamedEvents::from_bytes(&StreamedEvents::default().to_bytes().expect("bytes")).expect("read");
        assert_eq!((empty.held(), empty.newest_s()), ((0, 0), 0));
    }

    #[test]
    fn damaged_bytes_are_refused_or_read_without_a_panic() {
        let bytes = some().to_bytes().expect("bytes");
        for at in (0..bytes.len()).step_by(97) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            let _ = StreamedEvents::from_bytes(&damaged);
            assert!(StreamedEvents::from_bytes(&bytes[..at]).is_err());
        }
        let other = String::from_utf8_lossy(&bytes[..200]).contains("streamed-events/1");
        assert!(other, "the layout is named at the beginning");
    }
}
