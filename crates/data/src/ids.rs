//! Dense indices for external ids.

use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::sync::Arc;

/// A user's dense index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserIx(pub u32);

/// An item's dense index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemIx(pub u32);

/// External id <-> dense index, in order of first insertion. Ids are held once, in one buffer, which clones share until one of them
/// takes in a new id.
#[derive(Debug, Clone, Default)]
pub struct IdMap {
    ids: Arc<Ids>,
}

#[derive(Debug, Clone, Default)]
struct Ids {
    text: String,
    ends: Vec<usize>,
    table: HashTable<u32>,
    hasher: hashbrown::DefaultHashBuilder,
}

impl IdMap {
    /// The number of ids.
    pub fn len(&self) -> usize {
        self.ids.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.ends.is_empty()
    }

    /// The id at `index`. Panics when out of range, like slice indexing.
    pub fn id(&self, index: u32) -> &str {
        self.ids.id(index)
    }

    /// The index of `id`, if it was inserted.
    pub fn get(&self, id: &str) -> Option<u32> {
        self.ids.get(id)
    }

    /// The index of `id`, inserting it at the end if it is new.
    pub fn insert(&mut self, id: &str) -> u32 {
        match self.get(id) {
            Some(index) => index,
            None => Arc::make_mut(&mut self.ids).add(id),
        }
    }

    /// All ids in index order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|ix| self.id(ix))
    }
}

impl Ids {
    fn id(&self, index: u32) -> &str {
        let index = index as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }

    fn get(&self, id: &str) -> Option<u32> {
        self.table.find(self.hasher.hash_one(id), |&ix| self.id(ix) == id).copied()
    }

    /// Inserts an id that is not there.
    fn add(&mut self, id: &str) -> u32 {
        let index = self.ends.len() as u32;
        self.text.push_str(id);
        self.ends.push(self.text.len());
        let Self { text, ends, table, hasher } = self;
        let id_at = |ix: u32| {
            let ix = ix as usize;
            &text[if ix == 0 { 0 } else { ends[ix - 1] }..ends[ix]]
        };
        table.insert_unique(hasher.hash_one(id), index, |&ix| hasher.hash_one(id_at(ix)));
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_follow_first_insertion_and_survive_growth() {
        let mut map = IdMap::default();
        for round in 0..2 {
            for n in 0..1000u32 {
                assert_eq!(map.insert(&format!("id-{n}")), n, "round {round}");
            }
        }
        assert_eq!(map.len(), 1000);
        assert_eq!(map.get("id-999"), Some(999));
        assert_eq!(map.get(""), None);
        assert_eq!(map.insert(""), 1000);
        assert_eq!(map.id(1000), "");
        assert_eq!(map.iter().nth(7), Some("id-7"));
    }

    #[test]
    fn clones_go_their_own_ways() {
        let mut one = IdMap::default();
        one.insert("a");
        let mut other = one.clone();
        assert_eq!((one.insert("a"), other.insert("b"), one.insert("c")), (0, 1, 1));
        assert_eq!((one.get("b"), other.get("c"), one.id(1), other.id(1)), (None, None, "c", "b"));
    }

    #[test]
    fn one_empty_id_is_not_none() {
        let mut map = IdMap::default();
        assert!(map.is_empty());
        assert_eq!((map.insert(""), map.insert("a"), map.insert("")), (0, 1, 0));
        assert!(!map.is_empty());
        assert_eq!((map.id(0), map.id(1), map.get("a"), map.get("b")), ("", "a", Some(1), None));
    }
}
