//! Tables for people: aligned, within a hundred columns, with numbers on the right.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::Value;

/// The width of a terminal that everybody has.
const WIDTH: u16 = 100;

/// A column: its title, and the member of each row that it shows.
pub struct Column {
    /// Above the column.
    pub title: &'static str,
    /// The member.
    pub member: &'static str,
    /// Whether it has numbers.
    pub number: bool,
}

/// A column of text.
pub const fn text(title: &'static str, member: &'static str) -> Column {
    Column { title, member, number: false }
}

/// A column of numbers.
pub const fn number(title: &'static str, member: &'static str) -> Column {
    Column { title, member, number: true }
}

/// The table of rows; columns without any value are left out.
pub fn table(columns: &[Column], rows: &[Value]) -> String {
    let columns: Vec<&Column> =
        columns.iter().filter(|column| rows.iter().any(|row| !cell(&row[column.member]).is_empty())).collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(columns.iter().map(|column| column.title));
    for row in rows {
        table.add_row(columns.iter().map(|column| cell(&row[column.member])));
    }
    for (n, column) in columns.iter().enumerate() {
        if let Some(shown) = table.column_mut(n) {
            shown.set_padding((0, 2));
            shown.set_cell_alignment(if column.number { CellAlignment::Right } else { CellAlignment::Left });
        }
    }
    table.trim_fmt()
}

/// A value as the text of a cell.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(truth) => if *truth { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (None, Some(fraction)) if number.is_f64() => format!("{fraction:.4}"),
            _ => number.to_string(),
        },
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_is_aligned_and_fits_a_terminal() {
        let columns = [text("NAME", "name"), number("ROWS", "rows"), text("WHY", "why"), text("NONE", "none")];
        let rows =
            [json!({"name": "a", "rows": 5, "why": null}), json!({"name": "long name", "rows": 12_345, "why": "x"})];
        assert_eq!(table(&columns, &rows), "NAME        ROWS  WHY\na              5\nlong name  12345  x");
        let long = [json!({"name": "n".repeat(90), "why": "a reason of many words ".repeat(9)})];
        let shown = table(&columns, &long);
        assert!(shown.lines().all(|line| line.chars().count() <= usize::from(WIDTH)), "{shown}");
        assert_eq!(cell(&json!(0.123_456)), "0.1235");
        assert_eq!(cell(&json!(["a", "b"])), "a, b");
    }
}
