//! Durable work: imports, trainings, deployments, exports, batch jobs and deletions; leased, resumable, observable.
//!
//! | you are | call |
//! |---|---|
//! | a starting server | [`recover`], then [`Deployer::warm_up`] before saying ready, then [`run`] until shutdown |
//! | the same, for people who look at data | [`keep_statistics`] beside it |
//!
//! A job record is the truth and a wake-up only a hint. A job is leased by one commit, walks named steps, and ends in the
//! same commit that makes its result visible; whatever dies in between is started again with nothing half-done to see.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod arrival;
mod attribution;
mod blobs;
mod buckets;
mod catch_up;
mod context;
mod data_objects;
mod deleted_users;
mod deployer;
mod folded_log;
mod foreign_leases;
mod job_role;
mod job_tracer;
mod kinds;
mod leased_job;
mod low_priority;
mod maintenance;
mod nodes;
mod orphans;
mod progress_log;
mod runner;
mod s3_files;
mod schedule;
mod shown_lists;
mod stages;
mod statistics;
mod stop;
mod streamed;
mod streamed_statistics;
mod tables;
mod tail;
#[cfg(test)]
mod tests;
mod theme_writer;
mod training_memory;

pub use catch_up::CatchUp;
pub use context::{EndSink, JobsCtx, LiveSettings, ProgressSink, Settings};
pub use deployer::{Deployer, WarmUp};
pub use job_tracer::JobTracer;
pub use nodes::{LivingNodes, Nodes};
pub use runner::{recover, run};
pub use shown_lists::ShownLists;
pub use stages::{StageTime, Stages};
pub use statistics::keep_statistics;
pub use tail::{LogStream, Tail};
pub use theme_writer::{ThemeItem, ThemePrompt, ThemeWriter};
pub use training_memory::TrainingMemory;
