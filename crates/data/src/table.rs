//! Metadata tables of items or users: one row per id, typed columns.

use crate::ids::IdMap;

/// Values of one column, one per row; `None` where absent.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Column {
    Text(Vec<Option<Box<str>>>),
    Integer(Vec<Option<i64>>),
    Number(Vec<Option<f64>>),
    Boolean(Vec<Option<bool>>),
}

impl Column {
    fn resize(&mut self, rows: usize) {
        match self {
            Column::Text(v) => v.resize(rows, None),
            Column::Integer(v) => v.resize(rows, None),
            Column::Number(v) => v.resize(rows, None),
            Column::Boolean(v) => v.resize(rows, None),
        }
    }
}

/// An immutable table. Later rows of the same id replace earlier ones as a whole.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Row ids.
    pub ids: IdMap,
    /// Column name -> values by row.
    pub columns: Vec<(String, Column)>,
}

impl Table {
    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(n, _)| n == name).map(|(_, c)| c)
    }
}

/// One value on its way into a table.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    Text(Box<str>),
    Integer(i64),
    Number(f64),
    Boolean(bool),
}

/// Collects rows; the columns are fixed from the start.
#[derive(Debug, Default)]
pub struct TableBuilder {
    table: Table,
}

impl TableBuilder {
    /// A builder for columns given as name and an empty [`Column`] of the right type.
    pub fn new(columns: Vec<(String, Column)>) -> Self {
        Self { table: Table { ids: IdMap::default(), columns } }
    }

    /// Sets the whole row of `id`: `values` in column order. A value of the wrong type is stored as absent.
    pub fn set(&mut self, id: &str, values: impl IntoIterator<Item = Option<Value>>) {
        let row = self.table.ids.insert(id) as usize;
        let rows = self.table.ids.len();
        let mut values = values.into_iter();
        for (_, column) in &mut self.table.columns {
            column.resize(rows);
            match (column, values.next().flatten()) {
                (Column::Text(v), Some(Value::Text(x))) => v[row] = Some(x),
                (Column::Integer(v), Some(Value::Integer(x))) => v[row] = Some(x),
                (Column::Number(v), Some(Value::Number(x))) => v[row] = Some(x),
                (Column::Boolean(v), Some(Value::Boolean(x))) => v[row] = Some(x),
                (Column::Text(v), _) => v[row] = None,
                (Column::Integer(v), _) => v[row] = None,
                (Column::Number(v), _) => v[row] = None,
                (Column::Boolean(v), _) => v[row] = None,
            }
        }
    }

    /// The finished table.
    pub fn build(self) -> Table {
        self.table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_rows_replace_whole_rows() {
        let mut builder =
            TableBuilder::new(vec![("NAME".into(), Column::Text(vec![])), ("PRICE".into(), Column::Number(vec![]))]);
        builder.set("a", [Some(Value::Text("old".into())), Some(Value::Number(1.5))]);
        builder.set("b", [None, Some(Value::Number(2.0))]);
        builder.set("a", [Some(Value::Text("new".into())), None]);
        let table = builder.build();
        assert_eq!(table.column("NAME"), Some(&Column::Text(vec![Some("new".into()), None])));
        assert_eq!(table.column("PRICE"), Some(&Column::Number(vec![None, Some(2.0)])));
        assert_eq!(table.column("URL"), None);
    }
}
