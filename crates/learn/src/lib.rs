//! Published algorithms and their kernels: train from a dataset, score from an artifact.
//!
//! Each module is one model or one part of one, with its source (`docs/papers.md`). What serving and evaluation see of all of them
//! is [`Scorer`]: a compact per-user [`UserState`], advanced one event at a time, and the best k of every item.
//!
//! Nothing here reads the clock, files or global randomness. Seed, threads, cancellation and the
//! progress sink arrive in a [`TrainContext`]; the same data, configuration, seed and thread count
//! give byte-identical parameters on the same kind of processor.
//!
//! # Invariants
//! - Scores are finite: training refuses a non-finite loss and loading refuses non-finite weights.
//! - Item indices outside the model are ignored, never a panic.
//! - No autograd: every gradient is written out and checked against finite differences and against
//!   PyTorch's (`fixtures/`).

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod adjusted;
pub mod als;
pub mod artifact;
pub mod blend;
pub mod content;
mod context;
pub mod cooccurrence;
pub mod ease;
mod error;
#[cfg(test)]
mod fixtures;
pub mod gru;
mod kernels;
mod output;
pub mod popularity;
pub mod propensity;
mod random;
pub mod recent;
pub mod related;
pub mod relations;
pub mod repeat;
mod scorer;
pub mod search;
pub mod semantic;
pub mod sims;
pub mod topk;
pub mod traits;
pub mod transformer;
pub mod trending;

pub use context::{Cancel, EpochEnd, Progress, TrainContext};
pub use error::Error;
pub use scorer::{Ask, Event, Ranked, Scorer, Scratch, UserState};
