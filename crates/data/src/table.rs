//! Metadata tables of items or users: one row per id, typed columns.

use crate::ids::IdMap;
use std::collections::HashMap;

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
    /// Whether its values are numbers.
    pub fn is_numeric(&self) -> bool {
        matches!(self, Column::Integer(_) | Column::Number(_))
    }

    /// The value at `row`; `None` where absent or beyond the end.
    pub fn get(&self, row: usize) -> Option<Value> {
        match self {
            Column::Text(v) => v.get(row)?.clone().map(Value::Text),
            Column::Integer(v) => v.get(row)?.map(Value::Integer),
            Column::Number(v) => v.get(row)?.map(Value::Number),
            Column::Boolean(v) => v.get(row)?.map(Value::Boolean),
        }
    }

    /// `text` as a value of this column's type, if it is one.
    pub fn parse(&self, text: &str) -> Option<Value> {
        match self {
            Column::Text(_) => Some(Value::Text(text.into())),
            Column::Integer(_) => text.parse().ok().map(Value::Integer),
            Column::Number(_) => text.parse().ok().map(Value::Number),
            Column::Boolean(_) => text.parse().ok().map(Value::Boolean),
        }
    }

    /// A column of the same type without values.
    pub fn emptied(&self) -> Column {
        match self {
            Column::Text(_) => Column::Text(Vec::new()),
            Column::Integer(_) => Column::Integer(Vec::new()),
            Column::Number(_) => Column::Number(Vec::new()),
            Column::Boolean(_) => Column::Boolean(Vec::new()),
        }
    }

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
    /// The texts of [`Column::Number`]s that are written otherwise than their shortest form, by column and row.
    written: HashMap<(u32, u32), Box<str>>,
}

impl Table {
    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(n, _)| n == name).map(|(_, c)| c)
    }

    /// The rows with nothing but their column at the place `column`, without the texts of its decimals.
    pub fn only(&self, column: usize) -> Self {
        let columns = self.columns.get(column).cloned().into_iter().collect();
        Self { ids: self.ids.clone(), columns, written: HashMap::new() }
    }

    /// The text of the decimal at `row` of the column called `name` as it was given, such as `84.90`, where that is not its
    /// shortest form.
    pub fn written(&self, name: &str, row: usize) -> Option<&str> {
        if self.written.is_empty() {
            return None;
        }
        let column = self.columns.iter().position(|(n, _)| n == name)?;
        self.written.get(&(u32::try_from(column).ok()?, u32::try_from(row).ok()?)).map(|text| &**text)
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
        Self { table: Table { ids: IdMap::default(), columns, written: HashMap::new() } }
    }

    /// The columns' names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.table.columns.iter().map(|(name, _)| name.as_str())
    }

    /// Sets the whole row of `id` from texts by column name. Absent names, and texts that are no value of their column's
    /// type, are stored as absent.
    pub fn set_texts<'a>(&mut self, id: &str, text: impl Fn(&str) -> Option<&'a str>) {
        let value = |(name, column): &(String, Column)| {
            let text = text(name)?;
            Some((column.parse(text)?, Some(text)))
        };
        let values: Vec<_> = self.table.columns.iter().map(value).collect();
        self.set_written(id, values);
    }

    /// Sets the whole row of `id` to that of another table, column by name.
    pub fn set_from(&mut self, id: &str, other: &Table, row: usize) {
        let value = |(name, _): &(String, Column)| {
            Some((other.column(name).and_then(|column| column.get(row))?, other.written(name, row)))
        };
        let values: Vec<_> = self.table.columns.iter().map(value).collect();
        self.set_written(id, values);
    }

    /// Sets the whole row of `id`: `values` in column order. A value of the wrong type is stored as absent.
    pub fn set(&mut self, id: &str, values: impl IntoIterator<Item = Option<Value>>) {
        self.set_written(id, values.into_iter().map(|value| Some((value?, None))));
    }

    /// As [`Self::set`], each value with the text that it was read from, which is kept of decimals ([`Table::written`]).
    pub fn set_written<'a>(&mut self, id: &str, values: impl IntoIterator<Item = Option<(Value, Option<&'a str>)>>) {
        let row = self.table.ids.insert(id) as usize;
        let rows = self.table.ids.len();
        let mut values = values.into_iter();
        let written = &mut self.table.written;
        for (at, (_, column)) in self.table.columns.iter_mut().enumerate() {
            column.resize(rows);
            let (value, text) = match values.next().flatten() {
                Some((value, text)) => (Some(value), text),
                None => (None, None),
            };
            if matches!(column, Column::Number(_)) {
                let place = (at as u32, row as u32);
                match (&value, text) {
                    (Some(Value::Number(number)), Some(text)) if number.to_string() != text => {
                        written.insert(place, text.into());
                    }
                    _ if written.is_empty() => {}
                    _ => {
                        written.remove(&place);
                    }
                }
            }
            match (column, value) {
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

    #[test]
    fn decimals_keep_the_text_they_were_given_in() {
        let columns =
            || vec![("PRICE".to_owned(), Column::Number(vec![])), ("STOCK".to_owned(), Column::Integer(vec![]))];
        let mut builder = TableBuilder::new(columns());
        for (id, price) in [("a", "84.90"), ("b", "3.0"), ("c", "19.99"), ("d", "1.50")] {
            builder.set_texts(id, |name| Some(if name == "PRICE" { price } else { "007" }));
        }
        builder.set("d", [Some(Value::Number(1.5)), None]);
        let table = builder.build();
        let written: Vec<_> = (0..5).map(|row| table.written("PRICE", row)).collect();
        assert_eq!(written, [Some("84.90"), Some("3.0"), None, None, None]);
        assert_eq!(table.column("PRICE"), Some(&Column::Number(vec![Some(84.9), Some(3.0), Some(19.99), Some(1.5)])));
        assert_eq!((table.written("STOCK", 0), table.written("NONE", 0)), (None, None));
        let mut builder = TableBuilder::new(columns());
        builder.set_from("b", &table, 1);
        builder.set_from("z", &table, 2);
        let copy = builder.build();
        assert_eq!((copy.written("PRICE", 0), copy.written("PRICE", 1)), (Some("3.0"), None));
    }

    #[test]
    fn rows_from_texts_and_from_other_tables() {
        let columns = || {
            let number = || Column::Number(vec![]);
            vec![
                ("NAME".into(), Column::Text(vec![])),
                ("PRICE".into(), number()),
                ("STOCK".into(), Column::Integer(vec![])),
            ]
        };
        let mut builder = TableBuilder::new(columns());
        builder.set_texts("a", |name| {
            [("NAME", "Lamp"), ("PRICE", "1.5"), ("STOCK", "many")]
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, text)| *text)
        });
        let first = builder.build();
        let mut columns = columns();
        columns.swap(0, 1);
        let mut builder = TableBuilder::new(columns);
        builder.set("b", [None, None, Some(Value::Integer(3))]);
        builder.set_from("a", &first, 0);
        builder.set_from("b", &first, 7);
        let table = builder.build();
        assert_eq!(table.column("NAME"), Some(&Column::Text(vec![None, Some("Lamp".into())])));
        assert_eq!(table.column("PRICE"), Some(&Column::Number(vec![None, Some(1.5)])));
        assert_eq!(table.column("STOCK"), Some(&Column::Integer(vec![None, None])));
    }

    #[test]
    fn columns_hold_values_of_their_type() {
        let columns = [
            Column::Text(vec![Some("x".into()), None]),
            Column::Integer(vec![Some(7), None]),
            Column::Number(vec![Some(1.5), None]),
            Column::Boolean(vec![Some(true), None]),
        ];
        let values = [Value::Text("x".into()), Value::Integer(7), Value::Number(1.5), Value::Boolean(true)].map(Some);
        assert_eq!(columns.each_ref().map(|column| column.get(0)), values);
        for column in &columns {
            assert_eq!((column.get(1), column.get(2), column.emptied().get(0)), (None, None, None));
        }
        assert_eq!(columns.each_ref().map(Column::is_numeric), [false, true, true, false]);
        let parsed = |text: &str| columns.each_ref().map(|column| column.parse(text));
        assert_eq!(
            parsed("7"),
            [Some(Value::Text("7".into())), Some(Value::Integer(7)), Some(Value::Number(7.0)), None]
        );
        assert_eq!(parsed("true"), [Some(Value::Text("true".into())), None, None, Some(Value::Boolean(true))]);
        let empty = [Column::Text(vec![]), Column::Integer(vec![]), Column::Number(vec![]), Column::Boolean(vec![])];
        assert_eq!(columns.each_ref().map(Column::emptied), empty);
    }

    #[test]
    fn a_table_of_one_column_has_all_rows() {
        let columns = vec![("NAME".into(), Column::Text(vec![])), ("STOCK".into(), Column::Integer(vec![]))];
        let mut builder = TableBuilder::new(columns);
        builder.set("a", [Some(Value::Text("Lamp".into())), Some(Value::Integer(3))]);
        assert_eq!(builder.names().collect::<Vec<_>>(), ["NAME", "STOCK"]);
        let only = builder.build().only(1);
        assert_eq!((only.ids.get("a"), only.columns.len()), (Some(0), 1));
        assert_eq!(only.column("STOCK"), Some(&Column::Integer(vec![Some(3)])));
    }

    #[test]
    fn a_decimal_in_a_column_of_another_type_is_absent_with_its_text() {
        let of_type = |column: Column| TableBuilder::new(vec![("PRICE".to_owned(), column)]);
        let mut decimals = of_type(Column::Number(vec![]));
        decimals.set_texts("a", |_| Some("84.90"));
        let decimals = decimals.build();
        for column in [Column::Text(vec![]), Column::Integer(vec![]), Column::Boolean(vec![])] {
            let mut others = of_type(column);
            others.set_from("a", &decimals, 0);
            let others = others.build();
            assert_eq!(others.column("PRICE").and_then(|column| column.get(0)), None);
            assert_eq!(others.written("PRICE", 0), None);
        }
    }
}
