//! `catalog.safetensors`: the ids behind a model's indices, the users' histories and the items' popularity.
//!
//! | tensor | type and shape | content |
//! |---|---|---|
//! | `items.text`, `items.ends` | U8 `[bytes]`, U64 `[items]` | item ids in index order, UTF-8, end to end |
//! | `users.text`, `users.ends` | U8 `[bytes]`, U64 `[users]` | ids of the users with a history |
//! | `event_types.text`, `event_types.ends` | U8 `[bytes]`, U64 `[event types]` | event types; the first is the empty one |
//! | `histories.offsets` | U64 `[users + 1]` | where each user's events begin and end |
//! | `histories.items` | U32 `[events]` | item indices, oldest first |
//! | `histories.times` | I64 `[events]` | seconds since the Unix epoch |
//! | `histories.event_types` | U16 `[events]` | event type indices |
//! | `popularity` | F32 `[items]` | unique users per item |
//! | `impressions` | U32 `[items]` or `[0]`; may be absent | how often each item was shown, as far as bulk data says |
//!
//! Histories come from bulk data only: streamed events are replayed from their log, so that none counts twice.

use safetensors::tensor::{Dtype, SafeTensors, View};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use tastemaker_data::{Dataset, IdMap, ItemIx, newest_s};
use tastemaker_learn::Event;
use tastemaker_learn::Sequences;
use tastemaker_learn::models::popularity::{PopularityModel, unique_user_counts};
use tastemaker_recipes::Error;

/// The catalog's file name in an artifact.
pub const CATALOG_FILE: &str = "catalog.safetensors";

/// A second catalog, of the items and their histories beside a model of actions.
pub const TASTES_FILE: &str = "tastes.safetensors";

/// The catalogs that an artifact may have.
pub const CATALOGS: &[&str] = &[CATALOG_FILE, TASTES_FILE];

const KIND: &str = "catalog/2";
/// As [`KIND`] without `histories.times`, which read as zero.
const KIND_WITHOUT_TIMES: &str = "catalog/1";

/// Ids, histories and popularity beside a model.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Item ids by the model's index.
    pub items: IdMap,
    /// Users with a history.
    pub users: IdMap,
    /// Event types of the training data; index 0 is the empty one.
    pub event_types: IdMap,
    /// `[users + 1]`: user u's events are `offsets[u]..offsets[u + 1]`.
    pub offsets: Vec<usize>,
    /// `[events]`: item indices, oldest first within a user.
    pub history_items: Vec<u32>,
    /// `[events]`: seconds since the Unix epoch.
    pub history_times: Vec<i64>,
    /// `[events]`: indices into [`Self::event_types`]; 0 for types that the training data does not have.
    pub history_event_types: Vec<u16>,
    /// `[items]`: unique users per item in the training data.
    pub popularity: Vec<f32>,
    /// `[items]`: how often each item was shown according to bulk data; empty where it does not say.
    pub impressions: Vec<u32>,
}

impl Catalog {
    /// The catalog of a model trained on `dataset`, with the histories of its bulk interactions.
    pub fn new(dataset: &Dataset) -> Self {
        let mut catalog = Self {
            items: dataset.items.clone(),
            event_types: dataset.event_types.clone(),
            offsets: vec![0],
            popularity: popularity(dataset),
            ..Self::default()
        };
        let bulk = dataset.sequences().take(dataset.bulk_users());
        bulk.for_each(|(user, _)| _ = catalog.users.insert(dataset.users.id(user.0)));
        if !dataset.has_streamed() && !dataset.offsets().is_empty() {
            catalog.offsets = dataset.offsets().to_vec();
            catalog.history_items = dataset.item_column().to_vec();
            catalog.history_times = dataset.time_column().to_vec();
            catalog.history_event_types = dataset.event_type_column().to_vec();
            return catalog;
        }
        for range in dataset.offsets().windows(2).take(dataset.bulk_users()) {
            for n in (range[0]..range[1]).filter(|&n| !dataset.is_streamed(n)) {
                catalog.history_items.push(dataset.item_column()[n]);
                catalog.history_times.push(dataset.time_column()[n]);
                catalog.history_event_types.push(dataset.event_type_column()[n]);
            }
            catalog.offsets.push(catalog.history_items.len());
        }
        catalog
    }

    /// The history of the user called `id`, oldest first; empty for unknown users.
    pub fn history(&self, id: &str) -> Vec<Event> {
        let range = self.users.get(id).map_or(0..0, |u| self.offsets[u as usize]..self.offsets[u as usize + 1]);
        let event = |n: usize| Event {
            event_type: self.history_event_types[n],
            ..Event::new(ItemIx(self.history_items[n]), self.history_times[n])
        };
        range.map(event).collect()
    }

    /// Removes the histories of users; says whether there was any.
    pub fn remove_users(&mut self, gone: &HashSet<Box<str>>) -> bool {
        if !self.users.iter().any(|user| gone.contains(user)) {
            return false;
        }
        let (mut users, mut offsets, mut kept) = (IdMap::default(), vec![0], Vec::new());
        for (n, user) in self.users.iter().enumerate().filter(|(_, user)| !gone.contains(*user)) {
            users.insert(user);
            kept.extend(self.offsets[n]..self.offsets[n + 1]);
            offsets.push(kept.len());
        }
        self.history_items = kept.iter().map(|&n| self.history_items[n]).collect();
        self.history_times = kept.iter().map(|&n| self.history_times[n]).collect();
        self.history_event_types = kept.iter().map(|&n| self.history_event_types[n]).collect();
        (self.users, self.offsets) = (users, offsets);
        true
    }

    /// The index of the event type called `name` in any case; 0 for types that the training data does not have.
    pub fn event_type(&self, name: &str) -> u16 {
        let at = self.event_types.iter().position(|known| known.eq_ignore_ascii_case(name));
        at.and_then(|at| u16::try_from(at).ok()).unwrap_or(0)
    }

    /// The newest time of the histories.
    pub fn newest_s(&self) -> Option<i64> {
        newest_s(self.history_times.iter().copied())
    }

    /// Ranks items for users of whom nothing is known.
    pub fn popular(&self) -> Result<PopularityModel, Error> {
        Ok(PopularityModel::from_counts(self.popularity.clone())?)
    }

    /// The file's bytes; equal catalogs give equal bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let ids = [("items", &self.items), ("users", &self.users), ("event_types", &self.event_types)];
        let of_ids = ids.into_iter().flat_map(|(name, ids)| {
            [(format!("{name}.text"), Stored::text(ids)), (format!("{name}.ends"), Stored::ends(ids))]
        });
        let of_columns = [
            ("histories.offsets", Stored::column(Dtype::U64, &self.offsets, |offset| (offset as u64).to_le_bytes())),
            ("histories.items", Stored::column(Dtype::U32, &self.history_items, u32::to_le_bytes)),
            ("histories.times", Stored::column(Dtype::I64, &self.history_times, i64::to_le_bytes)),
            ("histories.event_types", Stored::column(Dtype::U16, &self.history_event_types, u16::to_le_bytes)),
            ("popularity", Stored::column(Dtype::F32, &self.popularity, f32::to_le_bytes)),
            ("impressions", Stored::column(Dtype::U32, &self.impressions, u32::to_le_bytes)),
        ];
        let tensors = of_ids.chain(of_columns.map(|(name, tensor)| (name.to_owned(), tensor)));
        let metadata = HashMap::from([("kind".to_owned(), KIND.to_owned())]);
        let failed = |e: safetensors::SafeTensorError| Error::Artifact(format!("{CATALOG_FILE}: {e}"));
        safetensors::serialize(tensors, Some(metadata)).map_err(failed)
    }

    /// Reads a file that [`Self::to_bytes`] wrote; [`Error::Artifact`] names the tensor and the rule it breaks.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let reader = Reader::new(bytes)?;
        let history_items = reader.numbers("histories.items", Dtype::U32, u32::from_le_bytes)?;
        let catalog = Self {
            items: reader.ids("items")?,
            users: reader.ids("users")?,
            event_types: reader.ids("event_types")?,
            offsets: reader.numbers("histories.offsets", Dtype::U64, |b| u64::from_le_bytes(b) as usize)?,
            history_times: match reader.timed {
                true => reader.numbers("histories.times", Dtype::I64, i64::from_le_bytes)?,
                false => vec![0; history_items.len()],
            },
            history_items,
            history_event_types: reader.numbers("histories.event_types", Dtype::U16, u16::from_le_bytes)?,
            popularity: reader.numbers("popularity", Dtype::F32, f32::from_le_bytes)?,
            impressions: match reader.tensors.tensor("impressions") {
                Ok(_) => reader.numbers("impressions", Dtype::U32, u32::from_le_bytes)?,
                Err(_) => Vec::new(),
            },
        };
        catalog.check()?;
        Ok(catalog)
    }

    fn check(&self) -> Result<(), Error> {
        let (items, users, events) = (self.items.len(), self.users.len(), self.history_items.len());
        let rules = [
            ("histories.offsets must have one entry more than users", self.offsets.len() == users + 1),
            ("histories.offsets must ascend from 0", self.offsets.is_sorted() && self.offsets.first() == Some(&0)),
            ("histories.offsets must end at the events", self.offsets.last() == Some(&events)),
            ("histories.items must be below items", self.history_items.iter().all(|&i| (i as usize) < items)),
            ("histories.times must have one entry per event", self.history_times.len() == events),
            ("histories.event_types must have one entry per event", self.history_event_types.len() == events),
            (
                "histories.event_types must be below event_types",
                self.history_event_types.iter().all(|&t| usize::from(t) < self.event_types.len()),
            ),
            ("popularity must have one entry per item", self.popularity.len() == items),
            ("impressions must have one entry per item or none", [0, items].contains(&self.impressions.len())),
            ("popularity must be finite", self.popularity.iter().all(|c| c.is_finite())),
        ];
        match rules.iter().find(|(_, holds)| !holds) {
            Some((rule, _)) => Err(Error::Artifact(format!("{CATALOG_FILE}: {rule}"))),
            None => Ok(()),
        }
    }
}

/// For every item of `dataset`, how many users interacted with it.
pub(crate) fn popularity(dataset: &Dataset) -> Vec<f32> {
    let sequences = Sequences { offsets: dataset.offsets(), items: dataset.item_column(), weights: &[] };
    unique_user_counts(&sequences, dataset.items.len())
}

/// A tensor of the file, whose bytes are made when it is written: one tensor at a time is in memory twice.
struct Stored<'a> {
    dtype: Dtype,
    shape: [usize; 1],
    bytes_len: usize,
    bytes: Box<dyn Fn() -> Vec<u8> + 'a>,
}

impl<'a> Stored<'a> {
    fn column<T: Copy, const N: usize>(dtype: Dtype, column: &'a [T], to_bytes: fn(T) -> [u8; N]) -> Self {
        let bytes = move || {
            let mut bytes = Vec::with_capacity(N * column.len());
            column.iter().for_each(|&value| bytes.extend_from_slice(&to_bytes(value)));
            bytes
        };
        Self { dtype, shape: [column.len()], bytes_len: N * column.len(), bytes: Box::new(bytes) }
    }

    /// The ids end to end.
    fn text(ids: &'a IdMap) -> Self {
        let len = ids.iter().map(str::len).sum();
        let bytes = move || ids.iter().flat_map(str::bytes).collect();
        Self { dtype: Dtype::U8, shape: [len], bytes_len: len, bytes: Box::new(bytes) }
    }

    /// The end of each id in their text.
    fn ends(ids: &'a IdMap) -> Self {
        let bytes = move || {
            let mut end = 0u64;
            let mut bytes = Vec::with_capacity(8 * ids.len());
            for id in ids.iter() {
                end += id.len() as u64;
                bytes.extend_from_slice(&end.to_le_bytes());
            }
            bytes
        };
        Self { dtype: Dtype::U64, shape: [ids.len()], bytes_len: 8 * ids.len(), bytes: Box::new(bytes) }
    }
}

impl View for Stored<'_> {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        (self.bytes)().into()
    }

    fn data_len(&self) -> usize {
        self.bytes_len
    }
}

struct Reader<'a> {
    tensors: SafeTensors<'a>,
    timed: bool,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let failed = |e: safetensors::SafeTensorError| Error::Artifact(format!("{CATALOG_FILE}: {e}"));
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(failed)?;
        let kind = metadata.metadata().as_ref().and_then(|m| m.get("kind")).map(String::as_str);
        if kind != Some(KIND) && kind != Some(KIND_WITHOUT_TIMES) {
            return Err(Error::Artifact(format!("{CATALOG_FILE}: kind must be {KIND}, it is {kind:?}")));
        }
        Ok(Self { tensors: SafeTensors::deserialize(bytes).map_err(failed)?, timed: kind == Some(KIND) })
    }

    fn bytes(&self, name: &str, dtype: Dtype) -> Result<&'a [u8], Error> {
        let view = self.tensors.tensor(name).map_err(|e| Error::Artifact(format!("{CATALOG_FILE}: {name}: {e}")))?;
        if view.dtype() != dtype || view.shape().len() != 1 {
            let found = (view.dtype(), view.shape());
            return Err(Error::Artifact(format!("{CATALOG_FILE}: {name} must be a {dtype:?} vector, it is {found:?}")));
        }
        Ok(view.data())
    }

    fn numbers<T, const N: usize>(&self, name: &str, dtype: Dtype, read: fn([u8; N]) -> T) -> Result<Vec<T>, Error> {
        Ok(self.bytes(name, dtype)?.as_chunks::<N>().0.iter().map(|&b| read(b)).collect())
    }

    fn ids(&self, name: &str) -> Result<IdMap, Error> {
        let broken = |rule: &str| Error::Artifact(format!("{CATALOG_FILE}: {name}: {rule}"));
        let text = std::str::from_utf8(self.bytes(&format!("{name}.text"), Dtype::U8)?)
            .map_err(|_| broken("text must be UTF-8"))?;
        let ends = self.numbers(&format!("{name}.ends"), Dtype::U64, u64::from_le_bytes)?;
        let mut ids = IdMap::default();
        let mut start = 0;
        for (index, end) in ends.into_iter().enumerate() {
            let end = end as usize;
            let id = text.get(start..end).ok_or_else(|| broken("ends must ascend within the text"))?;
            if ids.insert(id) as usize != index {
                return Err(broken("ids must be unique"));
            }
            start = end;
        }
        if start != text.len() {
            return Err(broken("the last end must be the text's length"));
        }
        Ok(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::DatasetBuilder;

    fn sample() -> Catalog {
        let mut bulk = DatasetBuilder::new();
        bulk.push("zoë", "b", 2, Some("buy"), None);
        bulk.push("zoë", "a", 1, None, None);
        bulk.push("u2", "b", 1, Some("buy"), None);
        bulk.begin_streamed();
        bulk.add_item("日本");
        bulk.push("zoë", "a", 0, None, None);
        bulk.push("streamed", "a", 9, None, None);
        Catalog::new(&bulk.build())
    }

    #[test]
    fn holds_bulk_histories_and_popularity_of_everything() {
        let catalog = sample();
        assert_eq!(catalog.items.iter().collect::<Vec<_>>(), ["b", "a", "日本"]);
        let history = catalog.history("zoë");
        let columns: Vec<_> = history.iter().map(|e| (e.item.0, e.time_s, e.event_type)).collect();
        assert_eq!(columns, [(1, 1, 0), (0, 2, 1)]);
        assert_eq!((catalog.event_type("BUY"), catalog.event_type("view"), catalog.newest_s()), (1, 0, Some(2)));
        assert!(catalog.history("streamed").is_empty());
        assert_eq!(catalog.popularity, [2.0, 2.0, 0.0]);
        assert_eq!(catalog.history_event_types, [0, 1, 1]);
    }

    #[test]
    fn histories_of_removed_users_are_gone_and_the_others_stay() {
        let mut catalog = sample();
        assert!(!catalog.remove_users(&HashSet::from(["nobody".into(), "streamed".into()])));
        let (other, before) = (format!("{:?}", catalog.history("u2")), catalog.to_bytes().unwrap());
        assert!(catalog.remove_users(&HashSet::from(["zoë".into()])));
        assert!(catalog.history("zoë").is_empty());
        assert_eq!(format!("{:?}", catalog.history("u2")), other);
        let after = catalog.to_bytes().unwrap();
        assert!(Catalog::from_bytes(&after).is_ok() && after.len() < before.len());
        assert_eq!(catalog.popularity, sample().popularity);
    }

    #[test]
    fn round_trips() {
        let before = Catalog { impressions: vec![0, 5, 7], ..sample() };
        let bytes = before.to_bytes().unwrap();
        assert_eq!(bytes, before.clone().to_bytes().unwrap());
        let after = Catalog::from_bytes(&bytes).unwrap();
        assert_eq!(after.to_bytes().unwrap(), bytes);
        assert_eq!((after.history("u2")[0].item, after.users.len()), (ItemIx(0), 2));
        assert_eq!(after.impressions, before.impressions);
        let empty = Catalog { offsets: vec![0], ..Catalog::default() };
        assert!(Catalog::from_bytes(&empty.to_bytes().unwrap()).is_ok());
    }

    #[test]
    fn inconsistent_or_damaged_files_are_errors() {
        type Damage = fn(&mut Catalog);
        let broken: [(&str, Damage); 7] = [
            ("times must have one entry per event", |c| c.history_times.clear()),
            ("below items", |c| c.history_items[0] = 3),
            ("one entry more than users", |c| c.offsets.push(3)),
            ("ascend from 0", |c| c.offsets[0] = 1),
            ("end at the events", |c| c.offsets[2] = 2),
            ("below event_types", |c| c.history_event_types[0] = 9),
            ("one entry per item", |c| c.popularity.push(1.0)),
        ];
        for (rule, damage) in broken {
            let mut catalog = sample();
            damage(&mut catalog);
            let error = Catalog::from_bytes(&catalog.to_bytes().unwrap()).unwrap_err().to_string();
            assert!(error.contains(rule), "{error} should contain {rule}");
        }
        let bytes = sample().to_bytes().unwrap();
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x41;
            let _ = Catalog::from_bytes(&flipped);
            assert!(Catalog::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
        }
    }
}
