//! The metadata of items and users: values of their datasets' columns.

use crate::snapshot_handle::SnapshotHandle;
use crate::streamed::metadata_records::MetadataRecords;
use tastemaker_data::table::Value;
use tastemaker_domain::recommendation::MetadataValue;
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::{Error, Member, Result};

impl SnapshotHandle {
    /// The names of the item columns that the snapshot's dataset group has.
    pub fn item_columns(&self) -> Vec<String> {
        let records = self.group.records_now(DatasetType::Items);
        records.column_names().into_iter().map(str::to_owned).collect()
    }

    /// The values of a user, as the snapshot's dataset group has them; absent values are left out.
    pub fn user_metadata(&self, id: &str) -> Vec<(String, MetadataValue)> {
        let records = self.group.records_now(DatasetType::Users);
        let columns: Vec<String> = records.column_names().into_iter().map(str::to_owned).collect();
        metadata_of(&records, id, &columns)
    }

    /// Whether the model or the Items dataset has the item.
    pub fn knows_item(&self, id: &str) -> bool {
        self.parts.items.get(id).is_some() || self.group.records_now(DatasetType::Items).find(id).is_some()
    }

    /// The values of an item in `columns`, as the snapshot's dataset group has them, named as [`Self::item_columns`] names them; absent
    /// values are left out.
    pub fn item_metadata(&self, id: &str, columns: &[String]) -> Vec<(String, MetadataValue)> {
        metadata_of(&self.group.records_now(DatasetType::Items), id, columns)
    }
}

/// Resolves column names, in any case, to those of the Items dataset.
pub(crate) fn resolve_columns(records: &MetadataRecords, names: &[String]) -> Result<Vec<String>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let known = records.column_names();
    let find = |name: &String| {
        let found = known.iter().find(|n| n.eq_ignore_ascii_case(name)).map(|n| (*n).to_owned());
        found.ok_or_else(|| {
            Error::InvalidInput(format!(
                "{}: the Items dataset has no column '{name}'; it has [{}]",
                Member::MetadataColumns,
                known.join(", ")
            ))
        })
    };
    names.iter().map(find).collect()
}

/// The values of the item called `id` in `columns`; absent values are left out.
pub(crate) fn metadata_of(records: &MetadataRecords, id: &str, columns: &[String]) -> Vec<(String, MetadataValue)> {
    if columns.is_empty() {
        return Vec::new();
    }
    let Some((table, row)) = records.find(id) else {
        return Vec::new();
    };
    let value = |name: &String| {
        let value = match table.column(name)?.get(row)? {
            Value::Text(text) => MetadataValue::Text(text.into()),
            Value::Integer(number) => MetadataValue::Number(number.to_string()),
            Value::Number(number) if number.is_finite() => {
                MetadataValue::Number(table.written(name, row).map_or_else(|| number.to_string(), str::to_owned))
            }
            Value::Number(_) => return None,
            Value::Boolean(truth) => MetadataValue::Boolean(truth),
        };
        Some((name.clone(), value))
    };
    columns.iter().filter_map(value).collect()
}
