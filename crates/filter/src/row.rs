//! A row of a metadata table, as conditions on the current user or item read it.

use crate::columns::{cell, column_key};
use crate::scalar::Cell;
use tastemaker_data::Table;

/// A row of a metadata table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The dataset.
    pub table: &'a Table,
    /// A row of it.
    pub row: usize,
    /// The name by which filters call its ids: `USER_ID`, `ITEM_ID`.
    pub id_column: &'static str,
}

impl<'a> Row<'a> {
    pub(crate) fn cell(&self, column: &str) -> Cell<'a> {
        cell(self.table, column_key(self.table, self.id_column, column), self.row)
    }
}
