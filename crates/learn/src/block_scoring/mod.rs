//! The scores of many users at a time: what is the same for all of them is prepared once, and the parts of a model are applied to a
//! block of users as products of matrices.
//!
//! Scores are those of [`Scorer`](crate::Scorer) for each user alone, to the bit: every sum adds in the same order.

mod dense_rows;
mod score_block;

pub(crate) use dense_rows::DenseRows;
pub use score_block::ScoreBlock;

use crate::{Event, ScoringContext, Scratch, UserState};

/// Bytes of each table that is prepared for a run, at most.
pub(crate) const TABLE_BYTES_MAX: usize = 64 << 20;
/// Users of a block of scores at most, and the bytes of its scores.
const USERS_MAX: usize = 64;
const SCORE_BYTES_MAX: usize = 32 << 20;

/// The extent of a run, by which a model decides what is worth preparing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunSize {
    /// Users to be scored.
    pub users: usize,
    /// Events of their histories.
    pub events: usize,
}

/// One user of a block.
#[derive(Debug, Clone, Copy)]
pub struct BlockRequest<'a> {
    /// The user's history, compressed.
    pub state: &'a UserState,
    /// The circumstances of the request.
    pub scoring_context: ScoringContext<'a>,
}

/// A model prepared to score many users. All threads share it.
pub trait BlockScorer: Send + Sync {
    /// The states after whole histories, each oldest first; faster the more histories come together.
    fn encode(&self, histories: &[&[Event]], scratch: &mut Scratch) -> Vec<UserState>;

    /// Fills `out` with a row of scores for each request, as [`Scorer::scores`](crate::Scorer::scores) gives them. At most
    /// [`users_per_block`] requests.
    fn scores(&self, requests: &[BlockRequest<'_>], scratch: &mut Scratch, out: &mut ScoreBlock);
}

/// Users of a block over so many items, so that the scores of a block stay within 32 MiB for up to eight million items.
pub fn users_per_block(items: usize) -> usize {
    (SCORE_BYTES_MAX / (4 * items.max(1))).clamp(1, USERS_MAX)
}
