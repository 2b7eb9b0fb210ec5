//! Dense indices for external ids.

use hashbrown::HashTable;
use std::hash::BuildHasher;

/// A user's dense index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserIx(pub u32);

/// An item's dense index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemIx(pub u32);

/// External id <-> dense index, in order of first insertion. Ids are held once, in one buffer.
#[derive(Debug, Clone, Default)]
pub struct IdMap {
    text: String,
    ends: Vec<usize>,
    table: HashTable<u32>,
    hasher: hashbrown::DefaultHashBuilder,
}

impl IdMap {
    /// The number of ids.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The id at `index`. Panics when out of range, like slice indexing.
    pub fn id(&self, index: u32) -> &str {
        let index = index as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }

    /// The index of `id`, if it was inserted.
    pub fn get(&self, id: &str) -> Option<u32> {
        self.table.find(self.hasher.hash_one(id), |&ix| self.id(ix) == id).copied()
    }

    /// The index of `id`, inserting it at the end if it is new.
    pub fn insert(&mut self, id: &str) -> u32 {
        if let Some(index) = self.get(id) {
            return index;
        }
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

    /// All ids in index order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len() as u32).map(|ix| self.id(ix))
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
    fn one_empty_id_is_not_none() {
        let mut map = IdMap::default();
        assert!(map.is_empty());
        assert_eq!((map.insert(""), map.insert("a"), map.insert("")), (0, 1, 0));
        assert!(!map.is_empty());
        assert_eq!((map.id(0), map.id(1), map.get("a"), map.get("b")), ("", "a", Some(1), None));
    }
}
