//! Durable work: import, train, deploy, export; leased, resumable, observable.
//!
//! | you are | call |
//! |---|---|
//! | a starting server | [`recover`], then [`warm_up`] before saying ready, then [`run`] until shutdown |
//! | the command line | [`training::fit`] and [`scoring`], which are free of storage |
//!
//! A job record is the truth and a wake-up only a hint. A job is leased by one commit, walks named steps, and ends in the
//! same commit that makes its result visible; whatever dies in between is started again with nothing half-done to see.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod attribution;
pub mod catalog;
mod context;
mod filters;
mod incremental;
pub mod kinds;
mod leased_job;
mod orphans;
mod runner;
mod s3_files;
pub mod scoring;
pub mod segments;
mod streamed;
pub mod tables;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod training;

pub use context::{JobsCtx, ProgressSink, Settings};
pub use kinds::deploy::{Deployments, WarmUp, warm_up};
pub use leased_job::{LeasedJob, Stop};
pub use runner::{recover, run};
