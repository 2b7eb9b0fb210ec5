//! Published algorithms and their kernels: train from a dataset, score from an artifact.
//!
//! | folder | holds |
//! |---|---|
//! | [`models`] | counted, factorized and regressed models, one module a paper (`docs/papers.md`) |
//! | [`networks`] | neural networks and their one trainer |
//! | [`ensemble`], [`rescoring`] | scorers made of scorers |
//! | [`item_matrix`], [`topk`], `kernels` | sparse item-to-item weights, the exact scan for the best items, loops over `f32` |
//! | [`bayesian_optimization`] | the search for hyperparameters |
//! | [`checkpoints`], [`parts`] | parts and epochs that a training which was killed goes on from |
//!
//! A trained model is a [`Scorer`]: it advances a compact [`UserState`] one event at a time and ranks all items.
//!
//! ```
//! use tastemaker_learn::models::popularity::{PopularityModel, unique_user_counts};
//! use tastemaker_learn::{ScoringContext, Scorer, Scratch, Sequences};
//!
//! // Three users, oldest event first: items 0 and 2, item 2, items 2 and 1.
//! let sequences = Sequences { offsets: &[0, 2, 3, 5], items: &[0, 2, 2, 2, 1], weights: &[] };
//! let model = PopularityModel::from_counts(unique_user_counts(&sequences, 3))?;
//! let scratch = &mut Scratch::default();
//! let ranked = model.top_k(&model.start(), &ScoringContext::default(), 1, None, scratch);
//! let (item, users) = ranked.items[0];
//! println!("item {} was taken by {users} users", item.0);
//! assert_eq!((item.0, users), (2, 3.0));
//! # Ok::<(), tastemaker_learn::Error>(())
//! ```
//!
//! A network trains with a configuration, a seed and threads:
//!
//! ```
//! use tastemaker_learn::networks::TrainerConfig;
//! use tastemaker_learn::networks::gru::{GruConfig, train};
//! use tastemaker_learn::{Cancel, NoCheckpoints, Sequences, TrainContext};
//!
//! let sequences = Sequences { offsets: &[0, 2, 5], items: &[0, 1, 2, 1, 0], weights: &[] };
//! let schedule = TrainerConfig { epochs_max: 2, ..GruConfig::default().training };
//! let config = GruConfig { items: 3, hidden: 8, training: schedule, ..GruConfig::default() };
//! let cancel = Cancel::new();
//! let context = TrainContext { seed: 1, threads: 1, cancel: &cancel, progress: &|_| {}, checkpoints: &NoCheckpoints };
//! let trained = train(&config, &sequences, None, None, &context)?;
//! assert_eq!(trained.history.len(), 2);
//! # Ok::<(), tastemaker_learn::Error>(())
//! ```
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

pub mod artifact;
pub mod bayesian_optimization;
pub mod block_scoring;
pub mod checkpoints;
mod context;
pub mod ensemble;
mod error;
#[cfg(test)]
mod fixtures;
pub mod item_matrix;
mod kernels;
pub mod models;
pub mod networks;
pub mod parts;
mod random;
pub mod rescoring;
mod scorer;
pub mod sentences;
mod sequences;
pub mod topk;

pub use checkpoints::{Checkpoints, NoCheckpoints};
pub use context::{Cancel, EpochEnd, Progress, TrainContext, thread_pool};
pub use error::Error;
pub use random::splitmix64;
pub use scorer::{Event, Ranked, Scorer, ScoringContext, Scratch, UserState, best_of_row};
pub use sequences::{Sequences, TimedSequences, Validation};
