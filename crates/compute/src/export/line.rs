//! Rows as lines of CSV that [`import_csv`](crate::import_csv) reads back to the same values.
//!
//! RFC 4180: a text with a comma, a quote or a line break is quoted, and its quotes are doubled. Personalize takes a
//! backslash in quoted text for an escape when a quote or another backslash follows; such a backslash is doubled.

use std::fmt::Write;

/// One value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Nothing; an empty field.
    Null,
    /// Text as it is.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A decimal, written with the fewest digits that read back to it.
    Number(f64),
    /// `true` or `false`.
    Boolean(bool),
}

/// Appends the row with its line break.
pub(super) fn write_row<'a>(cells: impl IntoIterator<Item = Cell<'a>>, line: &mut String) {
    for (n, cell) in cells.into_iter().enumerate() {
        if n > 0 {
            line.push(',');
        }
        // Writing to a String cannot fail.
        let _ = match cell {
            Cell::Null => Ok(()),
            Cell::Text(text) => {
                write_text(text, line);
                Ok(())
            }
            Cell::Integer(number) => write!(line, "{number}"),
            Cell::Number(number) => write!(line, "{number}"),
            Cell::Boolean(value) => write!(line, "{value}"),
        };
    }
    line.push('\n');
}

fn write_text(text: &str, line: &mut String) {
    if !text.contains(['"', ',', '\n', '\r']) {
        line.push_str(text);
        return;
    }
    line.push('"');
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let escapes = c == '\\' && matches!(characters.peek(), None | Some('"' | '\\'));
        if c == '"' || escapes {
            line.push(c);
        }
        line.push(c);
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cells: &[Cell<'_>]) -> String {
        let mut line = String::new();
        write_row(cells.iter().copied(), &mut line);
        line
    }

    #[test]
    fn only_what_must_be_is_quoted() {
        use Cell::{Boolean, Integer, Null, Number, Text};
        for (cells, expected) in [
            (vec![Text("a b"), Null, Integer(-7)], "a b,,-7\n"),
            (vec![Number(3.7), Number(1994.0), Boolean(true)], "3.7,1994,true\n"),
            (vec![Text("a,b"), Text("say \"hi\""), Text("x\ny")], "\"a,b\",\"say \"\"hi\"\"\",\"x\ny\"\n"),
            (vec![Text("C:\\data"), Text("C:\\a,b")], "C:\\data,\"C:\\a,b\"\n"),
            (vec![Text("a,\\"), Text(",\\\""), Text(",\\\\")], "\"a,\\\\\",\",\\\\\"\"\",\",\\\\\\\\\"\n"),
        ] {
            assert_eq!(written(&cells), expected);
        }
    }
}
