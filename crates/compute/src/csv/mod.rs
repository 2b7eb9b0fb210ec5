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
