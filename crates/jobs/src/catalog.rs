//! `catalog.safetensors`: what a model's indices mean, and the histories it starts from.
//!
//! | tensor | type and shape | content |
//! |---|---|---|
//! | `items.text`, `items.ends` | U8 `[bytes]`, U64 `[items]` | item ids in index order, UTF-8, end to end |
//! | `users.text`, `users.ends` | U8 `[bytes]`, U64 `[users]` | ids of the users with a history |
//! | `event_types.text`, `event_types.ends` | U8 `[bytes]`, U64 `[event types]` | event types; the first is the empty one |
//! | `histories.offsets` | U64 `[users + 1]` | where each user's events begin and end |
//! | `histories.items` | U32 `[events]` | item indices, oldest first |
//! | `histories.event_types` | U16 `[events]` | event type indices |
//! | `popularity` | F32 `[items]` | unique users per item |
//!
//! Histories come from bulk data only: streamed events are replayed from their log, so that none counts twice.

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;
use tastemaker_data::{Dataset, IdMap};
use tastemaker_learn::gru::Sequences;
use tastemaker_learn::popularity::{PopularityModel, unique_user_counts};
use tastemaker_recipes::Error;

/// The catalogue's file name in an artifact.
pub const CATALOG_FILE: &str = "catalog.safetensors";

const KIND: &str = "catalog/1";

/// Ids, histories and popularity beside a model.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Item ids by the model's index.
    pub items: IdMap,
    /// Users with a history.
    pub users: IdMap,
    /// Event types; index 0 is the empty one.
    pub event_types: IdMap,
    /// `[users + 1]`: user u's events are `offsets[u]..offsets[u + 1]`.
    pub offsets: Vec<usize>,
    /// `[events]`: item indices, oldest first within a user.
    pub history_items: Vec<u32>,
    /// `[events]`: indices into [`Self::event_types`].
    pub history_event_types: Vec<u16>,
    /// `[items]`: unique users per item in the training data.
    pub popularity: Vec<f32>,
}

impl Catalog {
    /// The catalogue of a model trained on `dataset`, with the histories of `histories`, whose items must be among the
    /// dataset's; an event with another item is left out.
    pub fn new(dataset: &Dataset, histories: &Dataset) -> Self {
        let known: Vec<Option<u32>> = histories.items.iter().map(|id| dataset.items.get(id)).collect();
        let mut catalog = Self {
            items: dataset.items.clone(),
            event_types: histories.event_types.clone(),
            offsets: vec![0],
            popularity: popularity(dataset),
            ..Self::default()
        };
        for (user, sequence) in histories.sequences() {
            catalog.users.insert(histories.users.id(user.0));
            for (&item, &event_type) in sequence.items.iter().zip(sequence.event_types) {
                if let Some(item) = known[item as usize] {
                    catalog.history_items.push(item);
                    catalog.history_event_types.push(event_type);
                }
            }
            catalog.offsets.push(catalog.history_items.len());
        }
        catalog
    }

    /// The history of the user called `id`, item indices oldest first; empty for unknown users.
    pub fn history(&self, id: &str) -> &[u32] {
        match self.users.get(id) {
            Some(user) => &self.history_items[self.offsets[user as usize]..self.offsets[user as usize + 1]],
            None => &[],
        }
    }

    /// Ranks items for users of whom nothing is known.
    pub fn popular(&self) -> Result<PopularityModel, Error> {
        Ok(PopularityModel::from_counts(self.popularity.clone())?)
    }

    /// The file's bytes; equal catalogues give equal bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut tensors: Vec<(String, Dtype, usize, Vec<u8>)> = Vec::new();
        for (name, ids) in [("items", &self.items), ("users", &self.users), ("event_types", &self.event_types)] {
            let text: Vec<u8> = ids.iter().flat_map(str::bytes).collect();
            let ends = ids.iter().scan(0u64, |end, id| {
                *end += id.len() as u64;
                Some(*end)
            });
            let ends: Vec<u8> = ends.flat_map(u64::to_le_bytes).collect();
            tensors.push((format!("{name}.text"), Dtype::U8, text.len(), text));
            tensors.push((format!("{name}.ends"), Dtype::U64, ids.len(), ends));
        }
        let offsets = self.offsets.iter().flat_map(|o| (*o as u64).to_le_bytes()).collect();
        tensors.push(("histories.offsets".into(), Dtype::U64, self.offsets.len(), offsets));
        let items = self.history_items.iter().flat_map(|i| i.to_le_bytes()).collect();
        tensors.push(("histories.items".into(), Dtype::U32, self.history_items.len(), items));
        let types = self.history_event_types.iter().flat_map(|t| t.to_le_bytes()).collect();
        tensors.push(("histories.event_types".into(), Dtype::U16, self.history_event_types.len(), types));
        let counts = self.popularity.iter().flat_map(|c| c.to_le_bytes()).collect();
        tensors.push(("popularity".into(), Dtype::F32, self.popularity.len(), counts));
        let failed = |e: safetensors::SafeTensorError| Error::Artifact(format!("{CATALOG_FILE}: {e}"));
        let views = tensors
            .iter()
            .map(|(name, dtype, len, bytes)| Ok((name, TensorView::new(*dtype, vec![*len], bytes)?)))
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        let metadata = HashMap::from([("kind".to_owned(), KIND.to_owned())]);
        safetensors::serialize(views, Some(metadata)).map_err(failed)
    }

    /// Reads a file that [`Self::to_bytes`] wrote; [`Error::Artifact`] names the tensor and the rule it breaks.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let reader = Reader::new(bytes)?;
        let catalog = Self {
            items: reader.ids("items")?,
            users: reader.ids("users")?,
            event_types: reader.ids("event_types")?,
            offsets: reader.numbers("histories.offsets", Dtype::U64, |b| u64::from_le_bytes(b) as usize)?,
            history_items: reader.numbers("histories.items", Dtype::U32, u32::from_le_bytes)?,
            history_event_types: reader.numbers("histories.event_types", Dtype::U16, u16::from_le_bytes)?,
            popularity: reader.numbers("popularity", Dtype::F32, f32::from_le_bytes)?,
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
            ("histories.event_types must have one entry per event", self.history_event_types.len() == events),
            (
                "histories.event_types must be below event_types",
                self.history_event_types.iter().all(|&t| usize::from(t) < self.event_types.len()),
            ),
            ("popularity must have one entry per item", self.popularity.len() == items),
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

struct Reader<'a>(SafeTensors<'a>);

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let failed = |e: safetensors::SafeTensorError| Error::Artifact(format!("{CATALOG_FILE}: {e}"));
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(failed)?;
        let kind = metadata.metadata().as_ref().and_then(|m| m.get("kind")).map(String::as_str);
        if kind != Some(KIND) {
            return Err(Error::Artifact(format!("{CATALOG_FILE}: kind must be {KIND}, it is {kind:?}")));
        }
        Ok(Self(SafeTensors::deserialize(bytes).map_err(failed)?))
    }

    fn bytes(&self, name: &str, dtype: Dtype) -> Result<&'a [u8], Error> {
        let view = self.0.tensor(name).map_err(|e| Error::Artifact(format!("{CATALOG_FILE}: {name}: {e}")))?;
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
        let histories = bulk.clone().build();
        bulk.add_item("日本");
        bulk.push("streamed", "a", 9, None, None);
        Catalog::new(&bulk.build(), &histories)
    }

    #[test]
    fn holds_bulk_histories_and_popularity_of_everything() {
        let catalog = sample();
        assert_eq!(catalog.items.iter().collect::<Vec<_>>(), ["b", "a", "日本"]);
        assert_eq!(catalog.history("zoë"), [1, 0]);
        assert!(catalog.history("streamed").is_empty());
        assert_eq!(catalog.popularity, [2.0, 2.0, 0.0]);
        assert_eq!(catalog.history_event_types, [0, 1, 1]);
    }

    #[test]
    fn round_trips() {
        let before = sample();
        let bytes = before.to_bytes().unwrap();
        assert_eq!(bytes, sample().to_bytes().unwrap());
        let after = Catalog::from_bytes(&bytes).unwrap();
        assert_eq!(after.to_bytes().unwrap(), bytes);
        assert_eq!((after.history("u2"), after.users.len()), (&[0][..], 2));
        let empty = Catalog { offsets: vec![0], ..Catalog::default() };
        assert!(Catalog::from_bytes(&empty.to_bytes().unwrap()).is_ok());
    }

    #[test]
    fn inconsistent_or_damaged_files_are_errors() {
        type Damage = fn(&mut Catalog);
        let broken: [(&str, Damage); 6] = [
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
