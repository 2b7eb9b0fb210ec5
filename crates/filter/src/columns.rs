//! A metadata table seen by the dense index of items (users, actions), with an index per filtered column.

use crate::ast::Comparison;
use crate::numeric_index::NumericIndex;
use crate::scalar::{Cell, Value};
use crate::text_index::TextIndex;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use tastemaker_data::{Bitmap, Column, ItemIx, Table};

/// The columns that filters of one target read. Indices are built when a filter first needs them and shared by all.
pub struct Columns {
    table: Arc<Table>,
    id_column: &'static str,
    /// `[items]`: the table row of each item, or [`ABSENT`].
    rows: Vec<u32>,
    /// `[table rows]`: the item of each row, or [`ABSENT`].
    items: Vec<u32>,
    /// The items without a row, by id.
    without_row: HashMap<Box<str>, u32>,
    /// `[table columns]`.
    indices: Vec<OnceLock<Index>>,
}

const ABSENT: u32 = u32::MAX;

enum Index {
    Text(TextIndex),
    Number(NumericIndex),
    /// Boolean columns cannot be filtered.
    None,
}

/// A column as filters name it: the ids, a column of the table, or none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ColumnKey {
    /// The ids themselves.
    Id,
    /// A column of the table.
    Column(usize),
    /// No such column, so no item has a value.
    Absent,
}

impl Columns {
    /// The table seen by the indices of `ids`, in their order. `id_column` is the name by which filters call the ids:
    /// `ITEM_ID`. An id that the table does not know has no values but itself.
    pub fn new<'a>(table: Arc<Table>, id_column: &'static str, ids: impl Iterator<Item = &'a str>) -> Self {
        let mut without_row = HashMap::new();
        let row = |(item, id): (usize, &str)| {
            table.ids.get(id).unwrap_or_else(|| {
                without_row.insert(id.into(), item as u32);
                ABSENT
            })
        };
        let rows: Vec<u32> = ids.enumerate().map(row).collect();
        let mut items = vec![ABSENT; table.ids.len()];
        for (item, &row) in rows.iter().enumerate().filter(|(_, row)| **row != ABSENT) {
            items[row as usize] = item as u32;
        }
        let indices = table.columns.iter().map(|_| OnceLock::new()).collect();
        Self { table, id_column, rows, items, without_row, indices }
    }

    /// The number of items (users, actions).
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn column_key(&self, name: &str) -> ColumnKey {
        column_key(&self.table, self.id_column, name)
    }

    pub(crate) fn is_numeric(&self, key: ColumnKey) -> bool {
        matches!(key, ColumnKey::Column(c) if self.table.columns[c].1.is_numeric())
    }

    /// Builds what a column needs for [`Self::equal_to_any`] and [`Self::matching`].
    pub(crate) fn prepare(&self, key: ColumnKey) {
        if let ColumnKey::Column(column) = key {
            self.index(column);
        }
    }

    pub(crate) fn id_column(&self) -> &'static str {
        self.id_column
    }

    /// The item's value.
    fn cell(&self, key: ColumnKey, item: ItemIx) -> Cell<'_> {
        match self.rows.get(item.0 as usize) {
            Some(&row) if row != ABSENT => cell(&self.table, key, row as usize),
            _ => Cell::Absent,
        }
    }

    /// The items that have one of `values`.
    pub(crate) fn equal_to_any(&self, key: ColumnKey, values: &[Value<'_>]) -> Cow<'_, Bitmap> {
        let mut set = Bitmap::new(self.len());
        match key {
            ColumnKey::Absent => {}
            ColumnKey::Id => values.iter().filter_map(Value::text).for_each(|id| {
                let item = match self.table.ids.get(id) {
                    Some(row) => self.items.get(row as usize).filter(|item| **item != ABSENT),
                    None => self.without_row.get(id),
                };
                item.into_iter().for_each(|&item| set.set(ItemIx(item)));
            }),
            ColumnKey::Column(column) => match self.index(column) {
                Index::Text(index) => {
                    if let [Value::Text(only)] = values
                        && let Some(dense) = index.dense(only)
                    {
                        return Cow::Borrowed(dense);
                    }
                    values.iter().filter_map(Value::text).for_each(|value| index.add(value, &mut set));
                }
                Index::Number(index) => {
                    values.iter().filter_map(Value::number).for_each(|value| index.add(value, &mut set));
                }
                Index::None => {}
            },
        }
        Cow::Owned(set)
    }

    /// The items whose value compares so with `value`.
    pub(crate) fn matching(&self, key: ColumnKey, comparison: Comparison, value: &Value<'_>) -> Cow<'_, Bitmap> {
        if let ColumnKey::Column(column) = key
            && let Index::Number(index) = self.index(column)
            && let Some(number) = value.number()
        {
            return Cow::Owned(index.matching(comparison, number));
        }
        match comparison {
            Comparison::Equal => self.equal_to_any(key, std::slice::from_ref(value)),
            Comparison::NotEqual => {
                let mut set = self.equal_to_any(key, std::slice::from_ref(value)).into_owned();
                set.not();
                Cow::Owned(set)
            }
            _ => Cow::Owned(Bitmap::new(self.len())),
        }
    }

    fn index(&self, column: usize) -> &Index {
        let (_, values) = &self.table.columns[column];
        self.indices[column].get_or_init(|| {
            let cells = (0..self.len() as u32).map(|item| self.cell(ColumnKey::Column(column), ItemIx(item)));
            match values {
                Column::Text(_) => Index::Text(TextIndex::new(self.len(), cells.map(|cell| cell.text()))),
                Column::Integer(_) | Column::Number(_) => {
                    Index::Number(NumericIndex::new(self.len(), cells.map(|cell| cell.number())))
                }
                Column::Boolean(_) => Index::None,
            }
        })
    }
}

/// The position at which `table` keeps the column called `name`, in any case.
pub(crate) fn column_key(table: &Table, id_column: &str, name: &str) -> ColumnKey {
    if name.eq_ignore_ascii_case(id_column) {
        return ColumnKey::Id;
    }
    let found = table.columns.iter().position(|(column, _)| column.eq_ignore_ascii_case(name));
    found.map_or(ColumnKey::Absent, ColumnKey::Column)
}

/// The value in a row of `table`.
pub(crate) fn cell(table: &Table, key: ColumnKey, row: usize) -> Cell<'_> {
    match key {
        ColumnKey::Absent => Cell::Absent,
        ColumnKey::Id => Cell::Id(table.ids.id(row as u32)),
        ColumnKey::Column(column) => match &table.columns[column].1 {
            Column::Text(values) => values[row].as_deref().map_or(Cell::Absent, Cell::Text),
            Column::Integer(values) => values[row].map_or(Cell::Absent, Cell::Integer),
            Column::Number(values) => values[row].map_or(Cell::Absent, Cell::Real),
            Column::Boolean(_) => Cell::Absent,
        },
    }
}
