//! A table's rows as sparse vectors of unit length.
//!
//! | column | features |
//! |---|---|
//! | text of more than three words between two `\|` on average, or of names: more than one word and hardly two alike | words and pairs of words, `1 + ln(count)`, and subwords ([`text`]) |
//! | other text, and booleans | the values, several being separated by `\|` |
//! | numbers | which tenth of the values it lies in, and by half the tenths beside it |
//!
//! Each is multiplied by `ln(items / items that have it)`. Tenths do not care for scale or outliers; a value that is absent,
//! NaN or infinite has no features, and a column of one value only is left out.

use crate::models::text;
use crate::sentences;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use tastemaker_data::{Column, IdMap, Table};

/// More words than this on average, between two `|`, make a column prose.
const CATEGORY_WORDS_MAX: f64 = 3.0;
/// Texts of so many words, on average, are names if they differ.
const NAME_WORDS_MIN: f64 = 1.5;
/// So many values an item, separated by `|`, make a column one of lists; a `|` in a few titles does not.
const LISTS_MIN: f64 = 1.05;
/// Names differ in at least this share of the items.
const NAMES_DISTINCT: f64 = 0.75;
/// A subword that one item in this many has tells nothing, but for small catalogs.
const SUBWORD_SHARED_BY_ONE_IN: usize = 20;
const SUBWORD_ITEMS: usize = 10;
/// Products of subwords of a column at most: those that the most items share are left out.
const SUBWORD_WORK_MAX: u64 = 1_000_000_000;
/// Texts taken apart at a time, so that memory does not grow with their number.
const TEXTS_PER_CHUNK: usize = 8192;
const PARTS: usize = 10;
const CATEGORY_WEIGHT: f32 = 1.5;
const NUMBER_WEIGHT: f32 = 0.5;
/// When an item was made does not say what it is.
const NOT_CONTENT: &[&str] = &["CREATION_TIMESTAMP"];

/// A column and its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnReport {
    /// The column's name.
    pub name: String,
    /// Its use.
    pub used: ColumnUse,
}

/// The way in which a column was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnUse {
    /// As prose or names, by words and subwords.
    Text,
    /// As one or more values of a category.
    Category,
    /// As a number, by tenths.
    Number,
    /// Not at all, for this reason.
    LeftOut(String),
}

/// Whether texts are taken apart into subwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subwords {
    Used,
    LeftOut,
}

/// Rows by item.
#[derive(Debug, Default)]
pub(crate) struct Features {
    /// `[items]`: `(feature, value)` in ascending order of features, of unit length or empty.
    pub(crate) rows: Vec<Vec<(u32, f32)>>,
    /// Feature indices are below this.
    pub(crate) count: usize,
    /// `[count]`: the features that are subwords; empty without any.
    pub(crate) subwords: Vec<bool>,
}

struct Builder {
    with: Subwords,
    /// By hash: a collision of two features in 64 bits is as good as impossible.
    index: HashMap<u64, u32>,
    /// `[items]`: counts by feature.
    rows: Vec<BTreeMap<u32, f32>>,
    /// `[features]`: what a column's kind is worth.
    weights: Vec<f32>,
    /// `[features]`.
    subwords: Vec<bool>,
}

/// Of the column, the kind and the words.
fn hash(column: usize, kind: u8, words: &[&str]) -> u64 {
    let bytes = column.to_le_bytes().into_iter().chain([kind]);
    text::fnv1a(bytes.chain(words.iter().flat_map(|word| word.bytes().chain([0]))))
}

/// The subwords of a text with what each counts, by ascending hash, each once.
fn subwords(column: usize, text: &str) -> Vec<(u64, f32)> {
    let mut found: Vec<(u64, f32)> = Vec::new();
    text::subwords(text::words(&text::normalized(text)), |letters, share| {
        let bytes = column.to_le_bytes().into_iter().chain([5]);
        let letters = letters.iter().flat_map(|letter| u32::from(*letter).to_le_bytes());
        found.push((text::fnv1a(bytes.chain(letters)), share));
    });
    found.sort_unstable_by_key(|subword| subword.0);
    found.dedup_by(|next, kept| {
        next.0 == kept.0 && {
            kept.1 += next.1;
            true
        }
    });
    found
}

impl Builder {
    fn add(&mut self, item: u32, key: u64, count: f32, weight: f32) {
        let next = self.index.len() as u32;
        let feature = *self.index.entry(key).or_insert(next);
        if feature == next {
            self.weights.push(weight);
            self.subwords.push(false);
        }
        *self.rows[item as usize].entry(feature).or_insert(0.0) += count;
    }

    fn text(&mut self, column: usize, values: &[(u32, &str)]) -> ColumnUse {
        let words: usize = values.iter().map(|(_, value)| text::words(value).count()).sum();
        let parts: usize = values.iter().map(|(_, value)| value.split('|').count()).sum();
        let words = words as f64 / parts.max(1) as f64;
        let are_lists = parts as f64 > LISTS_MIN * values.len() as f64;
        let are_names = !are_lists && words >= NAME_WORDS_MIN && are_distinct(values);
        if words <= CATEGORY_WORDS_MAX && !are_names {
            let values = values.iter().flat_map(|(item, text)| text.split('|').map(move |value| (*item, value.trim())));
            return self.category(column, values);
        }
        for &(item, value) in values {
            let value = text::normalized(value);
            let words: Vec<&str> = text::words(&value).collect();
            words.iter().for_each(|word| self.add(item, hash(column, 1, &[word]), 1.0, 1.0));
            words.windows(2).for_each(|pair| self.add(item, hash(column, 2, pair), 1.0, 1.0));
        }
        if self.with == Subwords::Used {
            self.add_subwords(column, values);
        }
        ColumnUse::Text
    }

    /// Those that several items share, but not many.
    fn add_subwords(&mut self, column: usize, values: &[(u32, &str)]) {
        let chunks = || values.chunks(TEXTS_PER_CHUNK);
        let apart = |chunk: &[(u32, &str)]| -> Vec<Vec<(u64, f32)>> {
            chunk.par_iter().map(|value| subwords(column, value.1)).collect()
        };
        let mut having: HashMap<u64, u32> = HashMap::new();
        for (key, _) in chunks().flat_map(|chunk| apart(chunk).into_iter().flatten()) {
            *having.entry(key).or_insert(0) += 1;
        }
        let most = shared_by_at_most(having.values().copied(), self.rows.len());
        having.retain(|_, n| (2..=most).contains(n));
        for (chunk, found) in chunks().map(|chunk| (chunk, apart(chunk))) {
            for (&(item, _), subwords) in chunk.iter().zip(found) {
                for (key, share) in subwords.into_iter().filter(|subword| having.contains_key(&subword.0)) {
                    let first = self.subwords.len();
                    self.add(item, key, share, 1.0);
                    self.subwords.iter_mut().skip(first).for_each(|is_subword| *is_subword = true);
                }
            }
        }
    }

    fn category<'a>(&mut self, column: usize, values: impl Iterator<Item = (u32, &'a str)>) -> ColumnUse {
        let values: Vec<(u32, &str)> = values.filter(|(_, value)| !value.is_empty()).collect();
        if values.windows(2).all(|pair| pair[0].1 == pair[1].1) {
            return ColumnUse::LeftOut(sentences::ONE_VALUE.with(&[]));
        }
        for (item, value) in values {
            self.add(item, hash(column, 3, &[value]), 1.0, CATEGORY_WEIGHT);
        }
        ColumnUse::Category
    }

    fn numbers(&mut self, column: usize, values: &[(u32, f64)]) -> ColumnUse {
        let finite: Vec<(u32, f64)> = values.iter().copied().filter(|(_, value)| value.is_finite()).collect();
        let mut sorted: Vec<f64> = finite.iter().map(|v| v.1).collect();
        sorted.sort_by(f64::total_cmp);
        match (sorted.first(), sorted.last()) {
            (Some(first), Some(last)) if first < last => {}
            (Some(_), _) => return ColumnUse::LeftOut(sentences::ONE_VALUE.with(&[])),
            _ => return ColumnUse::LeftOut(sentences::NO_FINITE_VALUE.with(&[])),
        }
        for (item, value) in finite {
            // The middle of equal values, so that they share a part.
            let below = sorted.partition_point(|&other| other < value);
            let upto = sorted.partition_point(|&other| other <= value);
            let part = ((below + upto) * PARTS / (2 * sorted.len())).min(PARTS - 1);
            for (part, count) in [(part.wrapping_sub(1), 0.5), (part, 1.0), (part + 1, 0.5)] {
                if part < PARTS {
                    self.add(item, hash(column, 4, &[&part.to_string()]), count, NUMBER_WEIGHT);
                }
            }
        }
        ColumnUse::Number
    }

    fn finish(self) -> Features {
        let n = self.rows.iter().filter(|row| !row.is_empty()).count() as f32;
        let mut having = vec![0.0f32; self.weights.len()];
        self.rows.iter().flat_map(BTreeMap::keys).for_each(|&feature| having[feature as usize] += 1.0);
        let scaled = |row: BTreeMap<u32, f32>| {
            let value = |feature: u32, count: f32| {
                let at = feature as usize;
                (if count > 1.0 { 1.0 + count.ln() } else { count }) * (n / having[at]).ln() * self.weights[at]
            };
            let mut row: Vec<(u32, f32)> = row.into_iter().map(|(f, count)| (f, value(f, count))).collect();
            let length = row.iter().map(|(_, x)| x * x).sum::<f32>().sqrt();
            row.iter_mut().for_each(|(_, x)| *x /= length.max(1e-12));
            row.retain(|(_, x)| *x != 0.0);
            row
        };
        Features { rows: self.rows.into_iter().map(scaled).collect(), count: having.len(), subwords: self.subwords }
    }
}

/// Whether hardly two values are alike.
fn are_distinct(values: &[(u32, &str)]) -> bool {
    let distinct: HashSet<&str> = values.iter().map(|value| value.1).collect();
    distinct.len() as f64 >= NAMES_DISTINCT * values.len() as f64
}

/// The items that may share a subword, by the items that share each, so that comparing `items` by them costs no more than
/// [`SUBWORD_WORK_MAX`].
fn shared_by_at_most(having: impl Iterator<Item = u32>, items: usize) -> u32 {
    let most = u32::try_from((items / SUBWORD_SHARED_BY_ONE_IN).max(SUBWORD_ITEMS)).unwrap_or(u32::MAX);
    let mut counted: BTreeMap<u32, u64> = BTreeMap::new();
    having.filter(|n| (2..=most).contains(n)).for_each(|n| *counted.entry(n).or_insert(0) += 1);
    let mut work = 0u64;
    let within = counted.into_iter().take_while(|&(n, count)| {
        work = work.saturating_add(u64::from(n).pow(2).saturating_mul(count));
        work <= SUBWORD_WORK_MAX
    });
    within.last().map_or(1, |(n, _)| n)
}

impl Features {
    /// One row for each of `items`, in their order; rows of `table` with other ids are ignored.
    pub(crate) fn new(table: &Table, items: &IdMap, with: Subwords) -> (Self, Vec<ColumnReport>) {
        let mut builder = Builder {
            with,
            index: HashMap::new(),
            rows: vec![BTreeMap::new(); items.len()],
            weights: Vec::new(),
            subwords: Vec::new(),
        };
        let items_by_row: Vec<Option<u32>> = table.ids.iter().map(|id| items.get(id)).collect();
        let mut reports = Vec::new();
        for (at, (name, column)) in table.columns.iter().enumerate() {
            let used = if NOT_CONTENT.contains(&name.as_str()) {
                ColumnUse::LeftOut(sentences::NO_CONTENT.with(&[]))
            } else {
                builder.column(at, column, &items_by_row)
            };
            reports.push(ColumnReport { name: name.clone(), used });
        }
        (builder.finish(), reports)
    }

    /// `[count]`: the items that have a feature, each with its value.
    pub(super) fn by_feature(&self) -> Vec<Vec<(u32, f32)>> {
        let mut having = vec![Vec::new(); self.count];
        for (item, row) in (0u32..).zip(&self.rows) {
            row.iter().for_each(|&(feature, value)| having[feature as usize].push((item, value)));
        }
        having
    }

    /// Leaves each row its `most` greatest values, of unit length again.
    pub(crate) fn keep_weightiest(&mut self, most: usize) {
        for row in self.rows.iter_mut().filter(|row| row.len() > most) {
            row.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            row.truncate(most);
            row.sort_unstable_by_key(|feature| feature.0);
            let length = row.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
            row.iter_mut().for_each(|(_, value)| *value /= length.max(f32::MIN_POSITIVE));
        }
    }
}

impl Builder {
    fn column(&mut self, at: usize, column: &Column, items_by_row: &[Option<u32>]) -> ColumnUse {
        fn known<'a, T, V>(
            values: &'a [Option<T>],
            items_by_row: &'a [Option<u32>],
            read: impl Fn(&'a T) -> V + 'a,
        ) -> impl Iterator<Item = (u32, V)> + 'a {
            values.iter().zip(items_by_row).filter_map(move |(value, item)| Some(((*item)?, read(value.as_ref()?))))
        }
        match column {
            Column::Text(values) => {
                let values: Vec<(u32, &str)> = known(values, items_by_row, |text| &**text).collect();
                self.text(at, &values)
            }
            Column::Integer(values) => {
                self.numbers(at, &known(values, items_by_row, |&x| x as f64).collect::<Vec<_>>())
            }
            Column::Number(values) => self.numbers(at, &known(values, items_by_row, |&x| x).collect::<Vec<_>>()),
            Column::Boolean(values) => {
                self.category(at, known(values, items_by_row, |&x| if x { "true" } else { "false" }))
            }
        }
    }
}
