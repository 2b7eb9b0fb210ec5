//! Braze's tags. Their free-form arguments were set aside by the dialect; in the rewritten template each carries the number
//! of its arguments.

pub(super) mod abort_message;
pub(super) mod catalog;
pub(super) mod connected_content;
pub(super) mod count_range;
pub(super) mod mark;
pub(super) mod print;

use liquid_core::{Result, TagTokenIter};

/// The only argument of a rewritten tag: an index.
fn number(arguments: &mut TagTokenIter<'_>) -> Result<usize> {
    let literal = arguments.expect_next("a number")?.expect_literal().into_result()?;
    arguments.expect_nothing()?;
    let number = liquid_core::ValueView::as_scalar(&literal).and_then(|s| s.to_integer());
    number
        .and_then(|n| usize::try_from(n).ok())
        .ok_or_else(|| liquid_core::Error::with_msg("the rewritten template has lost its arguments"))
}
