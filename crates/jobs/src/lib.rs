//! Durable work: import, train, deploy; leased, resumable, observable.
//!
//! [`training`] and [`scoring`] are free of storage and shared with the command line.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod catalog;
pub mod scoring;
#[cfg(test)]
mod testing;
pub mod training;
