//! The scores of many users at a time: what is the same for all of them is prepared once, and the parts of a model are applied to a
//! block of users as products of matrices.
//!
//! Scores are those of [`Scorer`](crate::Scorer) for each user alone, to the bit: every sum adds in the same order.

mod dense_rows;
pub(crate) mod score_block;

pub use crate::scorer::{BlockRequest, BlockScorer, RunSize};
pub(crate) use dense_rows::DenseRows;
pub use score_block::ScoreBlock;

/// Bytes of each table that is prepared for a run, at most.
pub(crate) const TABLE_BYTES_MAX: usize = 64 << 20;
/// Users of a block of scores at most, and the bytes of its scores.
const USERS_MAX: usize = 64;
const SCORE_BYTES_MAX: usize = 32 << 20;

/// Users of a block over so many items, so that the scores of a block stay within 32 MiB for up to eight million items.
pub fn users_per_block(items: usize) -> usize {
    (SCORE_BYTES_MAX / (4 * items.max(1))).clamp(1, USERS_MAX)
}
