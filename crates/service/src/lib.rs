//! Every use case that is not latency-critical: one module per resource, plain functions over [`Ctx`].
//!
//! Each create, update and delete reads what its rules need, then commits one
//! [`Transaction`](tastemaker_store::Transaction) whose preconditions are the
//! versions of what it read. A create also rewrites its parents unchanged, so that a deletion or another create that judged the same
//! parents at the same time meets a conflict and judges again: two identical creates give one resource and one
//! "already exists", and no deletion leaves an orphan.

pub mod action_interactions;
pub mod batch_jobs;
pub mod campaigns;
mod context;
pub mod dataset_groups;
pub mod datasets;
pub mod deletion_jobs;
pub mod event_datasets;
mod event_times;
pub mod event_trackers;
pub mod events;
pub mod export_jobs;
pub mod filters;
pub mod iam;
pub mod import_jobs;
mod lookup;
pub mod metric_attributions;
mod paging;
mod parameter_key;
pub mod parameter_store;
mod preferences;
mod quotas;
pub mod recipes;
pub mod recommenders;
pub mod rows;
pub mod scheduler;
pub mod schemas;
pub mod solution_versions;
pub mod solutions;
pub mod tags;
#[cfg(test)]
mod tests;
mod tombstones;
mod tracker_cache;
mod training_data;
mod training_requirements;

pub use context::{Appended, Caller, Ctx, DEPLOY_WAIT_DEFAULT, FilterChange, FiltersChanged, Observe, Recall};
pub use event_times::OddEventTimes;
pub use paging::{Listed, Page};
pub use parameter_key::ParameterKey;
pub use solution_versions::latest as latest_solution_version;
pub use tracker_cache::TrackerCache;
