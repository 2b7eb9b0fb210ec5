//! Categories of users, as columns beside the items.
//!
//! A text column has a category for each of its values (several are separated by `|`), a column of numbers one for each
//! tenth of its values. Columns with more values than [`VALUES_MAX`] are names, not categories, and are left out.

use super::TRAIT_WEIGHT;
use super::attributes::key;
use crate::Error;
use std::collections::BTreeMap;
use tastemaker_data::{Column, Table};
use tastemaker_learn::artifact::Tensors;

/// Values of a category column.
const VALUES_MAX: usize = 1000;
const PARTS: usize = 10;

const KEYS: &str = "traits.keys";
const COLUMNS: &str = "traits.columns";
const BOUNDS: &str = "traits.bounds";

/// What was made of the columns of the Users dataset.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Traits {
    /// By the hash of column and value: the place behind the items.
    places: BTreeMap<u64, u32>,
    /// By the hash of a column of numbers: the upper bounds of all tenths but the last.
    bounds: BTreeMap<u64, Vec<f32>>,
}

impl Traits {
    /// Of the users in `table`.
    pub(super) fn of(table: Option<&Table>) -> Self {
        let mut traits = Self::default();
        let Some(table) = table else { return traits };
        for (name, column) in &table.columns {
            if let Some(mut numbers) = numbers(column) {
                numbers.retain(|x| x.is_finite());
                numbers.sort_by(f32::total_cmp);
                if numbers.first() == numbers.last() {
                    continue;
                }
                let bounds = (1..PARTS).map(|part| numbers[numbers.len() * part / PARTS]).collect();
                traits.bounds.insert(key(name, ""), bounds);
            }
            let mut keys: Vec<u64> = Vec::new();
            for row in 0..table.ids.len() {
                keys.extend(traits.keys(name, column, row));
            }
            keys.sort_unstable();
            keys.dedup();
            // One value for all tells nothing.
            if (2..=VALUES_MAX).contains(&keys.len()) {
                traits.places.extend(keys.into_iter().map(|key| (key, 0)));
            }
        }
        traits.places.values_mut().zip(0..).for_each(|(place, n)| *place = n);
        traits
    }

    /// How many places they take.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The columns of a user with a row in `table`, the first of all traits being `from`.
    pub(super) fn columns(&self, from: usize, table: Option<&Table>, user: &str) -> Vec<(u32, f32)> {
        let Some((table, row)) = table.and_then(|table| Some((table, table.ids.get(user)? as usize))) else {
            return Vec::new();
        };
        let keys = table.columns.iter().flat_map(|(name, column)| self.keys(name, column, row));
        let mut places: Vec<u32> = keys.filter_map(|key| self.places.get(&key).copied()).collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|place| (from as u32 + place, TRAIT_WEIGHT)).collect()
    }

    fn keys(&self, name: &str, column: &Column, row: usize) -> Vec<u64> {
        match column {
            Column::Text(values) => match values.get(row).and_then(Option::as_deref) {
                Some(text) => text.split('|').map(str::trim).filter(|v| !v.is_empty()).map(|v| key(name, v)).collect(),
                None => Vec::new(),
            },
            Column::Boolean(values) => {
                values.get(row).copied().flatten().map(|x| key(name, &x.to_string())).into_iter().collect()
            }
            Column::Integer(values) => self.tenth(name, values.get(row).copied().flatten().map(|x| x as f32)),
            Column::Number(values) => self.tenth(name, values.get(row).copied().flatten().map(|x| x as f32)),
        }
    }

    fn tenth(&self, name: &str, value: Option<f32>) -> Vec<u64> {
        let bounds = self.bounds.get(&key(name, ""));
        let known = bounds.zip(value.filter(|x| x.is_finite()));
        known.map(|(bounds, x)| key(name, &bounds.partition_point(|b| *b <= x).to_string())).into_iter().collect()
    }

    pub(super) fn store(&self, tensors: &mut Tensors) {
        let halves = |key: &u64| [(key >> 32) as u32, *key as u32];
        tensors.insert_integers(KEYS, self.places.keys().flat_map(halves).collect());
        tensors.insert_integers(COLUMNS, self.bounds.keys().flat_map(halves).collect());
        let bounds = self.bounds.values().flatten().copied().collect();
        tensors.insert(BOUNDS, &[self.bounds.len(), PARTS - 1], bounds);
    }

    /// What [`Self::store`] wrote.
    pub(super) fn load(tensors: &Tensors) -> Result<Self, Error> {
        let keys = |name: &str| -> Result<Vec<u64>, Error> {
            let halves = tensors.get_integers(name)?.chunks_exact(2);
            Ok(halves.map(|half| u64::from(half[0]) << 32 | u64::from(half[1])).collect())
        };
        let bounds = &tensors.get(BOUNDS, 2)?.data;
        let columns = keys(COLUMNS)?;
        if bounds.len() != columns.len() * (PARTS - 1) {
            return Err(Error::Artifact(format!("{BOUNDS}: {} columns must fit", columns.len())));
        }
        Ok(Self {
            places: keys(KEYS)?.into_iter().zip(0..).collect(),
            bounds: columns.into_iter().zip(bounds.chunks_exact(PARTS - 1).map(<[f32]>::to_vec)).collect(),
        })
    }
}

fn numbers(column: &Column) -> Option<Vec<f32>> {
    match column {
        Column::Integer(values) => Some(values.iter().flatten().map(|&x| x as f32).collect()),
        Column::Number(values) => Some(values.iter().flatten().map(|&x| x as f32).collect()),
        Column::Text(_) | Column::Boolean(_) => None,
    }
}
