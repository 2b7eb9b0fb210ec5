//! Neural networks that predict a user's next item, and the one trainer that fits all of them.
//!
//! A network gives its parameters, the batches of an epoch and their gradients; `trainer` owns the rest: epochs, the
//! learning-rate schedule, the softmax over items (sampled, then full or by many negatives), the optimizer, early stopping on held-out events and
//! recovery from divergence. A network has a folder of its own, with its citation.

mod checkpoint;
mod config;
mod epoch;
pub mod gru;
mod item_softmax;
mod trainer;
pub mod transformer;
mod validation;

#[cfg(test)]
mod gradient_check;
#[cfg(test)]
mod train_tests;

pub use config::TrainerConfig;
pub use epoch::EpochReport;
pub use item_softmax::SoftmaxMode;
pub use trainer::Trained;
