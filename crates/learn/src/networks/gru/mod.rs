//! A recurrent next-item recommender: GRU4Rec (`gru4rec` in docs/papers.md; the cell is `gru`) with the
//! state carried over a user's whole history as in `hrnn`, trained with softmax cross-entropy over items.
//!
//! ```text
//! x_t = E[item_{t-1}]  (E[start] for the first event)        [d]
//! h_t = GRU(x_t, h_{t-1})                                     [d]
//! p(item_t = j | history) = softmax_j(h_t . O[j] + b[j])      [items]
//! ```
//!
//! Deviations from the paper: the loss is the full (or sampled) softmax instead of BPR or TOP1;
//! truncated back-propagation runs over windows of `bptt` steps with the state carried across windows,
//! so that inference over a whole history sees what training saw.
//!
//! Cost of a training epoch: `events * (36 d^2 + 6 d * items)` floating-point operations with the
//! full softmax, `events * (36 d^2 + 6 d * negatives)` with sampling. One observed event at inference
//! costs `12 d^2`, one ranking `2 d * items`.

mod add_items;
mod blocks;
mod config;
mod model;
mod params;
mod session_parallel_batches;
mod shard;
mod train;
mod validate;

#[cfg(test)]
mod gradient_tests;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod train_tests;

pub use config::GruConfig;
pub use model::GruModel;
pub use train::train;
