//! Training, evaluating and packing a model, and ranked lists and user segments from its files; free of storage.
//!
//! | module | holds |
//! |---|---|
//! | [`fit`] | from a dataset to the files of an artifact: hyperparameter search, training, offline evaluation, refit |
//! | [`catalog`] | the ids, histories and popularity beside a model, as a file of its artifact |
//! | [`scoring`] | ranked lists of items for many users at once, from the files of an artifact |
//! | [`segmentation`] | the users who will most likely want items, from a model of user segments |
//!
//! The train job of a server and `tastemaker learn` are both callers of [`fit::fit`]. Seed, threads, cancellation and the
//! memory that may be used arrive as arguments.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod catalog;
pub mod fit;
pub mod scoring;
pub mod segmentation;
#[cfg(test)]
mod testing;
