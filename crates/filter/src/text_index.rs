//! An inverted index of one text column: the items that have each value.

use tastemaker_data::{Bitmap, IdMap, ItemIx};

/// A value held by more than one item in this many is kept as a bitmap beside its list.
const DENSE_SHARE: usize = 64;

/// Value -> ascending items.
pub(crate) struct TextIndex {
    values: IdMap,
    /// `[values + 1]`: the items of value v are `items[offsets[v]..offsets[v + 1]]`.
    offsets: Vec<u32>,
    items: Vec<u32>,
    /// `[values]`: the same items, for values that many have.
    dense: Vec<Option<Bitmap>>,
}

impl TextIndex {
    /// `cells` in the order of the items, absent where the item has none.
    pub fn new<'a>(len: usize, cells: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut values = IdMap::default();
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for (item, cell) in cells.enumerate() {
            let first = pairs.len();
            for part in cell.into_iter().flat_map(parts) {
                let pair = (values.insert(part), item as u32);
                if !pairs[first..].contains(&pair) {
                    pairs.push(pair);
                }
            }
        }
        let mut offsets = vec![0u32; values.len() + 1];
        for &(value, _) in &pairs {
            offsets[value as usize + 1] += 1;
        }
        for v in 1..offsets.len() {
            offsets[v] += offsets[v - 1];
        }
        let mut ends = offsets.clone();
        let mut items = vec![0u32; pairs.len()];
        for (value, item) in pairs {
            items[ends[value as usize] as usize] = item;
            ends[value as usize] += 1;
        }
        let dense = offsets.windows(2).map(|range| {
            let members = &items[range[0] as usize..range[1] as usize];
            (members.len() * DENSE_SHARE > len).then(|| {
                let mut set = Bitmap::new(len);
                members.iter().for_each(|&item| set.set(ItemIx(item)));
                set
            })
        });
        Self { dense: dense.collect(), values, offsets, items }
    }

    /// Adds the items that have `value` to `set`.
    pub fn add(&self, value: &str, set: &mut Bitmap) {
        let Some(value) = self.values.get(value).map(|v| v as usize) else { return };
        match &self.dense[value] {
            Some(members) => set.or(members),
            None => {
                let members = self.offsets[value] as usize..self.offsets[value + 1] as usize;
                self.items[members].iter().for_each(|&item| set.set(ItemIx(item)));
            }
        }
    }

    /// The items that have `value`, where they are kept as a bitmap.
    pub fn dense(&self, value: &str) -> Option<&Bitmap> {
        self.dense[self.values.get(value)? as usize].as_ref()
    }
}

/// The values of a cell.
pub(crate) fn parts(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('|')
}
