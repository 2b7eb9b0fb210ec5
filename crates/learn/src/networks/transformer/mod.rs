//! A causal transformer over a user's events: SASRec (`sasrec` in docs/papers.md) with softmax cross-entropy over items.
//!
//! ```text
//! x_t = E[item_{t-1}] + P[t]                    (E[start] before the first event)            [d]
//! x   = x + gate(x) * project(attention(norm(x)))         for each block                     [d]
//! x   = x + gate(x) * narrow(silu(widen(norm(x))))                                           [d]
//! p(item_t = j | history) = softmax_j(norm(x_t) . E[j] + b[j])                               [items]
//! ```
//!
//! Deviations from the paper: layer norms precede each half of a block; the loss is the full softmax (`sasrec-ce`) or, for
//! many items, a sampled one; every event of a history is trained on, in windows cut at random places,
//! instead of the newest `length`; attention adds a learned value for the distance in steps and, where asked for,
//! one for the time between (`hstu`); `gate` is `sigmoid(W x + b)` where asked for (`ligr`), else 1.
//!
//! Cost of a training epoch, with f the feed-forward width: `events * (6 blocks (4 d^2 + 2 d f + d length) + 6 d items)`
//! floating-point operations. A request costs a third of one event's share times the history's length.

mod attention;
mod batch;
mod config;
mod encoder;
mod model;
mod network;
mod params;
mod shard;
mod train;
mod validate;

#[cfg(test)]
mod gradient_tests;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod train_tests;

pub use config::TransformerConfig;
pub(crate) use encoder::Encoder;
pub use model::TransformerModel;
pub use train::train;
