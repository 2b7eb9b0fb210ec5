//! CSV as Personalize takes it: blocks of bytes to field positions, with every complaint tied to its line.
//!
//! - `scan`: one block of text to spans, the only place that knows the quoting rules.
//! - `reader`: blocks from any `Read`, the header, line numbers.

mod reader;
mod scan;
#[cfg(test)]
mod tests;

pub(crate) use reader::{Block, CsvReader, Places, RecordReader};
pub(crate) use scan::{Fault, Span, shown};

use scan::clipped;

/// The place of the column called `name`, in any case of letters if none is called exactly so; `None` if there is none.
///
/// # Errors
/// The customer's text, when several differ from it by the case of letters only.
pub(crate) fn position(header: &[String], name: &str) -> Result<Option<usize>, String> {
    if let Some(exact) = header.iter().position(|column| column == name) {
        return Ok(Some(exact));
    }
    let mut alike = header.iter().enumerate().filter(|(_, column)| column.eq_ignore_ascii_case(name));
    match (alike.next(), alike.next()) {
        (None, _) => Ok(None),
        (Some((only, _)), None) => Ok(Some(only)),
        (Some((_, first)), Some((_, second))) => Err(format!(
            "the header has {} and {}, which differ from the column {name} by the case of letters only; call one of them {name}",
            shown(first),
            shown(second)
        )),
    }
}

/// Column names that a message lists.
const LISTED_MAX: usize = 50;

/// The names of a header for a message.
pub(crate) fn listed(header: &[String]) -> String {
    let names: Vec<String> = header.iter().take(LISTED_MAX).map(|name| clipped(name)).collect();
    match header.len() - names.len() {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
