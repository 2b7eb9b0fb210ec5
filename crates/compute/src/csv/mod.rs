//! CSV as Personalize takes it: blocks of bytes to field positions, with every complaint tied to its line.
//!
//! - `scan`: one block of text to spans, the only place that knows the quoting rules.
//! - `reader`: blocks from any `Read`, the header, line numbers.

mod reader;
mod scan;
#[cfg(test)]
mod tests;

pub(crate) use reader::{Block, CsvReader};
pub(crate) use scan::{Fault, Span, shown};

use scan::clipped;

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
