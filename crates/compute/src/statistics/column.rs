//! The statistics of one column.

use super::hash_sample::{HashSample, HashedMap, hash_of};
use super::numbers::Numbers;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use tastemaker_domain::dataset_statistics::{ColumnStatistics, TextStatistics, VALUE_CHARS_MAX, ValueCount};
use tastemaker_domain::schema::{DatasetType, Field, FieldType};

/// Distinct values up to which their number is exact.
const DISTINCT_MAX: usize = 8_192;
/// Distinct values that are counted each, those that come first.
const COUNTED_MAX: usize = 4_096;
/// The most frequent values that are kept.
const TOP_MAX: usize = 20;
/// Samples that are kept.
const SAMPLES_MAX: usize = 3;
/// Texts whose letters are looked at.
const TEXTS_LOOKED_AT: u64 = 1_000;

/// A column as its rows come.
pub(super) struct Column {
    field: Field,
    role: Role,
    empty: u64,
    filled: u64,
    distinct: HashSample<()>,
    counted: HashedMap<Counted>,
    numbers: Numbers,
    text: Text,
    joined: u64,
    samples: Vec<String>,
}

/// Counts of a column's values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// An id, whose distinct values somebody else counts.
    CountedElsewhere,
    /// Values that repeat.
    Value,
    /// Free text.
    Text,
    Number,
    /// A number that says when.
    Time,
}

struct Counted {
    value: Box<str>,
    rows: u64,
}

#[derive(Default)]
struct Text {
    chars: u64,
    chars_max: u64,
    looked_at: u64,
    scripts: [u64; SCRIPTS.len()],
}

const SCRIPTS: [&str; 6] = ["latin", "hangul", "kana", "han", "cyrillic", "other"];

impl Column {
    /// A column of the schema; `counted_elsewhere` for the ids of interactions.
    pub fn new(dataset_type: DatasetType, field: &Field, counted_elsewhere: bool) -> Self {
        let is_time = field.name.ends_with("TIMESTAMP");
        let role = match field.field_type {
            _ if counted_elsewhere => Role::CountedElsewhere,
            FieldType::String if field.textual => Role::Text,
            FieldType::String if !field.is_event_value(dataset_type) => Role::Value,
            FieldType::Boolean => Role::Value,
            _ if is_time => Role::Time,
            _ => Role::Number,
        };
        Self {
            field: field.clone(),
            role,
            empty: 0,
            filled: 0,
            distinct: HashSample::new(DISTINCT_MAX),
            counted: HashedMap::default(),
            numbers: Numbers::new(),
            text: Text::default(),
            joined: 0,
            samples: Vec::new(),
        }
    }

    /// The name of the column.
    pub fn name(&self) -> &str {
        &self.field.name
    }

    /// Takes the values of `rows` rows; none of a file without the column.
    pub fn see(&mut self, values: Option<&ArrayRef>, rows: usize) {
        let Some(values) = values else {
            self.empty += rows as u64;
            return;
        };
        if let Some(texts) = values.as_string_opt::<i32>() {
            for text in texts.iter() {
                match text.filter(|text| !text.is_empty()) {
                    Some(text) => self.see_text(text),
                    None => self.empty += 1,
                }
            }
        } else if let Some(integers) = values.as_primitive_opt::<Int64Type>() {
            integers.iter().for_each(|value| self.see_number(value.map(|value| value as f64)));
        } else if let Some(numbers) = values.as_primitive_opt::<Float64Type>() {
            numbers.iter().for_each(|value| self.see_number(value));
        } else if let Some(booleans) = values.as_boolean_opt() {
            for value in booleans.iter() {
                match value {
                    Some(value) => self.see_text(if value { "true" } else { "false" }),
                    None => self.empty += 1,
                }
            }
        } else {
            self.empty += values.len() as u64;
        }
    }

    fn see_number(&mut self, value: Option<f64>) {
        let Some(value) = value else {
            self.empty += 1;
            return;
        };
        self.filled += 1;
        self.distinct.update(hash_of(value.to_bits()), |()| ());
        self.numbers.see(value);
        if self.samples.len() < SAMPLES_MAX {
            self.sample(&value.to_string());
        }
    }

    fn see_text(&mut self, text: &str) {
        self.filled += 1;
        if self.samples.len() < SAMPLES_MAX {
            self.sample(text);
        }
        match self.role {
            Role::CountedElsewhere => {}
            Role::Text => {
                self.distinct.update(hash_of(text), |()| ());
                self.text.see(text);
            }
            Role::Value => {
                self.joined += u64::from(is_joined(text));
                let hash = hash_of(text);
                self.distinct.update(hash, |()| ());
                if let Some(counted) = self.counted.get_mut(&hash) {
                    counted.rows += 1;
                } else if self.counted.len() < COUNTED_MAX {
                    self.counted.insert(hash, Counted { value: cut(text).into(), rows: 1 });
                }
            }
            // Values of events that the schema keeps as text.
            Role::Number | Role::Time => {
                self.distinct.update(hash_of(text), |()| ());
                if let Some(value) = crate::event_values::number(text) {
                    self.numbers.see(value);
                }
            }
        }
    }

    fn sample(&mut self, text: &str) {
        let text = cut(text);
        if !self.samples.contains(&text) {
            self.samples.push(text);
        }
    }

    /// The statistics. Ids that are counted elsewhere have their number of distinct values and whether it is an estimate from
    /// there.
    pub fn finish(self, elsewhere: Option<(u64, bool)>) -> ColumnStatistics {
        let mut top: Vec<_> = self.counted.into_values().filter(|counted| counted.rows > 1).collect();
        top.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.value.cmp(&b.value)));
        top.truncate(TOP_MAX);
        let numbers =
            matches!(self.role, Role::Number | Role::Time).then(|| self.numbers.finish(self.role == Role::Number));
        let (distinct, distinct_is_estimate) =
            elsewhere.unwrap_or_else(|| (self.distinct.distinct(), self.distinct.is_estimate()));
        ColumnStatistics {
            name: self.field.name,
            field_type: self.field.field_type,
            nullable: self.field.nullable,
            categorical: self.field.categorical,
            textual: self.field.textual,
            empty: self.empty,
            distinct: distinct.min(self.filled),
            distinct_is_estimate,
            top: top
                .into_iter()
                .map(|counted| ValueCount { value: counted.value.into(), rows: counted.rows })
                .collect(),
            joined: self.joined,
            numbers: numbers.flatten(),
            text: (self.role == Role::Text).then(|| self.text.finish(self.filled)),
            samples: self.samples,
        }
    }
}

impl Text {
    fn see(&mut self, text: &str) {
        let chars = text.chars().count() as u64;
        self.chars += chars;
        self.chars_max = self.chars_max.max(chars);
        if self.looked_at < TEXTS_LOOKED_AT {
            self.looked_at += 1;
            text.chars().take(200).filter(|c| c.is_alphabetic()).for_each(|c| self.scripts[script(c)] += 1);
        }
    }

    fn finish(&self, filled: u64) -> TextStatistics {
        let most = self.scripts.iter().enumerate().max_by_key(|(n, count)| (**count, std::cmp::Reverse(*n)));
        // Japanese is written with more Han characters than kana, and Chinese without any kana.
        let script = match most {
            Some((_, 0)) | None => "",
            Some((3, _)) if self.scripts[2] > 0 => SCRIPTS[2],
            Some((n, _)) => SCRIPTS[n],
        };
        TextStatistics {
            chars_mean: self.chars as f64 / filled.max(1) as f64,
            chars_max: self.chars_max,
            script: script.to_owned(),
        }
    }
}

/// The place of a letter's script in [`SCRIPTS`].
fn script(letter: char) -> usize {
    match u32::from(letter) {
        0x41..=0x24F | 0x1E00..=0x1EFF => 0,
        0x1100..=0x11FF | 0x3130..=0x318F | 0xAC00..=0xD7AF => 1,
        0x3040..=0x30FF => 2,
        0x4E00..=0x9FFF | 0x3400..=0x4DBF => 3,
        0x400..=0x52F => 4,
        _ => 5,
    }
}

/// Whether a value looks like several: with `|`, or with commas that no blank follows, as text has none.
fn is_joined(text: &str) -> bool {
    let bytes = text.as_bytes();
    let comma = |at: usize| bytes[at] == b',' && bytes.get(at + 1).is_some_and(|next| !next.is_ascii_whitespace());
    text.contains('|') || (0..bytes.len()).any(comma)
}

/// The beginning of a value.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{BooleanArray, StringArray};
    use std::sync::Arc;

    fn field(field_type: FieldType, textual: bool) -> Field {
        Field { name: "C".into(), field_type, nullable: true, categorical: false, textual, item_name: false }
    }

    fn texts(textual: bool, values: &[Option<&str>]) -> ColumnStatistics {
        let mut column = Column::new(DatasetType::Items, &field(FieldType::String, textual), false);
        let array: ArrayRef = Arc::new(StringArray::from(values.to_vec()));
        column.see(Some(&array), values.len());
        column.finish(None)
    }

    #[test]
    fn values_are_counted_and_gaps_too() {
        let found = texts(false, &[Some("a"), None, Some("b|c"), Some("a"), Some(""), Some("x,y"), Some("x, y")]);
        assert_eq!((found.empty, found.distinct, found.distinct_is_estimate, found.joined), (2, 4, false, 2));
        assert_eq!(found.top, [ValueCount { value: "a".into(), rows: 2 }]);
        assert_eq!(found.samples, ["a", "b|c", "x,y"]);
        assert!((found.filled_share(7) - 5.0 / 7.0).abs() < 1e-12);
    }

    #[test]
    fn a_file_without_the_column_and_booleans() {
        let mut column = Column::new(DatasetType::Items, &field(FieldType::Boolean, false), false);
        column.see(None, 5);
        let array: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), Some(true), None, Some(false)]));
        column.see(Some(&array), 4);
        let found = column.finish(None);
        assert_eq!((found.empty, found.distinct, found.top[0].rows), (6, 2, 2));
    }

    #[test]
    fn texts_have_a_length_and_a_script() {
        for (text, script) in [
            ("Blue kettle", "latin"),
            ("파란 주전자", "hangul"),
            ("青いやかん", "kana"),
            ("蓝色水壶", "han"),
            ("Синий чайник", "cyrillic"),
            ("123", ""),
        ] {
            let found = texts(true, &[Some(text)]).text.unwrap();
            assert_eq!((found.script.as_str(), found.chars_max), (script, text.chars().count() as u64), "{text}");
        }
    }

    #[test]
    fn long_values_are_cut() {
        let long = "é".repeat(100);
        let found = texts(false, &[Some(&long), Some(&long)]);
        assert_eq!(found.samples[0].chars().count(), VALUE_CHARS_MAX + 1);
        assert_eq!(found.top[0].value.chars().count(), VALUE_CHARS_MAX + 1);
    }
}
