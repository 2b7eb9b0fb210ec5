//! The items that have each value of each column, for `aws-item-attribute-affinity`.

use crate::Error;
use crate::request::TrainRequest;
use std::collections::BTreeMap;
use tastemaker_data::contexts::key;
use tastemaker_data::{Column, ItemIx, Table};
use tastemaker_domain::schema::Schema;
use tastemaker_learn::artifact::Tensors;

/// Columns whose values say nothing about what an item is.
const RESERVED: &[&str] = &["CREATION_TIMESTAMP"];

const KEYS: &str = "attributes.keys";
const LENGTHS: &str = "attributes.lengths";
const ITEMS: &str = "attributes.items";

/// Items by the hash of column and value; an empty value stands for the column itself and lists nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Attributes(BTreeMap<u64, Vec<u32>>);

/// Whether a column can be asked for: not textual and not reserved.
pub(crate) fn is_attribute(name: &str, schema: Option<&Schema>) -> bool {
    let textual = schema.and_then(|schema| schema.field(name)).is_some_and(|field| field.textual);
    !textual && !RESERVED.contains(&name)
}

/// A number as queries and columns are compared: 3 and 3.0 are the same.
pub(super) fn number(value: f64) -> String {
    format!("{value}")
}

/// The values in a cell; several of a text are separated by `|`.
fn values(column: &Column, row: usize) -> Vec<String> {
    match column {
        Column::Text(texts) => match texts.get(row).and_then(Option::as_deref) {
            Some(text) => text.split('|').map(|value| value.trim().to_owned()).filter(|v| !v.is_empty()).collect(),
            None => Vec::new(),
        },
        Column::Integer(numbers) => numbers.get(row).copied().flatten().map(|x| number(x as f64)).into_iter().collect(),
        Column::Number(numbers) => numbers.get(row).copied().flatten().map(number).into_iter().collect(),
        Column::Boolean(truths) => truths.get(row).copied().flatten().map(|x| x.to_string()).into_iter().collect(),
    }
}

impl Attributes {
    /// Of the items of the request, by their indices.
    pub(super) fn of(request: &TrainRequest) -> Self {
        let mut attributes = Self::default();
        let Some(table) = request.items else { return attributes };
        let rows = Self::item_rows(table, request);
        for (name, column) in table.columns.iter().filter(|(name, _)| is_attribute(name, request.item_schema)) {
            attributes.0.insert(key(name, ""), Vec::new());
            for &(item, row) in &rows {
                for value in values(column, row) {
                    attributes.0.entry(key(name, &value)).or_default().push(item);
                }
            }
        }
        attributes
    }

    /// `(item, row)` ascending by item.
    fn item_rows(table: &Table, request: &TrainRequest) -> Vec<(u32, usize)> {
        let rows = table.ids.iter().enumerate();
        let mut rows: Vec<(u32, usize)> =
            rows.filter_map(|(row, id)| Some((request.dataset.items.get(id)?, row))).collect();
        rows.sort_unstable();
        rows
    }

    /// Whether training saw the column.
    pub(super) fn has_column(&self, column: &str) -> bool {
        self.0.contains_key(&key(column, ""))
    }

    /// Every value's items, of at least `least` items each.
    pub(super) fn groups(&self, least: usize) -> impl Iterator<Item = &[u32]> {
        self.0.values().map(Vec::as_slice).filter(move |items| items.len() >= least.max(1))
    }

    /// The items with this value, ascending. A value that reads as a number also finds columns of numbers.
    pub(super) fn items(&self, column: &str, value: &str) -> Vec<ItemIx> {
        let found = self.0.get(&key(column, value)).filter(|_| !value.is_empty());
        let as_number = || value.trim().parse().ok().and_then(|x| self.0.get(&key(column, &number(x))));
        let mut items: Vec<u32> = found.or_else(as_number).cloned().unwrap_or_default();
        items.dedup();
        items.into_iter().map(ItemIx).collect()
    }

    pub(super) fn store(&self, tensors: &mut Tensors) {
        let halves = |key: &u64| [(key >> 32) as u32, *key as u32];
        tensors.insert_integers(KEYS, self.0.keys().flat_map(halves).collect());
        tensors.insert_integers(LENGTHS, self.0.values().map(|items| items.len() as u32).collect());
        tensors.insert_integers(ITEMS, self.0.values().flatten().copied().collect());
    }

    /// The attributes that [`Self::store`] wrote for a model of `items` items; `None` if it did not.
    pub(super) fn load(tensors: &Tensors, items: usize) -> Result<Option<Self>, Error> {
        if !tensors.integers.contains_key(KEYS) {
            return Ok(None);
        }
        let broken = |rule: &str| Error::Artifact(format!("attributes: {rule}"));
        let (keys, lengths) = (tensors.get_integers(KEYS)?, tensors.get_integers(LENGTHS)?);
        let mut rest = tensors.get_integers(ITEMS)?;
        if keys.len() != 2 * lengths.len() || rest.iter().any(|&item| item as usize >= items) {
            return Err(broken("keys, lengths and items must fit"));
        }
        let mut attributes = Self::default();
        for (key, &length) in keys.chunks_exact(2).zip(lengths) {
            let (own, others) = rest.split_at_checked(length as usize).ok_or_else(|| broken("lengths exceed items"))?;
            attributes.0.insert(u64::from(key[0]) << 32 | u64::from(key[1]), own.to_vec());
            rest = others;
        }
        Ok(Some(attributes))
    }
}
