//! Item columns beside recommended items.

use crate::Snapshot;
use tastemaker_data::{Column, ItemIx};
use tastemaker_domain::recommendation::MetadataValue;
use tastemaker_domain::{Error, Result};

impl Snapshot {
    /// The names of the item columns that can be asked for.
    pub fn item_columns(&self) -> impl Iterator<Item = &str> {
        self.metadata.table.columns.iter().map(|(name, _)| name.as_str())
    }

    /// Resolves column names, in any case, to positions in the item table.
    pub(crate) fn resolve_columns(&self, names: &[String]) -> Result<Vec<usize>> {
        let columns = &self.metadata.table.columns;
        let find = |name: &String| {
            columns.iter().position(|(n, _)| n.eq_ignore_ascii_case(name)).ok_or_else(|| {
                let known: Vec<_> = self.item_columns().collect();
                Error::InvalidInput(format!(
                    "metadataColumns: the Items dataset has no column '{name}'; it has [{}]",
                    known.join(", ")
                ))
            })
        };
        names.iter().map(find).collect()
    }

    /// The item's values in `columns`; absent values are left out.
    pub(crate) fn metadata_of(&self, item: ItemIx, columns: &[usize]) -> Vec<(String, MetadataValue)> {
        let Some(row) = self.metadata.row_of(item) else {
            return Vec::new();
        };
        let value = |&column: &usize| {
            let (name, values) = &self.metadata.table.columns[column];
            let value = match values {
                Column::Text(v) => v[row].as_deref().map(|x| MetadataValue::Text(x.to_owned())),
                Column::Integer(v) => v[row].map(|x| MetadataValue::Number(x.to_string())),
                Column::Number(v) => v[row].filter(|x| x.is_finite()).map(|x| MetadataValue::Number(x.to_string())),
                Column::Boolean(v) => v[row].map(MetadataValue::Boolean),
            };
            value.map(|v| (name.clone(), v))
        };
        columns.iter().filter_map(value).collect()
    }
}
