//! The records of a dataset that differ from its published table as seen by a model's items.

use crate::streamed::metadata_records::MetadataRecords;
use std::sync::Arc;
use tastemaker_data::{Column, ItemIx, Table, TableBuilder};

/// Records that were streamed since the table was published, and some of the table's own.
pub(crate) struct ChangedRecords {
    /// By id, the newest record of each.
    pub table: Arc<Table>,
    /// `[rows of the table]`: whose record it is.
    pub items: Vec<ItemIx>,
}

impl ChangedRecords {
    /// The records in `published`, rows of the published table, and all that were streamed since.
    pub fn new(records: &MetadataRecords, published: &[u32], item_of: impl Fn(&str) -> Option<ItemIx>) -> Self {
        let columns = |table: &Table| -> Vec<(String, Column)> {
            table.columns.iter().map(|(name, column)| (name.clone(), column.emptied())).collect()
        };
        let newest = records.streamed().next_back().unwrap_or(records.published());
        let mut builder = TableBuilder::new(columns(newest));
        for &row in published {
            builder.set_from(records.published().ids.id(row), records.published(), row as usize);
        }
        for table in records.streamed() {
            for (row, id) in table.ids.iter().enumerate() {
                builder.set_from(id, table, row);
            }
        }
        let table = builder.build();
        let items = table.ids.iter().filter_map(item_of).collect();
        Self { items, table: Arc::new(table) }
    }
}
