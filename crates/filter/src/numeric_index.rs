//! An index of one numeric column for ranges: the items in ascending order of their values, with bitmaps of its prefixes.

use crate::ast::Comparison;
use crate::number::Number;
use std::cmp::Ordering;
use std::ops::Range;
use tastemaker_data::{Bitmap, ItemIx};

/// Sets of the first 1/64, 2/64, ... of the items, so that any range is two of them and at most 2/64 single items.
const BEGINNINGS: usize = 64;

/// Ranks apart that two neighbouring beginnings are at least: below that, single bits are as fast.
const STEP_MIN: usize = 1024;

/// Numbers in ascending order, with their items.
pub(crate) struct NumericIndex {
    len: usize,
    numbers: Vec<Number>,
    /// `[numbers]`: equal numbers in ascending item order.
    items: Vec<u32>,
    step: usize,
    /// `beginnings[k]`: the items of the first `(k + 1) * step` numbers.
    beginnings: Vec<Bitmap>,
}

impl NumericIndex {
    /// `cells` in the order of the items, absent where the item has none.
    pub fn new(len: usize, cells: impl Iterator<Item = Option<Number>>) -> Self {
        let mut pairs: Vec<(Number, u32)> =
            cells.enumerate().filter_map(|(item, cell)| cell.map(|number| (number, item as u32))).collect();
        pairs.sort_by(|a, b| a.0.compare(b.0));
        let (numbers, items): (Vec<_>, Vec<u32>) = pairs.into_iter().unzip();
        let step = (items.len() / BEGINNINGS).max(STEP_MIN);
        let mut so_far = Bitmap::new(len);
        let beginnings = items.chunks_exact(step).map(|chunk| {
            chunk.iter().for_each(|&item| so_far.set(ItemIx(item)));
            so_far.clone()
        });
        Self { beginnings: beginnings.collect(), len, numbers, items, step }
    }

    /// The items whose number compares so with `number`; those without one only for `!=`.
    pub fn matching(&self, comparison: Comparison, number: Number) -> Bitmap {
        let equal = self.equal(number);
        let ranks = match comparison {
            Comparison::Less => 0..equal.start,
            Comparison::LessOrEqual => 0..equal.end,
            Comparison::Greater => equal.end..self.numbers.len(),
            Comparison::GreaterOrEqual => equal.start..self.numbers.len(),
            Comparison::Equal | Comparison::NotEqual => equal,
        };
        let mut set = self.of_ranks(ranks);
        if comparison == Comparison::NotEqual {
            set.not();
        }
        set
    }

    /// Adds the items whose number equals `number` to `set`.
    pub fn add(&self, number: Number, set: &mut Bitmap) {
        let ranks = self.equal(number);
        match ranks.len() > self.step {
            true => set.or(&self.of_ranks(ranks)),
            false => self.items[ranks].iter().for_each(|&item| set.set(ItemIx(item))),
        }
    }

    fn equal(&self, number: Number) -> Range<usize> {
        let below = self.numbers.partition_point(|n| n.compare(number) == Ordering::Less);
        below..below + self.numbers[below..].partition_point(|n| n.compare(number) == Ordering::Equal)
    }

    fn of_ranks(&self, ranks: Range<usize>) -> Bitmap {
        if ranks.len() <= self.step {
            let mut set = Bitmap::new(self.len);
            self.items[ranks].iter().for_each(|&item| set.set(ItemIx(item)));
            return set;
        }
        let mut set = self.beginning(ranks.end);
        if ranks.start > 0 {
            set.andnot(&self.beginning(ranks.start));
        }
        set
    }

    /// The items of the first `ranks` numbers.
    fn beginning(&self, ranks: usize) -> Bitmap {
        let whole = ranks / self.step;
        let mut set = match whole.checked_sub(1) {
            Some(k) => self.beginnings[k].clone(),
            None => Bitmap::new(self.len),
        };
        self.items[whole * self.step..ranks].iter().for_each(|&item| set.set(ItemIx(item)));
        set
    }
}
