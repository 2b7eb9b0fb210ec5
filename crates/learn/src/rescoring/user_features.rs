//! Categories of users, from their metadata.
//!
//! A text column has a category for each of its values (several are separated by `|`), a column of numbers one for each
//! tenth of its values. Columns with more values than [`VALUES_MAX`] are names, not categories, and are left out.

use crate::Error;
use crate::artifact::Tensors;
use std::collections::BTreeMap;
use tastemaker_data::contexts::{self, key};
use tastemaker_data::{Column, Table};

/// Values of a category column.
const VALUES_MAX: usize = 1000;
const PARTS: usize = 10;

const KEYS: &str = "traits.keys";
const COLUMNS: &str = "traits.columns";
const BOUNDS: &str = "traits.bounds";

/// Categories made of the columns of the Users dataset.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UserFeatures {
    /// By the hash of column and value: the category's number.
    categories: BTreeMap<u64, u32>,
    /// By the hash of a column of numbers: the upper bounds of all tenths but the last.
    bounds: BTreeMap<u64, Vec<f32>>,
}

impl UserFeatures {
    /// Of the users in `table`.
    pub fn of(table: &Table) -> Self {
        let mut features = Self::default();
        for (name, column) in &table.columns {
            if let Some(mut numbers) = numbers(column) {
                numbers.retain(|x| x.is_finite());
                numbers.sort_by(f32::total_cmp);
                if numbers.first() == numbers.last() {
                    continue;
                }
                let bounds = (1..PARTS).map(|part| numbers[numbers.len() * part / PARTS]).collect();
                features.bounds.insert(key(name, ""), bounds);
            }
            let mut keys: Vec<u64> = Vec::new();
            for row in 0..table.ids.len() {
                keys.extend(features.keys(name, column, row));
            }
            keys.sort_unstable();
            keys.dedup();
            // One value for all tells nothing.
            if (2..=VALUES_MAX).contains(&keys.len()) {
                features.categories.extend(keys.into_iter().map(|key| (key, 0)));
            }
        }
        features.categories.values_mut().zip(0..).for_each(|(category, n)| *category = n);
        features
    }

    /// The number of categories.
    pub fn len(&self) -> usize {
        self.categories.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.categories.is_empty()
    }

    /// Whether a column was one of numbers.
    pub fn is_numeric(&self, column: &str) -> bool {
        self.bounds.contains_key(&key(column, ""))
    }

    /// The categories of the user in row `row` of `table`, ascending; columns and values of which training knew nothing are
    /// passed over.
    pub fn categories(&self, table: &Table, row: usize) -> Vec<u32> {
        let keys = table.columns.iter().flat_map(|(name, column)| self.keys(name, column, row));
        let mut categories: Vec<u32> = keys.filter_map(|key| self.categories.get(&key).copied()).collect();
        categories.sort_unstable();
        categories.dedup();
        categories
    }

    fn keys(&self, name: &str, column: &Column, row: usize) -> Vec<u64> {
        match column {
            Column::Text(values) => match values.get(row).and_then(Option::as_deref) {
                Some(text) => contexts::values(text).map(|v| key(name, v)).collect(),
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

    /// Puts them beside a model's tensors.
    pub fn store(&self, tensors: &mut Tensors) {
        tensors.insert_keys(KEYS, self.categories.keys());
        tensors.insert_keys(COLUMNS, self.bounds.keys());
        let bounds = self.bounds.values().flatten().copied().collect();
        tensors.insert(BOUNDS, &[self.bounds.len(), PARTS - 1], bounds);
    }

    /// The features that [`Self::store`] wrote.
    pub fn load(tensors: &Tensors) -> Result<Self, Error> {
        let bounds = &tensors.get(BOUNDS, 2)?.data;
        let columns: Vec<u64> = tensors.get_keys(COLUMNS)?.collect();
        if bounds.len() != columns.len() * (PARTS - 1) {
            return Err(Error::Artifact(format!("{BOUNDS}: {} columns must fit", columns.len())));
        }
        Ok(Self {
            categories: tensors.get_keys(KEYS)?.zip(0..).collect(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::TableBuilder;
    use tastemaker_data::table::Value;

    #[test]
    fn categories_come_from_texts_numbers_and_truths() {
        let columns = [
            ("COUNTRY", Column::Text(vec![])),
            ("AGE", Column::Integer(vec![])),
            ("MEMBER", Column::Boolean(vec![])),
            ("PLANET", Column::Text(vec![])),
        ];
        let mut builder = TableBuilder::new(columns.map(|(name, column)| (name.to_owned(), column)).into());
        for user in 0..40i64 {
            let country = if user % 2 == 0 { "DE|AT" } else { "FR" };
            let row = [
                Some(Value::Text(country.into())),
                Some(Value::Integer(user)),
                Some(Value::Boolean(user < 20)),
                Some(Value::Text("earth".into())),
            ];
            builder.set(&format!("u{user}"), row);
        }
        builder.set("blank", [None, None, None, None]);
        let table = builder.build();
        let features = UserFeatures::of(&table);
        // Three countries, ten tenths, two truths; what is the same for all tells nothing.
        assert_eq!(features.len(), 15);
        let of = |user: &str| features.categories(&table, table.ids.get(user).unwrap() as usize);
        assert_eq!((of("u0").len(), of("u1").len(), of("blank").len()), (4, 3, 0));
        assert_eq!(of("u0"), of("u2"));
        assert_ne!(of("u1"), of("u39"));
        assert!(["AGE", "age"].iter().all(|name| features.is_numeric(name)));
        assert!(["COUNTRY", "MEMBER", "HEIGHT"].iter().all(|name| !features.is_numeric(name)));
        let mut tensors = Tensors::new("x/1");
        features.store(&mut tensors);
        let read = Tensors::from_safetensors(&tensors.to_safetensors().unwrap()).unwrap();
        assert_eq!(UserFeatures::load(&read).unwrap(), features);
        assert!(UserFeatures::default().is_empty() && UserFeatures::default().categories(&table, 0).is_empty());
    }
}
